/**
 * Benchmarks of the cluster's state rather than of decisions: figures with a name and a unit. Each run has a process of its
 * own, so that nothing is warm and the heap is its own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type ColumnBytes, measureColumns } from './columns.ts';
import type { ClusterSize } from './filled-cluster.ts';
import { type Spread, spreadOf } from './measure.ts';
import { type Restarted, restart, type Saved, saveState } from './restart.ts';

export interface Figure extends Spread {
  name: string;
  unit: 'ms' | 'bytes';
  /** What the project set out to reach: no more than this. */
  reach?: number;
}

export interface StateMeasured extends ClusterSize {
  benchmark: string;
  figures: Figure[];
  /** The restarted scheduler decides as the one that went on would have. */
  verified: boolean;
}

export interface StateBench {
  name: string;
  about: string;
  size: ClusterSize;
}

/** What a process is asked to do. */
export type Task =
  | { step: 'save'; size: ClusterSize; file: string }
  | { step: 'restart'; file: string }
  | { step: 'columns'; size: ClusterSize };

export interface StatePlan {
  runs: number;
  /** A small cluster, in this process. */
  quick: boolean;
}

const FULL: ClusterSize = { nodes: 5000, pods: 140_000 };
const SMALL: ClusterSize = { nodes: 20, pods: 200 };
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT = 1 << 20;

const BENCHES: readonly StateBench[] = [
  { name: 'Restart', about: 'from the bytes of a snapshot to the first decision, in a fresh process', size: FULL },
  { name: 'Columns', about: 'live memory of the packed cluster, by node and by pod', size: FULL },
];

/** Those whose names hold every word, in whatever case. */
export function selectStateBenches(words: readonly string[], quick: boolean): StateBench[] {
  const meant = BENCHES.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word.toLowerCase())));
  return quick ? meant.map((bench) => ({ ...bench, size: SMALL })) : meant;
}

export function stateBenchNames(): string[] {
  return BENCHES.map(({ name }) => name);
}

export function measureState({ name, size }: StateBench, plan: StatePlan): StateMeasured {
  return name === 'Restart' ? measureRestart(size, plan) : measureMemory(size, plan);
}

function measureRestart(size: ClusterSize, { runs, quick }: StatePlan): StateMeasured {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-restart-'));
  try {
    const file = join(folder, 'state.bin');
    const perform = quick ? doTask : doTaskApart;
    const saved = Array.from({ length: runs }, () => perform({ step: 'save', size, file }) as Saved);
    const restarted = Array.from({ length: runs }, () => perform({ step: 'restart', file }) as Restarted);
    const figures: Figure[] = [
      figure(
        'to the first decision',
        'ms',
        restarted.map(({ firstDecisionMs }) => firstDecisionMs),
        500,
      ),
      figure(
        'of that: loading',
        'ms',
        restarted.map(({ loadMs }) => loadMs),
      ),
      figure(
        'writing',
        'ms',
        saved.map(({ saveMs }) => saveMs),
      ),
      figure(
        'snapshot',
        'bytes',
        saved.map(({ bytes }) => bytes),
      ),
    ];
    const [{ host }] = saved;
    return { benchmark: 'Restart', ...size, figures, verified: restarted.every((one) => one.host === host) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measureMemory(size: ClusterSize, { runs, quick }: StatePlan): StateMeasured {
  const perform = quick ? doTask : doTaskApart;
  const measured = Array.from({ length: runs }, () => perform({ step: 'columns', size }) as ColumnBytes);
  const of = (name: string, field: keyof ColumnBytes, reach?: number): Figure =>
    figure(
      name,
      'bytes',
      measured.map((one) => one[field]),
      reach,
    );
  const figures = [
    of('a node: columns', 'columns', 128),
    of('a node: columns, with two labels and a selector', 'columnsAsked'),
    of('a node: columns, with room to grow', 'columnsTaken'),
    of('a node: books on the heap', 'nodeBooks'),
    of('a node: its object', 'nodeObject'),
    of('a pod: books on the heap', 'podBooks', 64),
    of('a pod: its object', 'podObject'),
  ];
  return { benchmark: 'Columns', ...size, figures, verified: true };
}

function figure(name: string, unit: Figure['unit'], values: readonly number[], reach?: number): Figure {
  return { name, unit, ...spreadOf(values), ...(reach !== undefined && { reach }) };
}

export function doTask(task: Task): Saved | Restarted | ColumnBytes {
  switch (task.step) {
    case 'save':
      return saveState(task.size, task.file);
    case 'restart':
      return restart(task.file);
    case 'columns':
      return measureColumns(task.size);
  }
}

/** @throws when the process fails, with what it said. */
function doTaskApart(task: Task): Saved | Restarted | ColumnBytes {
  const script = join(import.meta.dirname, `state-process${extname(import.meta.filename)}`);
  const { stdout, stderr, status, error } = spawnSync(process.execPath, [script, JSON.stringify(task)], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT,
  });
  if (status !== 0) throw new Error(`${task.step}: ${error?.message ?? `exit code ${status}`}\n${stderr.trimEnd()}`);
  return JSON.parse(stdout) as Saved | Restarted | ColumnBytes;
}
