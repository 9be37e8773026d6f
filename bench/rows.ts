/** Which rows a workload has, and which of all rows a user's words mean. */
import { labelOf, type Row } from './measure.ts';
import { cutOf, WORKLOADS, type Workload } from './workloads.ts';
import type { BenchDecider } from './world.ts';

/** Nodes times pods for the reference: it takes some 3 µs a node, and a few pods are enough for a rate. */
const REFERENCE_NODE_PODS = 50_000;

/** Engine and scan; where kube-scheduler was measured, the scan that samples as it did, and both floors as well. */
export function rowsOf(workload: Workload): Row[] {
  const { nodes, measured, scanPods, like } = workload;
  const row = (decider: BenchDecider, pods: number, sampled = false): Row => {
    return { workload, decider, sampled, pods, threads: 1 };
  };
  const rows = [row('engine', measured.pods), row('scan', scanPods)];
  if (like !== undefined) return rows;
  const referencePods = Math.max(2, Math.min(scanPods, Math.round(REFERENCE_NODE_PODS / nodes)));
  rows.push(row('scan', measured.pods, true), row('reference', referencePods), row('floor', measured.pods));
  return rows;
}

/**
 * Rows that hold every word in 'WORKLOAD, DECIDER', in whatever case; without words all of them. A whole name means that
 * workload and not those whose names begin with it. Workloads that run only by name need it, unless all are cut.
 */
export function selectRows(words: readonly string[], cut: boolean): Row[] {
  const wanted = words.map((word) => word.toLowerCase());
  const names = new Set(WORKLOADS.map(({ name }) => name.toLowerCase()));
  const isMeant = ({ name, onlyByName }: Workload): boolean =>
    cut || !onlyByName || wanted.includes(name.toLowerCase());
  return WORKLOADS.filter(isMeant)
    .flatMap((workload) => rowsOf(cut ? cutOf(workload) : workload))
    .filter((row) => {
      const name = row.workload.name.toLowerCase();
      return wanted.every((word) => (names.has(word) ? word === name : `${name}, ${labelOf(row)}`.includes(word)));
    });
}

/** What a word may be: names of workloads, the words that they are made of, and deciders. */
export function knownWords(): string[] {
  const names = WORKLOADS.map(({ name }) => name);
  const parts = names.flatMap((name) => name.match(/[A-Z][a-z]+/g) ?? []);
  return [...new Set([...names, ...parts, 'engine', 'scan', 'sampled', 'reference', 'floor'])];
}
