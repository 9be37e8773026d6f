/** What a worker thread does: what the main thread orders, answering each order once it is done. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../core/index.ts';
import { Listeners } from './listeners.ts';
import type { Call, ListenFailure, Order, Reply, WorkerStart } from './messages.ts';
import { Thread } from './thread.ts';

assert(parentPort !== null, 'this is started as a worker');
const port = parentPort;
const start = workerData as WorkerStart;
const thread = new Thread(start);
const listeners = new Listeners(thread, start);

port.on('message', ({ call, order }: Call) => {
  if (order.type === 'pass') {
    // Answered in the same turn: the time from a change to its acknowledgement is this.
    thread.picker.pass();
    listeners.cut(order.cut);
    reply(call, []);
    return;
  }
  void obey(order).then((failures) => reply(call, failures));
});

async function obey(order: Exclude<Order, { type: 'pass' }>): Promise<ListenFailure[]> {
  if (order.type === 'stop') {
    await listeners.stop();
    thread.stop();
    return [];
  }
  listeners.close(order.close);
  return listeners.set(order.set);
}

function reply(call: number, failures: readonly ListenFailure[]): void {
  port.postMessage({ call, failures } satisfies Reply);
}
