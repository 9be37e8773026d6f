/**
 * Every pod that waits for a node, in exactly one place: activeQ, backoffQ, unschedulablePods, or in flight between pop
 * and done. This file moves them between the places; time and the outcome of attempts come from outside.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/scheduling_queue.go.
 */
import { assert } from '../../assert.ts';
import type { Clock } from '../../clock.ts';
import { type Pod, priorityOf } from '../../objects/types.ts';
import { podKey } from '../framework.ts';
import type { PreEnqueuePlugin } from '../plugins/scheduling-gates.ts';
import { schedulerNameOf } from '../profile.ts';
import { ActiveQueue } from './active-queue.ts';
import { type BackoffOptions, BackoffQueue } from './backoff-queue.ts';
import { podChanges } from './changes.ts';
import { assignedPodDelete, type ClusterEvent, forceActivate, UNSCHEDULABLE_TIMEOUT, WILDCARD } from './events.ts';
import type { QueueingHints } from './hints/registry.ts';
import { InFlight } from './in-flight.ts';
import { withNominatedNode } from './nominated-node.ts';
import type { Nominator } from './nominator.ts';
import { type PendingPod, pendingPods, type QueueCounts } from './pending-pods.ts';
import { failedByError, type QueuedPod, queuedPod } from './queued-pod.ts';
import { UnschedulablePods } from './unschedulable-pods.ts';
import { type Strategy, strategyFor, strategyForAll } from './worth-requeuing.ts';

export interface SchedulingQueueOptions {
  clock: Clock;
  hints: QueueingHints;
  /** Kept in step with the pods in here; deciders and the cycle share it. */
  nominator: Nominator;
  /** PreEnqueue plugins of the pod's profile, in order. */
  preEnqueue(pod: Pod): readonly PreEnqueuePlugin[];
  /** podInitialBackoffSeconds and podMaxBackoffSeconds; 1 s and 10 s by default. */
  backoff?: BackoffOptions;
  /** podMaxInUnschedulablePodsDuration; 5 min by default. */
  maxInUnschedulablePodsMs?: number;
}

/** How an attempt ended that placed the pod nowhere. No plugins at all: an error. */
export interface Failure {
  unschedulablePlugins: readonly string[];
  pendingPlugins?: readonly string[];
  message?: string;
}

/** unschedulablePods is looked through this often, counted from the queue's beginning. */
const LEFTOVER_PERIOD_MS = 30_000;

export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #hints: QueueingHints;
  readonly #nominator: Nominator;
  readonly #preEnqueue: SchedulingQueueOptions['preEnqueue'];
  readonly #maxInUnschedulablePodsMs: number;
  readonly #active = new ActiveQueue();
  readonly #backoff: BackoffQueue;
  readonly #unschedulable = new UnschedulablePods();
  readonly #inFlight = new InFlight();
  readonly #startMs: number;
  #arrivals = 0;

  constructor(options: SchedulingQueueOptions) {
    this.#clock = options.clock;
    this.#hints = options.hints;
    this.#nominator = options.nominator;
    this.#preEnqueue = options.preEnqueue;
    this.#startMs = options.clock.now();
    this.#maxInUnschedulablePodsMs = options.maxInUnschedulablePodsMs ?? 300_000;
    this.#backoff = new BackoffQueue(
      options.clock,
      options.backoff ?? { initialBackoffMs: 1000, maxBackoffMs: 10_000 },
    );
  }

  /** A pod that is new here. */
  add(pod: Pod): void {
    assert(!this.get(podKey(pod)), `${podKey(pod)} is in the queue already`);
    const entry = queuedPod(pod, this.#arrivals++, this.#clock.now());
    const nodeName = pod.status?.nominatedNodeName;
    // A gated pod holds no place: its nomination counts from the update that opens its gates.
    if (this.#moveToActiveQ(entry) && nodeName) this.#nominator.add(pod, nodeName);
  }

  /** @param old as it was delivered before. A pod that is nowhere in the queue is added. */
  update(old: Pod, pod: Pod): void {
    const key = podKey(pod);
    const changes = podChanges(old, pod);
    const entry = this.get(key);
    if (!entry) {
      this.add(pod);
      return;
    }
    const wasUnschedulable = this.#unschedulable.remove(key) !== undefined;
    entry.pod = pod;
    this.#updateNomination(old, entry);
    if (this.#inFlight.has(key)) for (const event of changes) this.#inFlight.record(event);
    else if (this.#active.has(key)) this.#active.update(entry);
    else if (this.#backoff.has(key)) this.#backoff.update(entry);
    else if (wasUnschedulable) this.#requeue(entry, strategyForAll(entry, changes, this.#hints));
  }

  /** An attempt that is under way goes on; its end is told by `done`. */
  delete(pod: Pod): void {
    const key = podKey(pod);
    this.#nominator.delete(key);
    this.#active.remove(key) ?? this.#backoff.remove(key) ?? this.#unschedulable.remove(key);
  }

  /** The next pod to try, now in flight; when activeQ is empty, the first of backoffQ, before its time. */
  pop(): QueuedPod | undefined {
    const entry = this.#active.pop() ?? this.#backoff.popEarly();
    if (!entry) return undefined;
    entry.attempts++;
    entry.unschedulablePlugins.clear();
    entry.pendingPlugins.clear();
    entry.gatingPlugin = '';
    this.#inFlight.start(entry);
    return entry;
  }

  /** The attempt is over, and the pod does not come back from it. */
  done(key: string): void {
    this.#inFlight.done(key);
  }

  /** The attempt failed: the pod waits for an event that helps, unless one came while it was in flight. */
  addUnschedulableIfNotPresent(entry: QueuedPod, failure: Failure): void {
    const { key } = entry;
    for (const plugin of failure.unschedulablePlugins) entry.unschedulablePlugins.add(plugin);
    for (const plugin of failure.pendingPlugins ?? []) entry.pendingPlugins.add(plugin);
    entry.message = failure.message;
    if (failedByError(entry)) entry.consecutiveErrorsCount++;
    else {
      entry.unschedulableCount++;
      entry.consecutiveErrorsCount = 0;
    }
    entry.timestamp = this.#clock.now();
    entry.backoffExpiration = undefined;
    const strategy = this.#strategyAfterFlight(entry);
    this.#inFlight.done(key);
    if (!this.get(key)) this.#requeue(entry, strategy);
  }

  /** Moves those pods whose rejectors think the event helps; @param preCheck leaves out other pods. Returns how many. */
  moveAllToActiveOrBackoffQueue(event: ClusterEvent, preCheck?: (pod: Pod) => boolean): number {
    if (event.resource !== WILDCARD && this.#hints.listenersOf(event).size === 0) return 0;
    let moved = 0;
    for (const entry of this.#reachedBy(event)) {
      if (preCheck && !preCheck(entry.pod)) continue;
      if (entry.gatingPlugin && !this.#hints.listens(schedulerNameOf(entry.pod), entry.gatingPlugin, event)) continue;
      const strategy = strategyFor(entry, event, this.#hints);
      if (strategy === 'Skip') continue;
      this.#unschedulable.remove(entry.key);
      if (this.#requeue(entry, strategy)) moved++;
    }
    this.#inFlight.record(event);
    return moved;
  }

  /** To activeQ at once, without backoff; a pod in flight is tried again should it fail. Unknown pods are ignored. */
  activate(pods: Iterable<Pod>): void {
    for (const pod of pods) {
      const key = podKey(pod);
      const unschedulable = this.#unschedulable.remove(key);
      const waiting = unschedulable ?? this.#backoff.remove(key);
      if (waiting) this.#moveToActiveQ(waiting, !unschedulable);
      else if (this.#inFlight.has(key)) this.#inFlight.record(forceActivate(pod));
    }
  }

  /** Moves on what time alone moves: ended backoffs, and pods that have waited too long for an event. */
  flush(): void {
    for (const entry of this.#backoff.popExpired()) this.#moveToActiveQ(entry, true);
    const periods = Math.floor((this.#clock.now() - this.#startMs) / LEFTOVER_PERIOD_MS);
    const lookedAtMs = this.#startMs + periods * LEFTOVER_PERIOD_MS;
    for (const entry of this.#unschedulable.removeWaitingSinceBefore(lookedAtMs - this.#maxInUnschedulablePodsMs)) {
      this.#requeue(entry, strategyFor(entry, UNSCHEDULABLE_TIMEOUT, this.#hints));
    }
  }

  /** When a flush next has something to do; ms, possibly past. undefined when nothing waits for time to go by. */
  nextFlush(): number | undefined {
    const since = this.#unschedulable.longestWaitingSince();
    const expiryMs = this.#backoff.nextExpiry();
    if (since === undefined) return expiryMs;
    const waited = since + this.#maxInUnschedulablePodsMs - this.#startMs;
    const leftoverMs = this.#startMs + (Math.floor(waited / LEFTOVER_PERIOD_MS) + 1) * LEFTOVER_PERIOD_MS;
    return expiryMs === undefined ? leftoverMs : Math.min(expiryMs, leftoverMs);
  }

  /** In whatever place, in flight included. */
  get(key: string): QueuedPod | undefined {
    return this.#active.get(key) ?? this.#backoff.get(key) ?? this.#unschedulable.get(key) ?? this.#inFlight.get(key);
  }

  /** Writes or, given no name, takes back a nomination made here, into the pod's status as well. */
  setNominatedNode(pod: Pod, nodeName: string | undefined): void {
    const key = podKey(pod);
    const entry = this.get(key);
    this.#nominator.delete(key);
    const nominated = withNominatedNode(entry?.pod ?? pod, nodeName);
    if (entry) entry.pod = nominated;
    if (nodeName) this.#nominator.add(nominated, nodeName);
  }

  /** The pod is not nominated to that node any more: pods of lower or equal priority counted it as if it were there. */
  nominationGone(pod: Pod, nodeName: string): void {
    const priority = priorityOf(pod);
    const event = assignedPodDelete(withNominatedNode(pod, nodeName));
    this.moveAllToActiveOrBackoffQueue(event, (other) => priorityOf(other) <= priority);
  }

  get counts(): QueueCounts {
    return {
      active: this.#active.size,
      backoff: this.#backoff.size - this.#backoff.errorCount,
      errorBackoff: this.#backoff.errorCount,
      unschedulable: this.#unschedulable.size - this.#unschedulable.gatedCount,
      gated: this.#unschedulable.gatedCount,
      inFlight: this.#inFlight.size,
    };
  }

  /** Every pod in here, and why it is where it is. */
  pending(): Iterable<PendingPod> {
    return pendingPods(this.#active.values(), this.#backoff, this.#unschedulable.values(), this.#inFlight.entries());
  }

  // --- moves: the entry is in no place when these are called -------------------------------------------------------

  /** False when it has to stay in unschedulablePods. */
  #requeue(entry: QueuedPod, strategy: Strategy): boolean {
    if (strategy === 'Skip') {
      this.#unschedulable.add(entry);
      return false;
    }
    if (strategy === 'AfterBackoff' && this.#backoff.isBackingOff(entry)) return this.#moveToBackoffQ(entry);
    return this.#moveToActiveQ(entry);
  }

  /** @param fromBackoffQ PreEnqueue has passed on the way in there. */
  #moveToActiveQ(entry: QueuedPod, fromBackoffQ = false): boolean {
    if (!fromBackoffQ && this.#isGated(entry)) return false;
    entry.initialAttemptTimestamp ??= this.#clock.now();
    this.#active.push(entry);
    return true;
  }

  #moveToBackoffQ(entry: QueuedPod): boolean {
    if (this.#isGated(entry)) return false;
    this.#backoff.push(entry);
    return true;
  }

  /** Runs PreEnqueue, the plugin that gated it last first; a pod that does not pass goes to unschedulablePods. */
  #isGated(entry: QueuedPod): boolean {
    const plugins = this.#preEnqueue(entry.pod);
    const last = plugins.find(({ name }) => name === entry.gatingPlugin);
    const refusing =
      last && !last.preEnqueue(entry.pod)
        ? last
        : plugins.find((plugin) => plugin !== last && !plugin.preEnqueue(entry.pod));
    entry.gatingPlugin = refusing?.name ?? '';
    if (!refusing) return false;
    entry.unschedulablePlugins.add(refusing.name);
    this.#unschedulable.add(entry);
    return true;
  }

  /** Pods in unschedulablePods that some listener rejected; a copy, as moving changes the place it is read from. */
  #reachedBy(event: ClusterEvent): Iterable<QueuedPod> {
    if (event.resource === WILDCARD) return [...this.#unschedulable.values()];
    const reached = new Set<QueuedPod>();
    for (const plugin of this.#hints.listenersOf(event)) {
      for (const entry of this.#unschedulable.rejectedBy(plugin)) reached.add(entry);
    }
    return reached;
  }

  /** Nothing to look back on for a pod whose attempt was declared over before it failed, in binding. */
  #strategyAfterFlight(entry: QueuedPod): Strategy {
    if (failedByError(entry) || !this.#inFlight.has(entry.key)) return 'AfterBackoff';
    return strategyForAll(entry, this.#inFlight.since(entry.key), this.#hints);
  }

  /** The nominator's word also stands in the pod's status, where the next cycle reads it. */
  #updateNomination(old: Pod, entry: QueuedPod): void {
    this.#nominator.update(old, entry.pod);
    entry.pod = withNominatedNode(entry.pod, this.#nominator.nodeOf(entry.key));
  }
}
