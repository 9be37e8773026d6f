/** A thread that picks until it is told to stop, and says between batches that it has passed. */
import { parentPort, workerData } from 'node:worker_threads';
import { Picker, type SharedTables } from '../../core/index.ts';
import { BATCH } from './spread.ts';

export interface PickThreadData {
  shared: SharedTables;
  worker: number;
  services: number;
  /** Batches of batches before it is ready. */
  warmUp: number;
  /** Word 0: 0 wait, 1 pick, 2 stop. Then a word a worker: batches done. */
  board: SharedArrayBuffer;
}

const { shared, worker, services, warmUp, board } = workerData as PickThreadData;
const words = new Int32Array(board);
const picker = new Picker(shared, worker, worker);

/** Answers are used, so that the work is done. */
let answer = 0;

function pickBatch(service: number, seed: number): number {
  let client = Math.imul(seed, 0x9e3779b1);
  let last = 0;
  for (let i = 0; i < BATCH; i++) {
    client = (Math.imul(client, 1664525) + 1013904223) | 0;
    last ^= picker.pick(service, client, seed);
  }
  return last;
}

function pickOften(from: number): void {
  for (let i = 0; i < BATCH; i++) {
    answer ^= pickBatch((from + i) % services, from + i);
    picker.pass();
  }
}

for (let i = 0; i < warmUp; i++) pickOften(i);
parentPort?.postMessage('ready');
for (let i = 0; Atomics.load(words, 0) !== 2; i++) {
  if (Atomics.load(words, 0) === 0) {
    picker.pass();
    continue;
  }
  pickOften(i);
  words[1 + worker] += BATCH;
}
parentPort?.postMessage(answer);
