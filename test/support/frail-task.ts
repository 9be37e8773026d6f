/** A task for sim/pool.ts that fails as often as `fails` says, over all threads, and then gives its number. */
export interface FrailTask {
  task: number;
  how: 'throws' | 'exits';
  fails: number;
  /** [task]: failures so far; shared. */
  failed: Int32Array;
}

export default function frail({ task, how, fails, failed }: FrailTask): number {
  if (Atomics.add(failed, task, 1) >= fails) return task;
  if (how === 'exits') process.exit(3);
  throw new Error(`task ${task} fails`);
}
