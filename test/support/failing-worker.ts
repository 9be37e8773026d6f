/**
 * A worker of the scan that, where WORKER_FAILS says how, fails at the first chunk it gets; otherwise it is the real one.
 * Threads inherit the environment as it is when they are started.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Board } from '../../core/scheduler/scan/parallel/board.ts';
import { chunksOf, type Message, type WorkerData } from '../../core/scheduler/scan/parallel/job.ts';

const how = process.env.WORKER_FAILS;
if (how === undefined) await import('../../core/scheduler/scan/parallel/worker.ts');
else fail();

function fail(): void {
  const { board: buffer, worker, workers } = workerData as WorkerData;
  const board = new Board(workers, buffer);
  for (let seen = 0; ; ) {
    seen = board.sleep(seen);
    const received = parentPort && (receiveMessageOnPort(parentPort) as { message: Message } | undefined);
    const chunk = received ? board.claim(seen, chunksOf(received.message.job)) : -1;
    if (chunk < 0) continue;
    board.own(worker, chunk);
    if (how === 'hangs') for (;;);
    if (how === 'exits') process.exit(1);
    board.fail(chunk);
    throw new Error('out of memory, say');
  }
}
