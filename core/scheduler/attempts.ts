/**
 * Attempts: take the next pod, have the cycle decide, and carry the decision out. A placed pod is assumed and handed to
 * the binder; any other goes back to the queue, and its victims to the evictor.
 * Source: Kubernetes v1.36, pkg/scheduler/schedule_one.go.
 */
import type { Clock } from '../clock.ts';
import { isTerminating, type Pod } from '../objects/types.ts';
import type { Cache } from './cache.ts';
import type { Decision, PreemptionResult } from './decision.ts';
import type { Evictions } from './evictions.ts';
import { type CycleError, podKey } from './framework.ts';
import { assignedPodDelete } from './queue/events.ts';
import { withNominatedNode } from './queue/nominated-node.ts';
import type { Nominator } from './queue/nominator.ts';
import type { QueuedPod } from './queue/queued-pod.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

export interface Binder {
  /**
   * Binds the pod, which already counts on its node. `done` is called once, at once or later; with an error when the
   * binding did not come about. The bound pod may, but need not, be delivered as an update as well.
   */
  bind(pod: Pod, nodeName: string, done: (error?: CycleError) => void): void;
}

export interface Evictor {
  /**
   * Gives the victims their condition DisruptionTarget (reason PreemptionByScheduler) and deletes them, the last one after
   * the others. Their deletions come back as events; a failure as Scheduler.evictionFailed. Never empty.
   */
  evict(victims: readonly Pod[], preemptor: Pod): void;
}

/** The attempt a decision was made in. */
export interface Attempt {
  /** 1 for the pod's first. */
  number: number;
  /** When the pod was queued for it; ms. */
  queuedAtMs: number;
  nowMs: number;
}

export interface Counters {
  scheduled: number;
  /** Attempts that ended so; a pod may count many times. */
  unschedulable: number;
  errors: number;
  /** Pods popped but not tried: terminating, or assumed already. */
  skipped: number;
  /** Attempts that won a node by preemption, and pods evicted for them. */
  preemptions: number;
  victims: number;
}

export interface AttemptsOptions {
  cache: Cache;
  queue: SchedulingQueue;
  nominator: Nominator;
  evictions: Evictions;
  clock: Clock;
  cycle: { schedule(pod: Pod): Decision };
  binder: Binder;
  evictor: Evictor;
  onDecision?: (decision: Decision, attempt: Attempt) => void;
  /** The binding came about: the pod with its node, as if it had been delivered. */
  onBound: (pod: Pod) => void;
}

export class Attempts {
  readonly counters: Counters = { scheduled: 0, unschedulable: 0, errors: 0, skipped: 0, preemptions: 0, victims: 0 };
  readonly #options: AttemptsOptions;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** undefined when no pod is ready. */
  next(): Decision | undefined {
    const { queue, cycle } = this.#options;
    for (let entry = queue.pop(); entry; entry = queue.pop()) {
      if (this.#isToBeSkipped(entry)) {
        this.counters.skipped++;
        queue.done(entry.key);
        continue;
      }
      const decision = cycle.schedule(entry.pod);
      this.#tell(decision, entry);
      if (decision.result === 'scheduled') this.#assume(entry, decision);
      else this.#handleFailure(entry, decision);
      return decision;
    }
    return undefined;
  }

  #isToBeSkipped({ key }: QueuedPod): boolean {
    const { cache } = this.#options;
    const pod = cache.pod(key);
    return !pod || isTerminating(pod) || cache.isAssumed(key);
  }

  #tell(decision: Decision, { attempts, timestamp }: QueuedPod): void {
    const { clock, onDecision } = this.#options;
    onDecision?.(decision, { number: attempts, queuedAtMs: timestamp, nowMs: clock.now() });
  }

  #assume(entry: QueuedPod, decision: Decision): void {
    const { cache, queue, nominator, evictions, binder, onBound } = this.#options;
    const { key } = entry;
    const nodeName = decision.host!;
    cache.assume(entry.pod, nodeName);
    const pod = cache.assumedPod(key) as Pod;
    nominator.delete(key);
    evictions.end(key);
    queue.done(key);
    this.counters.scheduled++;
    binder.bind(pod, nodeName, (error) => {
      // Confirmed by an update, or forgotten, in the meantime.
      if (cache.assumedPod(key) !== pod) return;
      if (error) this.#bindingFailed(entry, decision, error);
      else onBound(pod);
    });
  }

  #bindingFailed(entry: QueuedPod, { evaluated, feasible }: Decision, error: CycleError): void {
    const { cache, queue } = this.#options;
    queue.moveAllToActiveOrBackoffQueue(assignedPodDelete(cache.forget(entry.key)));
    const { pod } = entry;
    const { message } = error;
    const decision: Decision = { pod, result: 'error', evaluated, feasible, message, error, unschedulablePlugins: [] };
    this.#tell(decision, entry);
    this.#handleFailure(entry, decision);
  }

  #handleFailure(entry: QueuedPod, { result, unschedulablePlugins, message, preemption }: Decision): void {
    const { cache, queue, nominator } = this.#options;
    this.counters[result === 'error' ? 'errors' : 'unschedulable']++;
    const current = cache.pod(entry.key);
    if (!current || current.spec.nodeName) {
      queue.done(entry.key);
      nominator.delete(entry.key);
      return;
    }
    queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins, message });
    if (preemption?.nominatedNode) this.#preempt(entry.pod, preemption.nominatedNode, preemption);
    // A nomination is lost by a failure, unless preemption was not free to look for a better one.
    else if (preemption?.eligible || unschedulablePlugins.length === 0) queue.setNominatedNode(entry.pod, undefined);
  }

  #preempt(pod: Pod, nodeName: string, { clearedNominations, victims: all }: PreemptionResult): void {
    const { queue, evictions, evictor } = this.#options;
    queue.setNominatedNode(pod, nodeName);
    for (const other of clearedNominations) {
      queue.setNominatedNode(other, undefined);
      queue.nominationGone(other, nodeName);
    }
    const victims = all.filter((victim) => !isTerminating(victim));
    this.counters.preemptions++;
    this.counters.victims += victims.length;
    if (victims.length === 0) return;
    evictions.begin(podKey(pod), victims);
    evictor.evict(victims, withNominatedNode(pod, nodeName));
  }
}
