/**
 * A thread that picks as fast as it can and checks each answer. It is given the tables, its place, the services it picks
 * from and, by endpoint, whether the writer had the endpoint's removal acknowledged: such a pick is wrong.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { NO_ENDPOINT, Picker } from '../../core/balancer/pick/picker.ts';
import { OWNER, type SharedTables, SLOT_WORDS } from '../../core/balancer/tables/layout.ts';

export interface PickWorkerData {
  shared: SharedTables;
  worker: number;
  services: number[];
  /** By endpoint; 1: removed and acknowledged. */
  gone: SharedArrayBuffer;
  /** Word 0: 1 to stop. Then two words a worker: picks done (it wraps), wrong ones. */
  board: SharedArrayBuffer;
  /** Never says that it has passed. */
  stalls?: boolean;
}

const { shared, worker, services, gone, board, stalls } = workerData as PickWorkerData;
const removed = new Int32Array(gone);
const words = new Int32Array(board);
const picker = new Picker(shared, worker, worker + 1);
const BATCH = 64;

parentPort?.postMessage('picking');
for (let i = 0; Atomics.load(words, 0) === 0; i++) {
  const service = services[i % services.length];
  for (let k = 0; k < BATCH; k++) {
    const id = picker.pick(service, Math.imul(i * BATCH + k, 0x9e3779b1), i);
    if (id === NO_ENDPOINT) continue;
    const wrong = Atomics.load(removed, id) === 1 || picker.reader.slots[SLOT_WORDS * id + OWNER] !== service + 1;
    if (wrong) Atomics.add(words, 2 + 2 * worker, 1);
  }
  Atomics.add(words, 1 + 2 * worker, BATCH);
  if (!stalls) picker.pass();
}
