/** A run in words, as the table and the page have them. */
import type { ClusterRun } from './result.ts';
import type { PodTimes, Range } from './world/pod-life.ts';
import { spanText } from './world/time-text.ts';

export const CAUSE_WORDS = {
  taint: 'by taints of lost nodes',
  drain: 'by drains',
  preemption: 'by preemption',
  podGarbage: 'with their node',
} as const satisfies Record<keyof ClusterRun['evictions'], string>;

export function timesText({ start, ready, stop }: PodTimes): string {
  return `Pods start in ${rangeText(start)}, are ready ${rangeText(ready)} later, and stop in ${rangeText(stop)}`;
}

export function recoveryText(recoveredMs: number | null): string {
  if (recoveredMs === null) return 'not any more';
  return recoveredMs === 0 ? 'nothing was missing' : spanText(recoveredMs);
}

/** What came of an event, beyond the time it took. */
export function eventNote({ nodes, drained, problem }: ClusterRun['events'][number]): string {
  const notes: string[] = [];
  if (nodes && nodes.length > 0) {
    const more = nodes.length > 6 ? ` and ${nodes.length - 6} more` : '';
    notes.push(`${nodes.slice(0, 6).join(', ')}${more}`);
  }
  if (drained) {
    const refused = drained.refused > 0 ? `, ${drained.refused} times refused by a budget` : '';
    notes.push(`${drained.evicted} pods evicted${refused}`);
  }
  if (problem !== undefined) notes.push(problem);
  return notes.join('; ');
}

/** 'taken by drains 3, by taints of lost nodes 8; …' */
export function disruptionsText({ evictions, reschedules, restarts }: ClusterRun): string {
  const taken = Object.entries(CAUSE_WORDS)
    .map(([cause, words]) => [words, evictions[cause as keyof typeof evictions]] as const)
    .filter(([, count]) => count > 0)
    .map(([words, count]) => `${count} ${words}`);
  const { count, medianMs, longestMs } = reschedules;
  const times = medianMs === null ? '' : ` (median ${spanText(medianMs)}, longest ${spanText(longestMs ?? 0)})`;
  const pods = taken.length > 0 ? `${taken.join(', ')}; ${count} ready in their place${times}` : 'none';
  return `pods taken: ${pods}; containers started anew: ${restarts}`;
}

function rangeText({ fromMs, toMs }: Range): string {
  return fromMs === toMs ? spanText(fromMs) : `${spanText(fromMs)} to ${spanText(toMs)}`;
}
