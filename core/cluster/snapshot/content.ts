/** What a snapshot holds: everything that decisions depend on, as plain data that every decider can give and take. */
import type { KubeObject, Node, Pod } from '../../objects/types.ts';
import type { SavedTree } from '../node-tree.ts';

/** Calls `each` for every placed pod: by node, and on one node in NodeInfo order. */
export type PlacedPods = (each: EachPlaced) => void;

/**
 * @param key podKey of the pod.
 * @param make of pods that came out of a snapshot: pods with equal numbers differ in name, uid, node and times only.
 */
export type EachPlaced = (pod: Pod, key: string, nodeName: string, assumed: boolean, make?: number) => void;

/** A decider's cluster. Nodes stand in no order that counts: the walking order is among the traces. */
export interface SavedCluster {
  nodes: readonly Node[];
  placed: PlacedPods;
  traces: ClusterTraces;
}

/** What the order of events left behind and the objects do not say, by names. */
export interface ClusterTraces extends SavedTree {
  /** Image → bytes, as the first node reported them. */
  imageSizes: readonly (readonly [image: string, bytes: number])[];
  /** Node → image → nodes that had it when the node was last copied (images.ts). */
  frozenImages: readonly (readonly [node: string, counts: readonly (readonly [image: string, count: number])[]])[];
  /** Nodes that changed since the last cycle: the next one freezes their counts anew. */
  pending: readonly string[];
  /** Host ports that count as free though a pod holds them, since another holder left. */
  freedPorts: readonly FreedPort[];
}

export interface FreedPort {
  node: string;
  ip: string;
  protocol: string;
  port: number;
}

/** All of a snapshot; `rest` is whatever else its writer wants back, as JSON values and typed arrays. */
export interface SnapshotContent extends SavedCluster {
  /** Of every other kind, in the listers' order. */
  objects: readonly KubeObject[];
  rest: unknown;
}
