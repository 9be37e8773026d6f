/**
 * A scheduler that answers at once: cluster events and pods in, decisions out. It keeps no queue, so whoever calls it
 * says when a pod is tried, and tries it again; a placed pod counts on its node from then on.
 */
import type { Listers } from '../cluster/listers.ts';
import type { Problem } from '../errors.ts';
import {
  isFinished,
  isTerminating,
  type KubeObject,
  keyOf,
  type Node,
  type Pod,
  priorityOf,
} from '../objects/types.ts';
import { nameObject } from '../objects/validate/validate.ts';
import { Cache } from '../scheduler/cache.ts';
import type { Decision, TieRule } from '../scheduler/decision.ts';
import { EngineDecider } from '../scheduler/engine/decider.ts';
import { type Explanation, explain } from '../scheduler/explain.ts';
import { type Decider, podKey, type Savable } from '../scheduler/framework.ts';
import { schedulingGates } from '../scheduler/plugins/scheduling-gates.ts';
import { type Profile, schedulerNameOf } from '../scheduler/profile.ts';
import { withNominatedNode } from '../scheduler/queue/nominated-node.ts';
import type { Nominator } from '../scheduler/queue/nominator.ts';
import type { ScheduleOne } from '../scheduler/schedule-one.ts';
import { type Intake, isPod, refuseIf } from './intake.ts';
import { loadScheduler, type SavedScheduler, saveScheduler } from './saved-scheduler.ts';

export interface ScheduleOptions {
  /** False: only answer, as if nothing had been asked; the pod is not placed. True by default. */
  assume?: boolean;
}

/** Parts made for each other. */
export interface DirectSchedulerParts {
  decider: Decider & Savable;
  listers: Listers;
  nominator: Nominator;
  cycle: ScheduleOne;
  profiles: readonly Profile[];
  tieRule: TieRule;
  seed: number;
  intake: Intake;
}

const NO_SCANS: ReadonlyMap<string, number> = new Map();

export class DirectScheduler {
  readonly #parts: DirectSchedulerParts;
  readonly #cache: Cache;
  readonly #profiles: ReadonlyMap<string, Profile>;

  /** @param objects of any kind, checked; they come after what was saved. */
  constructor(parts: DirectSchedulerParts, objects: readonly KubeObject[], saved?: SavedScheduler) {
    this.#parts = parts;
    this.#cache = new Cache(parts.decider);
    this.#profiles = new Map(parts.profiles.map((profile) => [profile.schedulerName, profile]));
    if (saved) {
      parts.intake.remember(saved.objects);
      loadScheduler(saved, { ...parts, cache: this.#cache });
    }
    this.#takeIn(objects);
  }

  /**
   * Everything it knows, as bytes: createScheduler({ snapshot }) with the same configuration, tie rule and seed goes on
   * from here as this one does, whatever the decider. What plugins from outside keep for themselves is not part of it.
   * @throws ApiError when such a plugin has reserved something for a pod.
   */
  snapshot(): Uint8Array {
    return saveScheduler({ ...this.#parts, cache: this.#cache }, this.#parts.cycle);
  }

  /** Ends its worker threads, if it has any; it goes on deciding, on the calling thread. Idle ones keep no process alive. */
  async close(): Promise<void> {
    await this.#parts.decider.close?.();
  }

  // --- pods in, decisions out ------------------------------------------------------------------------------------------

  /**
   * Decides for one pod that has no node. A pod that goes nowhere is a result, not an error; its decision may name a node
   * and victims: delete() those and schedule the pod again, it has that node's place kept meanwhile.
   * What is given is kept and not copied: it is not to be changed afterwards. Parts of a decision's pod may be frozen.
   * @throws ApiError with everything that is wrong with the pod.
   */
  schedule(pod: Pod, { assume = true }: ScheduleOptions = {}): Decision {
    const ready = this.#prepareOne(pod);
    return assume ? this.#decide(ready) : this.#decideOnly(ready);
  }

  /**
   * Decides for each pod, as kube-scheduler's queue would order them: highest priority first, then as given. The
   * decisions come in the order of the argument. Nothing is decided when any of the pods is refused.
   */
  scheduleAll(pods: readonly Pod[]): Decision[] {
    const ready = this.#prepareAll(pods);
    const decisions = new Array<Decision>(ready.length);
    const order = byPriority(ready);
    this.#parts.cycle.expect(order.map((i) => ready[i]));
    for (const i of order) decisions[i] = this.#decide(ready[i]);
    return decisions;
  }

  /** Every node's verdict and scores for a pod that is not placed, with the cluster as it is now. */
  explain(pod: Pod): Explanation {
    const { decider, tieRule, seed } = this.#parts;
    return explain(decider.begin(this.#prepareOne(pod)), tieRule, seed);
  }

  /** Reason → decisions that the engine handed to the scan. Empty for the other deciders. */
  get scans(): ReadonlyMap<string, number> {
    const { decider } = this.#parts;
    return decider instanceof EngineDecider ? decider.scans : NO_SCANS;
  }

  #decide(pod: Pod): Decision {
    const decision = this.#ask(pod);
    if (decision.host !== undefined) this.#cache.assume(decision.pod, decision.host);
    return decision;
  }

  #decideOnly(pod: Pod): Decision {
    const { decider, nominator } = this.#parts;
    const key = podKey(pod);
    const nominatedTo = nominator.nodeOf(key);
    const decision = this.#ask(pod);
    if (decision.host !== undefined) decider.unreserve(decision.pod);
    if (nominatedTo === undefined) nominator.delete(key);
    else nominator.add(pod, nominatedTo);
    const { nominatedNode = '', clearedNominations = [] } = decision.preemption ?? {};
    for (const other of clearedNominations) nominator.add(other, nominatedNode);
    return decision;
  }

  #ask(pod: Pod): Decision {
    const gates = this.#gatesOf(pod);
    if (gates) return gates;
    const { nominator } = this.#parts;
    const known = nominator.size > 0 ? nominator.nodeOf(podKey(pod)) : undefined;
    const nominatedTo = known ?? pod.status?.nominatedNodeName;
    return this.#parts.cycle.schedule(withNominatedNode(pod, nominatedTo || undefined));
  }

  /** A gated pod is not tried: the decision kube-scheduler makes before it queues the pod, in its words. */
  #gatesOf(pod: Pod): Decision | undefined {
    const { name } = schedulingGates;
    if (schedulingGates.preEnqueue(pod) || !this.#profiles.get(schedulerNameOf(pod))?.preEnqueue.includes(name)) {
      return undefined;
    }
    const gates = (pod.spec.schedulingGates ?? []).map((gate) => gate.name).join(' ');
    const message = `waiting for scheduling gates: [${gates}]`;
    return { pod, result: 'unschedulable', evaluated: 0, feasible: 0, message, unschedulablePlugins: [name] };
  }

  /** The pod with defaults, which can be decided for. */
  #prepareOne(pod: Pod): Pod {
    const problems: Problem[] = [];
    const ready = this.#prepare(pod, problems);
    refuseIf(problems);
    return ready as Pod;
  }

  #prepareAll(pods: readonly Pod[]): Pod[] {
    const problems: Problem[] = [];
    const ready: Pod[] = [];
    const seen = new Set<string>();
    for (const pod of pods) {
      const one = this.#prepare(pod, problems);
      if (!one) continue;
      const key = podKey(one);
      if (seen.has(key)) problems.push(problemWith(one, '', 'is given twice'));
      seen.add(key);
      ready.push(one);
    }
    refuseIf(problems);
    return ready;
  }

  /** Undefined when something is wrong with it, which is added to `problems`. */
  #prepare(pod: Pod, problems: Problem[]): Pod | undefined {
    const ready = this.#parts.intake.takePod(pod, problems);
    if (!ready) return undefined;
    const problem = this.#problemOf(ready);
    if (!problem) return ready;
    problems.push(problemWith(ready, problem.path, problem.message));
    return undefined;
  }

  #problemOf(pod: Pod): { path: string; message: string } | undefined {
    if (!isPod(pod)) return { path: 'kind', message: 'is not a Pod of v1' };
    const { metadata, spec } = pod;
    if (!metadata.name) return { path: 'metadata.name', message: 'is required' };
    if (spec.nodeName) return { path: 'spec.nodeName', message: `runs on ${spec.nodeName} already` };
    if (isFinished(pod)) return { path: 'status.phase', message: 'has finished' };
    if (isTerminating(pod)) return { path: 'metadata.deletionTimestamp', message: 'is being deleted' };
    const wanted = schedulerNameOf(pod);
    if (!this.#profiles.has(wanted)) {
      return { path: 'spec.schedulerName', message: `${wanted} is none of ${[...this.#profiles.keys()].join(', ')}` };
    }
    const host = this.#cache.hostOf(podKey(pod));
    if (host !== undefined) return { path: '', message: `was placed on ${host} before; delete() it first` };
    return undefined;
  }

  // --- the cluster changes ---------------------------------------------------------------------------------------------

  /**
   * Objects of any kind that are new or have changed. A pod with spec.nodeName counts on that node, and confirms one that
   * was placed here; one that has finished leaves. A pod is known by its uid, or by namespace and name if it has none.
   * @throws ApiError with everything that is wrong, before anything is taken in.
   */
  apply(...objects: readonly KubeObject[]): void {
    const { intake } = this.#parts;
    const problems: Problem[] = [];
    const good = intake.check(objects, problems);
    for (const object of good) {
      if (object.metadata.name) continue;
      problems.push({ object: nameObject(object), path: 'metadata.name', message: 'is required', severity: 'error' });
    }
    refuseIf(problems);
    this.#takeIn(good);
  }

  #takeIn(objects: readonly KubeObject[]): void {
    const { intake, listers, decider } = this.#parts;
    intake.remember(objects);
    const nodes: Node[] = [];
    const pods: Pod[] = [];
    for (const object of objects) {
      const complete = intake.complete(object);
      if (isNode(complete)) nodes.push(complete);
      else if (isPod(complete)) pods.push(complete);
      else {
        listers.set(complete);
        decider.objectChanged(complete);
      }
    }
    for (const node of nodes) this.#cache.setNode(node);
    for (const pod of pods) this.#setPod(pod);
  }

  /**
   * The object is gone: a node, a pod wherever it was (placed here, bound, or nominated), or anything else.
   * @returns whether it was known.
   */
  delete(object: KubeObject): boolean {
    const { intake, listers, decider } = this.#parts;
    if (isNode(object)) return this.#cache.removeNode(object.metadata.name) !== undefined;
    if (isPod(object)) return this.#removePod(podKey(object));
    const named = intake.complete(object);
    const known = listers.find(named.kind, keyOf(named)) !== undefined;
    intake.forget(named);
    listers.delete(named.kind, keyOf(named));
    decider.objectChanged(named);
    return known;
  }

  #setPod(pod: Pod): void {
    const { nominator } = this.#parts;
    const key = podKey(pod);
    if (isFinished(pod)) {
      this.#removePod(key);
    } else if (pod.spec.nodeName) {
      nominator.delete(key);
      this.#cache.setAssigned(pod);
    } else {
      if (this.#cache.pod(key)?.spec.nodeName) this.#removePod(key); // Another pod of the same name.
      const before = this.#cache.pod(key);
      this.#cache.setWaiting(pod);
      if (!this.#cache.isAssumed(key)) nominator.update(before ?? pod, pod);
    }
  }

  #removePod(key: string): boolean {
    const known = this.#cache.pod(key) !== undefined || this.#cache.isAssumed(key);
    this.#cache.removePod(key);
    if (this.#cache.isAssumed(key)) this.#cache.forget(key);
    const nominated = this.#parts.nominator.nodeOf(key) !== undefined;
    this.#parts.nominator.delete(key);
    return known || nominated;
  }
}

function problemWith(pod: Pod, path: string, message: string): Problem {
  return { object: nameObject(pod), path, message, severity: 'error' };
}

function isNode(object: KubeObject): object is Node {
  return object.kind === 'Node' && object.apiVersion === 'v1';
}

/** Indices, highest priority first; equal ones keep their order. */
function byPriority(pods: readonly Pod[]): number[] {
  const order = pods.map((_, i) => i);
  const isSorted = pods.every((pod, i) => i === 0 || priorityOf(pods[i - 1]) >= priorityOf(pod));
  return isSorted ? order : order.sort((a, b) => priorityOf(pods[b]) - priorityOf(pods[a]));
}
