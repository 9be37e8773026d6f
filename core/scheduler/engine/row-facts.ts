/**
 * What the amounts kernel reads of a row, side by side: one cache line a row, written once for all classes when the row
 * changes. Of no meaning on wide rows.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { type Columns, CPU, MEMORY } from '../../cluster/columns.ts';
import { MAX_NODE_SCORE } from '../framework.ts';

/** Numbers of a row, by their place. */
export const FACTS = 8;
export const CAPACITY_CPU = 0;
export const CAPACITY_MEMORY = 1;
export const USED_CPU = 2;
export const USED_MEMORY = 3;
/** With stand-ins. */
export const COUNTED_CPU = 4;
export const COUNTED_MEMORY = 5;
/** How evenly cpu and memory are used, 50 to 100; 0 where the node lacks one of them, which no other node has. */
export const BALANCE = 6;
/** Pods that may still come. */
export const ROOM = 7;

export class RowFacts {
  readonly #cluster: Cluster;
  /** [row * FACTS + place]. Read it anew after each sync. */
  facts = new Float64Array(0);
  /** Rows that hold a node, ascending. Read it anew after each sync. */
  rows = new Int32Array(0);
  #nodeEvents = -1;
  #scores = new Float64Array(0);
  #position = -1;
  #generation = -1;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
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
      const facts = new Float64Array(rows * FACTS * 2);
      facts.set(this.facts);
      this.facts = facts;
    }
    if (from >= 0 && log.reaches(from)) {
      for (let p = from; p < log.position; p++) this.#write(log.rowAt(p), columns);
    } else {
      for (let n = 0; n < rows; n++) this.#write(n, columns);
    }
  }

  #listRows(): void {
    const { rows, columns, nodeCount } = this.#cluster;
    this.rows = new Int32Array(nodeCount);
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
    facts[at + CAPACITY_CPU] = cpu;
    facts[at + CAPACITY_MEMORY] = memory;
    facts[at + USED_CPU] = usedCpu;
    facts[at + USED_MEMORY] = usedMemory;
    facts[at + COUNTED_CPU] = nonZeroRequested[CPU][n];
    facts[at + COUNTED_MEMORY] = nonZeroRequested[MEMORY][n];
    facts[at + BALANCE] = cpu === 0 || memory === 0 ? 0 : balanceOf(usedCpu / cpu, usedMemory / memory);
    facts[at + ROOM] = allowedPods[n] - podCount[n];
  }
}

/** 100 when both shares of the node are equal, less the wider they lie apart: NodeResourcesBalancedAllocation of two. */
export function balanceOf(cpu: number, memory: number): number {
  const apart = (cpu > 1 ? 1 : cpu) - (memory > 1 ? 1 : memory);
  return ((1 - Math.abs(apart / 2)) * MAX_NODE_SCORE) | 0;
}
