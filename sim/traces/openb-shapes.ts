/**
 * The project's own OpenB table: shapes and how many of each, derived from the trace by derive-openb.ts, and the means
 * and deviations its authors published for it. Names are made up; order carries no meaning, as every run shuffles.
 */
import { readFileSync } from 'node:fs';
import type { OpenbNode, OpenbPod, OpenbTrace } from './openb.ts';

export interface OpenbShapes {
  origin: string;
  licence: string;
  /** [count, cpu milli, memory MiB, GPUs, model] */
  nodes: [number, number, number, number, string][];
  /** [count, cpu milli, memory MiB, GPUs, milli of each] */
  pods: [number, number, number, number, number][];
}

export const METRICS = ['alloc_pct', 'frag_pct_of_total', 'frag_pct_of_idle'] as const;
export type Metric = (typeof METRICS)[number];

/** One published curve: ten seeds, population deviation. */
export interface PublishedCurve {
  mean: number[];
  std: number[];
}
export interface OpenbPublished {
  origin: string;
  licence: string;
  workload: string;
  /** Where on the axis of arrived demand the curves have their points. */
  arrived_pct: number[];
  policies: Record<string, Record<Metric, PublishedCurve>>;
  /** Means at every whole percent from 0 to 130, for drawing. */
  curves: Record<string, Record<Metric, number[]>>;
}

export function openbShapes(): OpenbShapes {
  return readJson('openb-shapes.json') as OpenbShapes;
}

/** What the authors published for the `default` pod list. */
export function openbPublished(): OpenbPublished {
  return readJson('openb-published.json') as OpenbPublished;
}

/** Nodes and pods of the built-in table: 1,213 nodes, 6,212 GPUs, 8,152 pods. */
export function openbTrace(shapes: OpenbShapes = openbShapes()): OpenbTrace {
  const nodes: OpenbNode[] = [];
  for (const [count, cpuMilli, memoryMib, gpus, model] of shapes.nodes) {
    for (let i = 0; i < count; i++) {
      nodes.push({ name: numbered('openb-node', nodes.length), cpuMilli, memoryMib, gpus, model });
    }
  }
  const pods: OpenbPod[] = [];
  for (const [count, cpuMilli, memoryMib, gpus, gpuMilli] of shapes.pods) {
    for (let i = 0; i < count; i++) {
      pods.push({ name: numbered('openb-pod', pods.length), cpuMilli, memoryMib, gpus, gpuMilli, models: [] });
    }
  }
  return { nodes, pods };
}

function numbered(prefix: string, index: number): string {
  return `${prefix}-${String(index).padStart(4, '0')}`;
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}
