/**
 * Rebuilds a class from nothing and compares it with what replay made of it: groups, scores and what the groups are judged
 * to be. On in tests, off in production.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodClass } from './pod-class.ts';
import type { RefusedClass } from './refused-class.ts';

/** Searches of the prospects begin at so many nodes, and end after so many candidates. */
const SEARCHES = 8;

/** Every disagreement in words. Both classes are of the same pods, and have caught up. */
export function compareClasses(replayed: PodClass, rebuilt: PodClass, cluster: Cluster): string[] {
  const problems: string[] = [];
  const a = judgedRows(replayed, cluster);
  const b = judgedRows(rebuilt, cluster);
  for (const [row, node] of cluster.nodes()) {
    if (a.get(row) !== b.get(row)) problems.push(`${node.metadata.name}: ${a.get(row)}, not ${b.get(row)}`);
  }
  for (const { path, queue } of replayed.groups.list) {
    const rows = [...cluster.nodes()].filter(([row]) => replayed.groups.of(row)?.queue === queue).length;
    if (rows !== queue.size) problems.push(`group ${path.join()} counts ${queue.size} rows, not ${rows}`);
  }
  return problems;
}

/** The same for what is known of pods that fit nowhere. */
export function compareRefused(replayed: RefusedClass, cluster: Cluster, now: number): string[] {
  const rebuilt = replayed.sibling();
  const [a, b] = [replayed.prospects(now), rebuilt.prospects(now)];
  const problems: string[] = [];
  const compare = (what: string, is: unknown, expected: unknown): void => {
    if (is !== expected) problems.push(`${what} is ${is}, not ${expected}`);
  };
  for (const [n, node] of cluster.nodes()) compare(node.metadata.name, replayed.describe(n), rebuilt.describe(n));
  compare('whether nothing fits', replayed.nothingFits, rebuilt.nothingFits);
  if (replayed.nothingFits) compare('refusals', counted(replayed.refusals().kinds), counted(rebuilt.refusals().kinds));
  compare('the number of potential nodes', a?.potential, b?.potential);
  compare('the rejected', counted(a?.rejected()), counted(b?.rejected()));
  for (let offset = 0; offset < Math.min(SEARCHES, a?.potential ?? 0); offset++) {
    for (let enough = 1; enough <= SEARCHES; enough++) {
      const what = `the best of ${enough} from ${offset} on`;
      compare(what, a?.pick(offset, enough)?.nodeName, b?.pick(offset, enough)?.nodeName);
    }
  }
  return problems;
}

function counted(kinds: Iterable<{ rejection: { reasons: readonly string[] }; nodes: number }> = []): string {
  return Array.from(kinds, ({ rejection, nodes }) => `${nodes} ${rejection.reasons.join()}`)
    .sort()
    .join('; ');
}

/** Row → its total, less the best one; 'refused' by a local and 'filtered' by a cross-node filter. */
function judgedRows(judged: PodClass, cluster: Cluster): Map<number, number | string> {
  judged.judge();
  const { groups } = judged;
  const rows = new Map<number, number | string>();
  let best = -Infinity;
  for (const [row] of cluster.nodes()) {
    const group = groups.of(row);
    const total = group?.passes ? group.shared + groups.scoreOf(row) : undefined;
    rows.set(row, total ?? (group ? 'filtered' : 'refused'));
    if (total !== undefined && total > best) best = total;
  }
  for (const [row, total] of rows) if (typeof total === 'number') rows.set(row, total - best);
  return rows;
}
