/**
 * What preemption found out about a cluster's rows, kept for the next preemptor of one of the last few makes: each row's
 * shortage and victims. 25 bytes a row and make, and the lists of victims.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Candidate } from './victim-finder.ts';

/** Preemptors of so many makes are remembered; the least recently seen makes room. */
const MAKES = 4;

/** Rows as preemptors of equal priority and equal amounts see them. */
export class MakeMemory {
  #version = new Uint32Array(0);
  /** [row]: what it lacks with all lesser pods gone (victims-by-sums.ts). */
  #shortage = new Int32Array(0);
  /** [row]: the pods nominated there, when it was learnt. */
  readonly #guests: (readonly PodRequest[] | undefined)[] = [];
  /** [row]: by amounts alone and without budgets; `now` where a victim without a start time made it depend on that. */
  readonly #candidates: ({ candidate: Candidate; now: number | undefined } | undefined)[] = [];

  makeRoom(rows: number): void {
    if (this.#version.length >= rows) return;
    const [version, shortage] = [new Uint32Array(rows * 2), new Int32Array(rows * 2)];
    version.set(this.#version);
    shortage.set(this.#shortage);
    this.#version = version;
    this.#shortage = shortage;
  }

  /** Undefined when the row or its guests have changed since. A row in use has a version above 0. */
  shortage(row: number, version: number, guests: readonly PodRequest[]): number | undefined {
    return this.#version[row] === version && this.#guests[row] === guests ? this.#shortage[row] : undefined;
  }

  learn(row: number, version: number, guests: readonly PodRequest[], shortage: number): void {
    this.#version[row] = version;
    this.#guests[row] = guests;
    this.#shortage[row] = shortage;
    this.#candidates[row] = undefined;
  }

  /** Of a row whose shortage is known and 0. */
  candidate(row: number, now: number): Candidate | undefined {
    const known = this.#candidates[row];
    return known && (known.now === undefined || known.now === now) ? known.candidate : undefined;
  }

  keep(row: number, candidate: Candidate, now: number | undefined): void {
    this.#candidates[row] = { candidate, now };
  }
}

export class EvictionMemory {
  readonly #makes = new Map<string, MakeMemory>(); // In order of last use, oldest first.

  make(key: string, rows: number): MakeMemory {
    let make = this.#makes.get(key);
    if (make) {
      this.#makes.delete(key);
    } else {
      make = new MakeMemory();
      const [oldest] = this.#makes.keys();
      if (this.#makes.size === MAKES) this.#makes.delete(oldest);
    }
    this.#makes.set(key, make);
    make.makeRoom(rows);
    return make;
  }
}

const memories = new WeakMap<Cluster, EvictionMemory>();

/** One for each cluster. */
export function evictionMemoryOf(cluster: Cluster): EvictionMemory {
  let memory = memories.get(cluster);
  if (!memory) memories.set(cluster, (memory = new EvictionMemory()));
  return memory;
}
