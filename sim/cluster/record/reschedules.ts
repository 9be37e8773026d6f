/** Pods that were taken from their workloads, by cause, and how long it took until as many others were ready in their place. */
import type { Clock, Pod } from '../../../core/index.ts';
import type { PodTally, Workload } from './pod-tally.ts';

export const CAUSES = ['drain', 'taint', 'preemption', 'podGarbage'] as const;
export type Cause = (typeof CAUSES)[number];

export class Reschedules {
  readonly evictions: Record<Cause, number> = { drain: 0, taint: 0, preemption: 0, podGarbage: 0 };
  /** Each one's, in ms, in the order in which they ended. */
  readonly tookMs: number[] = [];
  readonly #tally: PodTally;
  readonly #clock: Clock;
  /** By workload, when the pods were taken that nobody stands in for yet. */
  readonly #openMs = new Map<Workload, number[]>();
  readonly #taken = new Set<string>();

  constructor(tally: PodTally, clock: Clock) {
    this.#tally = tally;
    this.#clock = clock;
  }

  /** Before it goes. A pod counts once: a node that is given up and then removed takes it only once. */
  taken(pod: Pod, cause: Cause): void {
    const { uid = '' } = pod.metadata;
    if (this.#taken.has(uid)) return;
    this.#taken.add(uid);
    this.evictions[cause]++;
    const workload = this.#tally.workloadOf(pod);
    if (!workload) return;
    const open = this.#openMs.get(workload) ?? [];
    this.#openMs.set(workload, [...open, this.#clock.now()]);
  }

  becameReady(pod: Pod): void {
    const workload = this.#tally.workloadOf(pod);
    const [first, ...rest] = (workload && this.#openMs.get(workload)) ?? [];
    if (!workload || first === undefined) return;
    this.#openMs.set(workload, rest);
    this.tookMs.push(this.#clock.now() - first);
  }
}
