/** What a report says, as plain data: filled by the command line, read by page.ts and numbers.ts. */
import type { Frame } from './frame.ts';

/** One policy with one seed. Arrays are of equal length; null where no pod arrived in that percent. */
export interface Run {
  policy: string;
  seed: number;
  /** Of the decision log. */
  hash: string;
  series: Series;
}

/** Metrics over arrived GPU demand, all in percent. Names are those of the published results. */
export interface Series {
  arrived_pct: readonly number[];
  alloc_pct: readonly (number | null)[];
  frag_pct_of_total: readonly (number | null)[];
  frag_pct_of_idle: readonly (number | null)[];
}

export type Metric = 'alloc_pct' | 'frag_pct_of_total' | 'frag_pct_of_idle';

/** One published figure: the mean and standard deviation over its seeds. */
export interface Published {
  policy: string;
  metric: Metric;
  arrivedPct: number;
  mean: number;
  std: number;
}

/** Own beside published. `within` holds when the means differ by at most `tolerance`; absent when nothing is published. */
export interface Comparison {
  workload: string;
  policy: string;
  metric: Metric;
  arrivedPct: number;
  mean: number;
  std: number;
  seeds: number;
  published?: number;
  publishedStd?: number;
  tolerance?: number;
  within?: boolean;
}

export interface ExplainedPod {
  pod: string;
  /** What it asks for, in words. */
  asks: string;
  /** The scheduler's message. */
  message: string;
  /** By plugin and reason, most first: nodes on which it was the first to refuse, and those it refuses by itself. */
  counts: { plugin: string; reason: string; nodes: number; alone: number }[];
  /** A few nodes with their verdict. */
  sample: { node: string; has: string; plugin: string; reasons: string[] }[];
}

export interface Report extends Frame {
  runs: readonly Run[];
  published: readonly Published[];
  /** Published means at every whole percent, by policy; the points of `published` are drawn where there are none. */
  publishedCurves?: Readonly<Record<string, Readonly<Record<Metric, readonly number[]>>>>;
  comparisons: readonly Comparison[];
  explained?: ExplainedPod;
  containers?: ContainerTour;
}

/** An example that was brought up, rolled under load and taken down in real containers. */
export interface ContainerTour {
  /** Of the engine: 'Docker Engine 20.10.24'. */
  engine: string;
  steps: readonly { what: string; tookMs: number }[];
  /** What came of the requests. */
  outcome: string;
}
