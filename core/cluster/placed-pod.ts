/** A pod that counts: bound, or assumed. */
import type { Interned } from './intern.ts';
import type { LabelClass } from './match-counts.ts';
import type { PodRequest } from './pod-request.ts';
import type { HeldPorts } from './ports.ts';

/** A pod that sits on a node, or on a name that no node has. */
export interface PlacedPod {
  readonly request: PodRequest;
  readonly nodeName: string;
  readonly assumed: boolean;
  /** -1 while the node is missing. */
  row: number;
  /** Held while the pod is on a row. */
  labelClass: Interned<LabelClass> | undefined;
  ports: HeldPorts;
}
