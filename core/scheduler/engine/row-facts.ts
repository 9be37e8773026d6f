/**
 * What the amounts kernel reads of a row, side by side: one cache line a row, written once for all classes when the row
 * changes. Of no meaning on wide rows.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { type Columns, CPU, MEMORY } from '../../cluster/columns.ts';
import { balanceOfTwo } from '../plugins/node-resources-balanced-allocation.ts';
import { MAX_CAPACITY, percentOf } from '../scan/room/pass.ts';
import {
  BALANCE,
  FACTS,
  FREE_CPU,
  FREE_MEMORY,
  LEFT_CPU,
  LEFT_MEMORY,
  PER_CPU,
  PER_MEMORY,
  ROOM,
} from './amounts-kernel.ts';
import type { SharedFacts } from './judged-class.ts';

export class RowFacts {
  readonly #cluster: Cluster;
  readonly #isShared: boolean;
  /** [row * FACTS + place]. Read it anew after each sync. */
  facts = new Float64Array(0);
  /** Rows that hold a node, ascending. Read it anew after each sync. */
  rows = new Int32Array(0);
  #nodeEvents = -1;
  #scores = new Float64Array(0);
  #position = -1;
  #generation = -1;
  #shared: SharedFacts = { facts: this.facts, rows: this.rows };

  /** @param shared for other threads, too. */
  constructor(cluster: Cluster, { shared = false } = {}) {
    this.#cluster = cluster;
    this.#isShared = shared;
  }

  /** The present arrays; the same object as long as they are the same. */
  get shared(): SharedFacts {
    const { facts, rows } = this;
    if (this.#shared.facts !== facts || this.#shared.rows !== rows) this.#shared = { facts, rows };
    return this.#shared;
  }

  /** Room for so many scores, for whoever judges rows; valid until it is asked again. */
  scratch(count: number): Float64Array {
    if (this.#scores.length < count) this.#scores = new Float64Array(2 * count);
    return this.#scores;
  }

  /** Follows the change log; before each decision. */
  sync(): void {
    const { log, rows, generation, columns, nodeEvents } = this.#cluster;
    const from = this.#position;
    if (from === log.position && generation === this.#generation) return;
    this.#position = log.position;
    if (nodeEvents !== this.#nodeEvents) this.#listRows();
    this.#nodeEvents = nodeEvents;
    this.#generation = generation;
    if (this.facts.length < rows * FACTS) {
      const facts = new Float64Array(this.#bytes(8 * rows * FACTS * 2));
      facts.set(this.facts);
      this.facts = facts;
    }
    if (from >= 0 && log.reaches(from)) {
      for (let p = from; p < log.position; p++) this.#write(log.rowAt(p), columns);
    } else {
      for (let n = 0; n < rows; n++) this.#write(n, columns);
    }
  }

  #bytes(count: number): ArrayBuffer {
    // Typed arrays take either; their type only knows the one.
    return this.#isShared ? (new SharedArrayBuffer(count) as unknown as ArrayBuffer) : new ArrayBuffer(count);
  }

  #listRows(): void {
    const { rows, columns, nodeCount } = this.#cluster;
    this.rows = new Int32Array(this.#bytes(4 * nodeCount));
    let count = 0;
    for (let n = 0; n < rows; n++) if (columns.exists[n] !== 0) this.rows[count++] = n;
  }

  #write(n: number, { allocatable, requested, nonZeroRequested, allowedPods, podCount }: Columns): void {
    const { facts } = this;
    const at = n * FACTS;
    const cpu = allocatable[CPU][n];
    const memory = allocatable[MEMORY][n];
    const usedCpu = requested[CPU][n];
    const usedMemory = requested[MEMORY][n];
    const odd = !isPlain(cpu) || !isPlain(memory);
    facts[at + FREE_CPU] = cpu - usedCpu;
    facts[at + FREE_MEMORY] = memory - usedMemory;
    facts[at + LEFT_CPU] = cpu - nonZeroRequested[CPU][n];
    facts[at + LEFT_MEMORY] = memory - nonZeroRequested[MEMORY][n];
    facts[at + PER_CPU] = odd ? 0 : percentOf(cpu);
    facts[at + PER_MEMORY] = odd ? 0 : percentOf(memory);
    facts[at + BALANCE] = odd ? 0 : balanceOfTwo(Math.min(1, usedCpu / cpu), Math.min(1, usedMemory / memory));
    facts[at + ROOM] = allowedPods[n] - podCount[n];
  }
}

/** Neither nothing nor beyond what the arithmetic of pass.ts is exact for. */
function isPlain(amount: number): boolean {
  return amount > 0 && amount <= MAX_CAPACITY;
}
