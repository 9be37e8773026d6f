/** What a pool of threads tells of itself: apart, so that the library's types need none of Node's. */

/** A worker died, or did not finish what it had begun; its work was done by another thread. */
export interface WorkerReplaced {
  kind: 'workerReplaced';
  worker: number;
  reason: string;
  /** False: too many died in a row, so no new one was started. */
  replaced: boolean;
}
