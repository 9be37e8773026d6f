/** Runs independent tasks on worker threads; results come back in the order of the tasks, however many threads work. */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';

export interface PoolOptions {
  /** A module whose default export takes one task. It reads `data` as piscina's workerData. */
  worker: URL;
  /** Handed to every thread once. */
  data: unknown;
  /** One per core by default. */
  threads?: number;
}

export async function runOnPool<Task, Result>(
  tasks: readonly Task[],
  { worker, data, threads = availableParallelism() }: PoolOptions,
  onDone: (result: Result) => void = () => {},
): Promise<Result[]> {
  const count = Math.max(1, Math.min(threads, tasks.length));
  const pool = new Piscina({ filename: worker.href, workerData: data, minThreads: count, maxThreads: count });
  try {
    return await Promise.all(
      tasks.map(async (task) => {
        const result = (await pool.run(task)) as Result;
        onDone(result);
        return result;
      }),
    );
  } finally {
    await pool.destroy();
  }
}
