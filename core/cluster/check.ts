/**
 * Rebuilds every column from the objects and compares: on in tests and in the simulator's checks, off in production.
 * Host ports are a set, so a port that two pods hold may be missing after one of them left; nothing else may differ.
 */
import { Cluster } from './cluster.ts';
import { CPU, MEMORY } from './columns.ts';

/** Every disagreement in words; empty when the columns are what the objects say. */
export function checkCluster(cluster: Cluster): string[] {
  const rebuilt = rebuild(cluster);
  const problems: string[] = [];
  for (let row = 0; row < cluster.rows; row++) {
    const node = cluster.nodeAt(row);
    if ((cluster.columns.exists[row] === 1) !== (node !== undefined)) problems.push(`row ${row}: exists is wrong`);
    if (!node) {
      if (cluster.podsOn(row).length === 0) problems.push(...emptyRowProblems(cluster, row));
      continue;
    }
    const { name } = node.metadata;
    if (cluster.rowOf(name) !== row) problems.push(`${name}: found at row ${cluster.rowOf(name)}, not ${row}`);
    problems.push(
      ...amountProblems(cluster, row, rebuilt, rebuilt.rowOf(name)).map((problem) => `${name}: ${problem}`),
    );
    problems.push(...portProblems(cluster, row).map((problem) => `${name}: ${problem}`));
    for (const { name: column, column: values, at } of cluster.askedColumns()) {
      const expected = at(row, node);
      if (values[row] !== expected) problems.push(`${name}: ${column} is ${values[row]}, not ${expected}`);
    }
  }
  const wide = cluster.columns.wide.subarray(0, cluster.rows).reduce((sum, flag) => sum + flag, 0);
  if (wide !== cluster.wideRows) problems.push(`${cluster.wideRows} wide rows are counted, ${wide} are flagged`);
  return problems;
}

function rebuild(cluster: Cluster): Cluster {
  const rebuilt = new Cluster();
  for (const [, node] of cluster.nodes()) rebuilt.addNode(node);
  for (const { request, row } of cluster.pods()) rebuilt.assume(request.pod, request.key, cluster.nameAt(row));
  return rebuilt;
}

function emptyRowProblems({ columns }: Cluster, row: number): string[] {
  const amounts = [...columns.allocatable, ...columns.requested, ...columns.nonZeroRequested, columns.podCount];
  return amounts.some((column) => column[row] !== 0) ? [`row ${row}: holds amounts but no node`] : [];
}

function amountProblems(cluster: Cluster, row: number, rebuilt: Cluster, other: number): string[] {
  const problems: string[] = [];
  const compare = (what: string, is: number, expected: number): void => {
    if (is !== expected) problems.push(`${what} is ${is}, not ${expected}`);
  };
  const a = cluster.columns;
  const b = rebuilt.columns;
  for (let r = 0; r < a.allocatable.length; r++) {
    const name = cluster.resourceName(r);
    const theirs = name === undefined ? -1 : rebuilt.resourceId(name);
    compare(`allocatable ${name}`, a.allocatable[r][row], b.allocatable[theirs]?.[other] ?? 0);
    compare(`requested ${name}`, a.requested[r][row], b.requested[theirs]?.[other] ?? 0);
  }
  for (const r of [CPU, MEMORY]) compare(`non-zero ${r}`, a.nonZeroRequested[r][row], b.nonZeroRequested[r][other]);
  compare('allowedPods', a.allowedPods[row], b.allowedPods[other]);
  compare('podCount', a.podCount[row], b.podCount[other]);
  compare('podCount of the list', cluster.podsOn(row).length, b.podCount[other]);
  compare('unschedulable', a.unschedulable[row], b.unschedulable[other]);
  compare('wide', a.wide[row], b.wide[other]);
  const taints = JSON.stringify(cluster.taintSet(a.taintSet[row]));
  if (taints !== JSON.stringify(rebuilt.taintSet(b.taintSet[other]))) problems.push(`taints are ${taints}`);
  return problems;
}

function portProblems(cluster: Cluster, row: number): string[] {
  const holders = new Map<number, number>();
  for (const { ports } of cluster.podsOn(row)) {
    for (const { id } of ports) holders.set(id, (holders.get(id) ?? 0) + 1);
  }
  const problems: string[] = [];
  cluster.columns.usedPorts.forEach((word, w) => {
    for (let bit = 0; bit < 32; bit++) {
      const used = (word[row] & (1 << bit)) !== 0;
      if (used && !holders.has(w * 32 + bit)) problems.push(`port ${w * 32 + bit} is taken by nobody`);
    }
  });
  return problems;
}
