/** The packed cluster (being built). */
import type { Node, Pod } from '../objects/types.ts';
import type { PodRequest } from './pod-request.ts';

export interface Cluster {
  /** Rows in use: [0, rows). */
  readonly rows: number;
  readonly columns: {
    /** 1 where the row holds a node. */
    readonly exists: Uint8Array;
    /** [resource][row]; millicores, bytes, units. */
    readonly allocatable: readonly Float64Array[];
    readonly requested: readonly Float64Array[];
    /** Grows with every change of the row. */
    readonly version: Uint32Array;
  };
  nodeAt(n: number): Node | undefined;
  /** -1 when no such node. */
  rowOf(name: string): number;
  request(pod: Pod): PodRequest;
}
