/** Which of an Indexed Job's completions are done, under way, or next. Source: Kubernetes v1.36, pkg/controller/job/indexed_job_utils.go. */
import type { Pod } from '../../objects/types.ts';

export const INDEX_KEY = 'batch.kubernetes.io/job-completion-index';

/** undefined for a pod without one, or with one that is out of range. */
export function indexOf({ metadata }: Pod, completions: number): number | undefined {
  const text = metadata.annotations?.[INDEX_KEY];
  const index = text === undefined || !/^\d+$/.test(text) ? -1 : Number(text);
  return index >= 0 && index < completions ? index : undefined;
}

/** '0,2-4' → {0, 2, 3, 4}; those from `completions` on, and what cannot be read, are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === undefined) continue;
    for (let index = Number(first); index <= Number(last) && index < completions; index++) indexes.add(index);
  }
  return indexes;
}

/** Two in a row stand apart, three are a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const parts: string[] = [];
  const sorted = [...indexes].sort((a, b) => a - b);
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (sorted[to + 1] === sorted[to] + 1) to++;
    if (to === from) parts.push(String(sorted[from]));
    else parts.push(`${sorted[from]}${to === from + 1 ? ',' : '-'}${sorted[to]}`);
    from = to + 1;
  }
  return parts.join(',');
}

/** The lowest that are neither done nor taken. */
export function nextIndexes(
  count: number,
  completions: number,
  done: ReadonlySet<number>,
  taken: Set<number>,
): number[] {
  const next: number[] = [];
  for (let index = 0; index < completions && next.length < count; index++) {
    if (!done.has(index) && !taken.has(index)) next.push(index);
  }
  return next;
}
