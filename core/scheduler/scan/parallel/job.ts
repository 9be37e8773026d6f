/** What a worker is told: the job, and whatever it reads or writes that has changed since it was last told. */
import type { Capacities } from '../../../cluster/columns.ts';
import type { JudgedClass, SharedFacts } from '../../engine/judged-class.ts';
import type { PluginArgs } from '../../profile.ts';
import type { SharedRoom } from '../room/memory.ts';
import type { Outputs } from '../scratch.ts';

export interface Kernel {
  plugin: string;
  facts: unknown;
  /** Filters: what is written for a refused row. Scores: the slot that is written. */
  into: number;
}

export interface Job {
  number: number;
  work: Work;
  /** Rows, feasible nodes, or pieces of classes. */
  length: number;
  /** How many of them make a chunk. */
  chunk: number;
  nodeCount: number;
}

/** What is done for a range of rows, or of feasible nodes. */
export type Work =
  | { pass: 'filter' | 'score'; kernels: readonly Kernel[] }
  /** The one pass over cpu and memory; with `most`, MostAllocated. Its ranges begin at even rows. */
  | { pass: 'room'; most: boolean }
  /** Rows of classes that the engine builds: each is cut into so many pieces, and the i-th is piece i % pieces. */
  | { pass: 'classes'; classes: readonly JudgedClass[]; pieces: number; rows: number };

export interface Message {
  job: Job;
  /** The generation of columns to attach. */
  columns?: { capacities: Readonly<Capacities>; buffer: SharedArrayBuffer };
  /** The arguments that plugins are made with. */
  args?: PluginArgs;
  outputs?: Outputs;
  room?: SharedRoom;
  facts?: SharedFacts;
}

/** What a worker is started with. */
export interface WorkerData {
  board: SharedArrayBuffer;
  worker: number;
  workers: number;
}

export function chunksOf({ length, chunk }: Job): number {
  return Math.ceil(length / chunk);
}
