/** Puts runs of an OpenB workload into a report: cards, curves, comparison, one rejected pod, how to do it again. */
import manifest from '../../package.json' with { type: 'json' };
import type { OpenbRun } from '../../sim/openb/run.ts';
import type { OpenbResult } from '../../sim/openb/worker.ts';
import { meanOf, policiesOf } from '../../sim/report/numbers.ts';
import type { Comparison, ExplainedPod, Published, Report } from '../../sim/report/report.ts';
import type { OpenbTrace } from '../../sim/traces/openb.ts';
import { seedsAsText } from './openb-output.ts';

export interface ReportParts {
  /** What the pods and nodes are, in a few words. */
  workload: string;
  trace: OpenbTrace;
  runs: readonly OpenbRun[];
  seeds: readonly number[];
  threads: number;
  tookMs: number;
  published: readonly Published[];
  publishedCurves?: Report['publishedCurves'];
  comparisons: readonly Comparison[];
  explained?: ExplainedPod;
  command: string;
  origin: string[];
}

/** The pod to explain: that of the default profile, whose plugins are the most, or else of any policy. */
export function rejectedOf(runs: readonly OpenbResult[]): ExplainedPod | undefined {
  return (
    runs.find(({ policy, rejected }) => policy === 'Default' && rejected) ?? runs.find(({ rejected }) => rejected)
  )?.rejected;
}

export function openbReport(parts: ReportParts, now: Date): Report {
  const { trace, runs, seeds, published, comparisons, explained, command, origin } = parts;
  const gpus = trace.nodes.reduce((sum, node) => sum + node.gpus, 0);
  const policies = policiesOf(runs);
  return {
    title: 'GPU cluster, policy by policy',
    summary:
      `${parts.workload}: ${count(trace.nodes.length)} nodes with ${count(gpus)} GPUs, and pods that ask for 130 % of them, ` +
      `under ${list(policies)}. Each decision was made by Keelson` +
      (published.length > 0 ? '; beside them stand the figures that the authors of FGD published.' : '.'),
    madeAt: now.toISOString(),
    cards: cards(parts, gpus),
    runs,
    published: published.filter(({ policy }) => policies.includes(policy as OpenbRun['policy'])),
    publishedCurves: parts.publishedCurves,
    comparisons,
    explained,
    reproduce: [command],
    origin: [...origin, `keelson ${manifest.version}, Node ${process.versions.node}, seeds ${seedsAsText(seeds)}.`],
  };
}

function cards({ trace, runs, seeds, threads, tookMs, comparisons }: ReportParts, gpus: number): Report['cards'] {
  const judged = comparisons.filter(({ within }) => within !== undefined);
  const within = judged.filter((row) => row.within).length;
  const decisions = runs.reduce((sum, { arrived }) => sum + arrived, 0);
  const models = new Set(trace.nodes.map(({ model }) => model).filter(Boolean)).size;
  const cards = [
    { label: 'Nodes', value: count(trace.nodes.length), note: `${count(gpus)} GPUs of ${models} models` },
    {
      label: 'Pods',
      value: count(Math.round(meanOf(runs.map(({ arrived }) => arrived)))),
      note: 'arrive in a run, on average',
    },
    { label: 'Runs', value: count(runs.length), note: `${policiesOf(runs).length} policies × ${seeds.length} seeds` },
    { label: 'Decisions', value: count(decisions), note: `in ${(tookMs / 1000).toFixed(1)} s on ${threads} threads` },
    { label: 'Seeds', value: seedsAsText(seeds), note: 'every random choice comes from them' },
  ];
  const verdict = {
    label: 'As published',
    value: `${within} of ${judged.length}`,
    note: 'within max(0.5 points, 2 std)',
  };
  return judged.length > 0 ? [...cards, verdict] : cards;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}
