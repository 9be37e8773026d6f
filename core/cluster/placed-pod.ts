/** A pod that counts: bound, or assumed. */
import type { Interned } from './intern.ts';
import type { LabelClass } from './match-counts.ts';
import type { PodRequest } from './pod-request.ts';
import type { HeldPorts } from './ports.ts';

/** A pod that sits on a node, or on a name that no node has: such a row has `exists` 0. */
export interface PlacedPod {
  readonly request: PodRequest;
  readonly assumed: boolean;
  readonly row: number;
  /** Missing on guests of a what-if, which no selector counts. */
  readonly labelClass: Interned<LabelClass> | undefined;
  readonly ports: HeldPorts;
}

/** Hears of pods as they come to rows and leave them: for what plugins keep beside the columns. */
export interface PodObserver {
  podCame(request: PodRequest, row: number): void;
  podLeft(request: PodRequest, row: number): void;
}
