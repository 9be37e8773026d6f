/**
 * What the packed cluster costs in memory, measured from what lives: its columns, its books beside them, and the
 * objects that users hand in, which it keeps.
 */
import { Cluster } from '../core/cluster/cluster.ts';
import { bytesNeeded } from '../core/cluster/columns.ts';
import { podKey } from '../core/index.ts';
import { type ClusterSize, nodesOf, runningPods } from './filled-cluster.ts';
import { liveBytes } from './garbage.ts';

/** Bytes; of one node or one pod. */
export interface ColumnBytes {
  /** Columns by the row, nobody having asked for labels, selectors or images. */
  columns: number;
  /** With two label keys and a selector asked for, as default spreading does. */
  columnsAsked: number;
  /** With the room that growing by doubling leaves free. */
  columnsTaken: number;
  /** Maps, records and orders on the heap. */
  nodeBooks: number;
  nodeObject: number;
  /** References, numbers, and its entry by key. Its amounts are sums in its node's columns and take nothing. */
  podBooks: number;
  podObject: number;
}

const ASKED_LABELS = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];

export function measureColumns(size: ClusterSize): ColumnBytes {
  const start = liveBytes();
  const nodes = nodesOf(size);
  const withNodes = liveBytes();
  const cluster = new Cluster();
  for (const node of nodes) cluster.addNode(node);
  cluster.snapshot();
  const { capacities } = cluster.columns;
  const rowBytes = bytesNeeded({ ...capacities, rows: 8 }) / 8;
  const withRows = liveBytes();
  const pods = runningPods(size);
  const withPods = liveBytes();
  for (const pod of pods) cluster.addPod(pod, podKey(pod));
  const full = liveBytes();
  for (const key of ASKED_LABELS) cluster.labelColumn(key);
  cluster.matchColumn({ key: 'app-0', matches: ({ labels }) => labels?.app === 'app-0' });
  const askedBytes = bytesNeeded({ ...cluster.columns.capacities, rows: 8 }) / 8;
  const perNode = (bytes: number): number => Math.round(bytes / nodes.length);
  const perPod = (bytes: number): number => Math.round(bytes / pods.length);
  return {
    columns: rowBytes,
    columnsAsked: askedBytes,
    columnsTaken: perNode(bytesNeeded(capacities)),
    nodeBooks: perNode(withRows.heap - withNodes.heap),
    nodeObject: perNode(withNodes.heap - start.heap),
    podBooks: perPod(full.heap + full.buffers - withPods.heap - withPods.buffers),
    podObject: perPod(withPods.heap - withRows.heap),
  };
}
