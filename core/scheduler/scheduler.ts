/**
 * The scheduler: cluster events in, attempts out. It keeps queue, decider and listers in step with what is delivered, and
 * makes attempts when told to. What happens outside (binding, evicting, time) is brought in; nothing here waits.
 * Deliveries are idempotent: an object known already counts as updated, an unknown one cannot be deleted.
 * Source: Kubernetes v1.36, pkg/scheduler/{scheduler,eventhandlers}.go.
 */
import type { Listers } from '../cluster/listers.ts';
import { isFinished, isTerminating, type KubeObject, keyOf, type Node, type Pod } from '../objects/types.ts';
import { Attempts, type AttemptsOptions, type Counters } from './attempts.ts';
import { Cache } from './cache.ts';
import type { Decision } from './decision.ts';
import { Evictions } from './evictions.ts';
import { type Decider, podKey } from './framework.ts';
import { type PreEnqueuePlugin, schedulingGates } from './plugins/scheduling-gates.ts';
import { type Profile, schedulerNameOf } from './profile.ts';
import { nodeChanges, podChanges } from './queue/changes.ts';
import { Action, assignedPodAdd, assignedPodDelete } from './queue/events.ts';
import { QueueingHints } from './queue/hints/registry.ts';
import type { Nominator } from './queue/nominator.ts';
import type { PendingPod, QueueCounts } from './queue/pending-pods.ts';
import { SchedulingQueue, type SchedulingQueueOptions } from './queue/scheduling-queue.ts';

type FromOutside = Pick<AttemptsOptions, 'clock' | 'cycle' | 'binder' | 'evictor' | 'onDecision'>;
type QueueSettings = Pick<SchedulingQueueOptions, 'backoff' | 'maxInUnschedulablePodsMs'>;

/** `onDecision` is told of every decision before it is carried out, and of bindings that failed. */
export interface SchedulerOptions extends FromOutside, QueueSettings {
  decider: Decider;
  listers: Listers;
  profiles: readonly Profile[];
  /** The one that decider and cycle were made with. */
  nominator: Nominator;
}

export class Scheduler {
  readonly #decider: Decider;
  readonly #listers: Listers;
  readonly #nominator: Nominator;
  readonly #cache: Cache;
  readonly #evictions: Evictions;
  readonly #queue: SchedulingQueue;
  readonly #attempts: Attempts;
  /** By schedulerName: whose pods are ours, and what may gate them. */
  readonly #preEnqueue: ReadonlyMap<string, readonly PreEnqueuePlugin[]>;

  constructor(options: SchedulerOptions) {
    const { decider, listers, profiles, nominator, clock, cycle, binder, evictor, onDecision } = options;
    const cache = new Cache(decider);
    const evictions = new Evictions((key) => cache.pod(key));
    const plugins = [schedulingGates, evictions.plugin];
    this.#preEnqueue = new Map(
      profiles.map((profile) => [
        profile.schedulerName,
        plugins.filter(({ name }) => profile.preEnqueue.includes(name)),
      ]),
    );
    const queue = new SchedulingQueue({
      clock,
      nominator,
      hints: new QueueingHints(profiles, listers),
      preEnqueue: (pod) => this.#preEnqueue.get(schedulerNameOf(pod)) ?? [],
      backoff: options.backoff,
      maxInUnschedulablePodsMs: options.maxInUnschedulablePodsMs,
    });
    const onBound = (pod: Pod): void => this.podUpdated(pod);
    const parts = { cache, queue, nominator, evictions };
    this.#attempts = new Attempts({ ...parts, clock, cycle, binder, evictor, onDecision, onBound });
    this.#decider = decider;
    this.#listers = listers;
    this.#nominator = nominator;
    this.#cache = cache;
    this.#evictions = evictions;
    this.#queue = queue;
  }

  get counters(): Readonly<Counters> {
    return this.#attempts.counters;
  }

  /** Pods waiting, by place. */
  get counts(): QueueCounts {
    return this.#queue.counts;
  }

  /** Every waiting pod, and why it waits. */
  pending(): Iterable<PendingPod> {
    return this.#queue.pending();
  }

  /** One attempt for the next pod; undefined when none is ready. */
  scheduleNext(): Decision | undefined {
    return this.#attempts.next();
  }

  /** Attempts until no pod is ready; returns how many. Pods that only time can help are left waiting. */
  runUntilIdle(): number {
    let attempts = 0;
    while (this.scheduleNext()) attempts++;
    return attempts;
  }

  /** Moves pods whose waiting time is over at the clock's present. */
  flush(): void {
    this.#queue.flush();
  }

  /** When flush next has something to do; ms, possibly past. */
  nextFlush(): number | undefined {
    return this.#queue.nextFlush();
  }

  /** The victims could not be deleted: the preemptor is tried again at once. */
  evictionFailed(preemptor: Pod): void {
    this.#evictions.end(podKey(preemptor));
    this.#queue.activate([preemptor]);
  }

  // --- nodes and other objects -----------------------------------------------------------------------------------------

  nodeAdded(node: Node): void {
    const old = this.#cache.setNode(node);
    const events = old ? nodeChanges(old, node) : [{ resource: 'Node', action: Action.Add, new: node }];
    for (const event of events) this.#queue.moveAllToActiveOrBackoffQueue(event);
  }

  nodeUpdated(node: Node): void {
    this.nodeAdded(node);
  }

  nodeDeleted(name: string): void {
    const old = this.#cache.removeNode(name);
    if (old) this.#queue.moveAllToActiveOrBackoffQueue({ resource: 'Node', action: Action.Delete, old });
  }

  /** Any kind but Node and Pod, new or changed. */
  objectAdded(object: KubeObject): void {
    const old = this.#listers.find(object.kind, keyOf(object));
    this.#listers.set(object);
    this.#decider.objectChanged(object);
    const action = old ? Action.Update : Action.Add;
    this.#queue.moveAllToActiveOrBackoffQueue({ resource: object.kind, action, old, new: object });
  }

  objectDeleted(object: KubeObject): void {
    const old = this.#listers.find(object.kind, keyOf(object));
    if (!old) return;
    this.#listers.delete(object.kind, keyOf(object));
    this.#decider.objectChanged(object);
    this.#queue.moveAllToActiveOrBackoffQueue({ resource: object.kind, action: Action.Delete, old });
  }

  // --- pods ------------------------------------------------------------------------------------------------------------

  /** Pods in a final phase are not seen; those that no profile is responsible for are left alone until they have a node. */
  podAdded(pod: Pod): void {
    if (this.#cache.pod(podKey(pod))) this.podUpdated(pod);
    else if (isFinished(pod)) return;
    else if (pod.spec.nodeName) this.#assigned(pod);
    else {
      this.#cache.setWaiting(pod);
      if (this.#isResponsibleFor(pod)) this.#queue.add(pod);
    }
  }

  podUpdated(pod: Pod): void {
    const old = this.#cache.pod(podKey(pod));
    if (!old) this.podAdded(pod);
    else if (isFinished(pod)) this.podDeleted(pod);
    else if (old.spec.nodeName) {
      // Nothing takes a pod off its node: this was written before the binding, and arrives after its confirmation.
      if (!pod.spec.nodeName) return;
      this.#cache.setAssigned(pod);
      for (const event of podChanges(old, pod)) this.#queue.moveAllToActiveOrBackoffQueue(event);
    } else if (pod.spec.nodeName) {
      this.#queue.delete(old);
      this.#assigned(pod);
    } else {
      this.#cache.setWaiting(pod);
      this.#waitingUpdated(old, pod);
    }
  }

  podDeleted(pod: Pod): void {
    const key = podKey(pod);
    const old = this.#cache.pod(key);
    if (!old) return;
    this.#cache.removePod(key);
    this.#evictions.end(key);
    if (old.spec.nodeName) {
      this.#queue.moveAllToActiveOrBackoffQueue(assignedPodDelete(old));
      return;
    }
    const nominatedNode = this.#nominator.nodeOf(key);
    this.#queue.delete(old);
    if (this.#cache.isAssumed(key)) this.#forget(key);
    else if (nominatedNode) this.#queue.nominationGone(old, nominatedNode);
  }

  #isResponsibleFor(pod: Pod): boolean {
    return this.#preEnqueue.has(schedulerNameOf(pod));
  }

  /** The pod came with a node, or its binding is confirmed. */
  #assigned(pod: Pod): void {
    this.#cache.setAssigned(pod);
    this.#queue.moveAllToActiveOrBackoffQueue(assignedPodAdd(pod));
  }

  #waitingUpdated(old: Pod, pod: Pod): void {
    const key = podKey(pod);
    if (this.#cache.isAssumed(key)) {
      // Its binding goes on and will fail, but a pod on its way out holds no place.
      if (isTerminating(pod) && !isTerminating(old)) this.#forget(key);
      return;
    }
    if (old === pod || !this.#isResponsibleFor(pod)) return;
    const before = this.#nominator.nodeOf(key);
    this.#queue.update(old, pod);
    if (before && before !== this.#nominator.nodeOf(key)) this.#queue.nominationGone(old, before);
  }

  #forget(key: string): void {
    this.#queue.moveAllToActiveOrBackoffQueue(assignedPodDelete(this.#cache.forget(key)));
  }
}
