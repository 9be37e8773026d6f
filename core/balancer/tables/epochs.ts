/**
 * When replaced memory may be used again: each publication has an epoch, each worker says up to which epoch it has passed
 * (it has finished all picks begun before), and what was replaced at an epoch is free once all workers have passed it.
 * A worker that does not pass is waited for no longer than the grace time, then reported once: it is to be replaced.
 */
import { assert } from '../../assert.ts';
import { EPOCH, workerEpoch } from './layout.ts';

interface Retired {
  epoch: number;
  block: number;
  words: number;
}

export class Epochs {
  readonly #control: Int32Array;
  readonly #workers: number;
  readonly #graceUs: number;
  readonly #onStalled: (worker: number, epoch: number) => void;
  readonly #retired: Retired[] = [];
  /** How many of `#retired` from its beginning are freed already. */
  #freed = 0;
  /** By worker: the epoch it has to pass, since when, and whether it was reported. */
  readonly #awaited: { epoch: number; sinceUs: number; reported: boolean }[];

  constructor(
    control: Int32Array,
    workers: number,
    graceUs: number,
    onStalled: (worker: number, epoch: number) => void,
  ) {
    this.#control = control;
    this.#workers = workers;
    this.#graceUs = graceUs;
    this.#onStalled = onStalled;
    this.#awaited = Array.from({ length: workers }, () => ({ epoch: 0, sinceUs: 0, reported: false }));
    this.#control[EPOCH] = 1;
  }

  get current(): number {
    return this.#control[EPOCH];
  }

  /** After what was published became visible. Returns the epoch that workers have to pass. */
  advance(): number {
    return Atomics.add(this.#control, EPOCH, 1) + 1;
  }

  /** A place for a worker; -1 where all are taken. */
  join(): number {
    for (let worker = 0; worker < this.#workers; worker++) {
      if (this.#control[workerEpoch(worker)] !== 0) continue;
      Atomics.store(this.#control, workerEpoch(worker), this.current);
      this.#awaited[worker] = { epoch: 0, sinceUs: 0, reported: false };
      return worker;
    }
    return -1;
  }

  /** The worker has ended: it reads nothing any more. */
  leave(worker: number): void {
    assert(this.isThere(worker), () => `no worker ${worker} to leave`);
    Atomics.store(this.#control, workerEpoch(worker), 0);
  }

  isThere(worker: number): boolean {
    return this.#control[workerEpoch(worker)] !== 0;
  }

  /** All workers have passed this epoch. */
  passed(): number {
    let least = this.current;
    for (let worker = 0; worker < this.#workers; worker++) {
      const epoch = Atomics.load(this.#control, workerEpoch(worker));
      if (epoch !== 0 && epoch < least) least = epoch;
    }
    return least;
  }

  /** The block was replaced by what `epoch` (the result of `advance`) made visible. */
  retire(epoch: number, block: number, words: number): void {
    this.#retired.push({ epoch, block, words });
  }

  get waiting(): readonly Retired[] {
    return this.#retired.slice(this.#freed);
  }

  /** Hands out what nobody reads any more, and reports who has not passed for the grace time. */
  collect(nowUs: number, free: (block: number, words: number) => void): void {
    const passed = this.passed();
    for (; this.#freed < this.#retired.length && this.#retired[this.#freed].epoch <= passed; this.#freed++) {
      const { block, words } = this.#retired[this.#freed];
      free(block, words);
    }
    if (this.#freed > 1024 && this.#freed * 2 > this.#retired.length) {
      this.#retired.splice(0, this.#freed);
      this.#freed = 0;
    }
    for (let worker = 0; worker < this.#workers; worker++) if (this.isThere(worker)) this.#watch(worker, nowUs);
  }

  #watch(worker: number, nowUs: number): void {
    const awaited = this.#awaited[worker];
    const epoch = Atomics.load(this.#control, workerEpoch(worker));
    if (epoch >= awaited.epoch) {
      awaited.epoch = this.current;
      awaited.sinceUs = nowUs;
      awaited.reported = false;
    } else if (nowUs - awaited.sinceUs >= this.#graceUs && !awaited.reported) {
      awaited.reported = true;
      this.#onStalled(worker, epoch);
    }
  }
}
