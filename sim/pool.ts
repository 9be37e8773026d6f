/**
 * Runs independent tasks on worker threads; results come back in the order of the tasks, however many threads work. A task
 * that fails, or whose thread dies, is tried once more: tasks are pure, so its result is the one it would have had.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';

export interface PoolOptions {
  /** A module whose default export takes one task. It reads `data` as piscina's workerData. */
  worker: URL;
  /** Handed to every thread once. */
  data: unknown;
  /** One per core by default. */
  threads?: number;
  /** By default a warning is printed. */
  onEvent?: (event: TaskRetried) => void;
}

/** A task failed, or its thread died and was replaced; it begins anew on a thread that is free. */
export interface TaskRetried {
  kind: 'taskRetried';
  /** Position among the tasks. */
  task: number;
  reason: string;
}

export async function runOnPool<Task, Result>(
  tasks: readonly Task[],
  { worker, data, threads = availableParallelism(), onEvent = warn }: PoolOptions,
  onDone: (result: Result) => void = () => {},
): Promise<Result[]> {
  const count = Math.max(1, Math.min(threads, tasks.length));
  const pool = new Piscina({ filename: worker.href, workerData: data, minThreads: count, maxThreads: count });
  try {
    return await Promise.all(
      tasks.map(async (task, i) => {
        const retry = (error: unknown): Promise<unknown> => {
          onEvent({ kind: 'taskRetried', task: i, reason: error instanceof Error ? error.message : String(error) });
          return pool.run(task);
        };
        const result = (await pool.run(task).catch(retry)) as Result;
        onDone(result);
        return result;
      }),
    );
  } finally {
    await pool.destroy();
  }
}

function warn({ task, reason }: TaskRetried): void {
  process.emitWarning(`task ${task} is tried again: ${reason}`);
}
