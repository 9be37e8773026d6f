/** One figure of the API's benchmarks, and how the parts that measure are called. */
import { type Spread, spreadOf } from '../balancer/spread.ts';

export interface Row extends Spread {
  what: string;
  unit: string;
  /** Issue 5's; undefined for what stands beside. */
  toReach?: { value: number; isLeast: boolean };
  /** Of each run, as they came. */
  runs: readonly number[];
}

export interface Sizes {
  runs: number;
  /** Made-up nodes. */
  nodes: number;
  pods: number;
  /** Pods that a server finds when it starts. */
  held: number;
  watchers: number;
  restMs: number;
}

/** A part is some rows that are measured together, within a minute or so. */
export type Part = (sizes: Sizes) => Promise<Row[]>;

export function row(what: string, unit: string, runs: readonly number[], toReach?: Row['toReach']): Row {
  return { what, unit, ...spreadOf(runs), toReach, runs };
}

export const atLeast = (value: number) => ({ value, isLeast: true });
export const atMost = (value: number) => ({ value, isLeast: false });

/** How many a second. @param one is told which it is, from 0. */
export async function rate(count: number, underWay: number, one: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const began = performance.now();
  const work = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: underWay }, work));
  return count / ((performance.now() - began) / 1_000);
}

/** `times` runs, one after the other. */
export async function repeated<T>(times: number, run: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await run(i));
  return results;
}
