/** A cluster over time as tables. */
import { disruptionsText, eventNote, recoveryText, timesText } from '../../sim/cluster/describe.ts';
import type { ClusterRun } from '../../sim/cluster/result.ts';
import { sinceText, spanText } from '../../sim/cluster/world/time-text.ts';
import { wrap } from './help.ts';
import { formatTable } from './table.ts';

const MOST_WAITING = 20;
const EVENT_HEAD = ['at', 'event', 'whole again after', 'what came of it'];
const WORKLOAD_HEAD = ['workload', 'asked for', 'serving', 'fewest', 'most pods', 'too few for', 'missing'];
const RIGHT = ['left', 'right', 'right', 'right', 'right', 'right', 'right'] as const;

export function clusterText(run: ClusterRun, width: number): string {
  const { nodes, workloads, durationMs, log, hash } = run;
  const parts = [
    `${nodes} nodes, ${workloads.length} workloads, ${spanText(durationMs)}. ${timesText(run.times)}.`,
    ...(run.events.length > 0 ? [formatTable(EVENT_HEAD, run.events.map(eventRow), width).trimEnd()] : []),
    ...(workloads.length > 0
      ? [`${formatTable(WORKLOAD_HEAD, workloads.map(workloadRow), width, RIGHT)}${LEGEND}`]
      : []),
    ...(run.waiting.length > 0 ? [waitingText(run, width)] : []),
    [
      ...wrap(disruptionsText(run), width),
      ...limitsText(run),
      `decisions ${hash} (${log.length.toLocaleString('en')})`,
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

const LEGEND =
  'serving: ready, and the node has power, at the end; fewest of them since all served for the first time;\n' +
  'missing: pod minutes without a serving pod that was asked for';

function eventRow(event: ClusterRun['events'][number]): string[] {
  return [sinceText(event.atMs), event.text, recoveryText(event.recoveredMs), eventNote(event)];
}

function workloadRow(one: ClusterRun['workloads'][number]): string[] {
  const { name, desired, serving, leastServing, mostPods, lackingMs, missingPodMs } = one;
  const counts = [desired, serving, leastServing ?? '-', mostPods].map(String);
  return [name, ...counts, spanText(lackingMs), (missingPodMs / 60_000).toFixed(1)];
}

function waitingText({ waiting }: ClusterRun, width: number): string {
  const rows = waiting.slice(0, MOST_WAITING).map(({ pod, why }) => [pod, why]);
  const more = waiting.length > rows.length ? `and ${waiting.length - rows.length} more\n` : '';
  return `${formatTable(['waits for a node', 'why'], rows, width)}${more}`.trimEnd();
}

export function isWithinLimits({ violations }: ClusterRun): boolean {
  return Object.values(violations).every((words) => words.length === 0);
}

function limitsText(run: ClusterRun): string[] {
  if (isWithinLimits(run)) return ['maxSurge, maxUnavailable and disruption budgets were kept'];
  const names = { maxSurge: 'maxSurge', maxUnavailable: 'maxUnavailable', disruptionBudgets: 'disruption budgets' };
  return Object.entries(names).flatMap(([name, words]) => {
    const passed = run.violations[name as keyof ClusterRun['violations']];
    return passed.length > 0 ? [`${words} passed ${passed.length} times, first: ${passed[0]}`] : [];
  });
}
