/**
 * Preemptions under way: a preemptor stays out of the queue, gated by DefaultPreemption, until the deletion of its last
 * victim has begun.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/preemption/executor.go, plugins/defaultpreemption (PreEnqueue).
 */
import { isTerminating, type Pod } from '../objects/types.ts';
import { podKey } from './framework.ts';
import type { PreEnqueuePlugin } from './plugins/scheduling-gates.ts';

export class Evictions {
  /** Preemptor → its last victim. */
  readonly #lastVictims = new Map<string, string>();
  readonly #podOf: (key: string) => Pod | undefined;

  /** @param podOf the pod as it was last delivered. */
  constructor(podOf: (key: string) => Pod | undefined) {
    this.#podOf = podOf;
  }

  readonly plugin: PreEnqueuePlugin = {
    name: 'DefaultPreemption',
    preEnqueue: (pod) => !this.#isUnderWay(podKey(pod)),
  };

  /** Victims are deleted in this order; there is at least one. */
  begin(preemptor: string, victims: readonly Pod[]): void {
    this.#lastVictims.set(preemptor, podKey(victims[victims.length - 1]));
  }

  end(preemptor: string): void {
    this.#lastVictims.delete(preemptor);
  }

  #isUnderWay(preemptor: string): boolean {
    const last = this.#lastVictims.get(preemptor);
    if (last === undefined) return false;
    const victim = this.#podOf(last);
    if (victim && !isTerminating(victim)) return true;
    this.#lastVictims.delete(preemptor);
    return false;
  }
}
