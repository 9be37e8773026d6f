/**
 * The scheduling queue once more, as naive as can be: one array of pods, each with the name of its place; what comes
 * first is found by sorting. Written from section 6 of the semantics, for pods that three plugins can reject.
 */
import type { ClusterEvent } from '../../../../core/scheduler/queue/events.ts';
import { Action, assignedPodDelete } from '../../../../core/scheduler/queue/events.ts';
import type { PendingPod } from '../../../../core/scheduler/queue/pending-pods.ts';
import { node, pod } from './pods.ts';

/** Each is heard by exactly one of the plugins, which then always says yes. */
export const EVENTS: Record<string, { event: ClusterEvent; heardBy: string }> = {
  nodeAdd: {
    event: { resource: 'Node', action: Action.Add, new: node('n', { has: { pods: '0' } }) },
    heardBy: 'NodeName',
  },
  podDelete: { event: assignedPodDelete(pod('gone', { spec: { nodeName: 'n' } })), heardBy: 'NodeResourcesFit' },
  csiNodeAdd: {
    event: {
      resource: 'CSINode',
      action: Action.Add,
      new: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'n' } },
    },
    heardBy: 'NodeVolumeLimits',
  },
};
export const PLUGINS = ['NodeName', 'NodeResourcesFit', 'NodeVolumeLimits'];

interface ModelPod {
  name: string;
  priority: number;
  gated: boolean;
  place: PendingPod['place'];
  arrival: number;
  timestamp: number;
  refusals: number;
  errors: number;
  rejectedBy: string[];
  /** Heard while in flight: plugins' names, and 'activate'. */
  heard: string[];
}

export class QueueModel {
  pods: ModelPod[] = [];
  now: number;
  readonly #start: number;
  #arrivals = 0;

  constructor(now: number) {
    this.now = now;
    this.#start = now;
  }

  find(name: string): ModelPod | undefined {
    return this.pods.find((one) => one.name === name);
  }

  add(name: string, priority: number, gated: boolean): void {
    const place = gated ? 'gated' : 'active';
    const fresh = { refusals: 0, errors: 0, rejectedBy: [], heard: [] };
    this.pods.push({ name, priority, gated, place, arrival: this.#arrivals++, timestamp: this.now, ...fresh });
  }

  pop(): string | undefined {
    const next = this.#in('active').sort(byTurn)[0] ?? this.#in('backoff').sort(byExpiry)[0];
    if (!next) return undefined;
    next.place = 'inFlight';
    next.rejectedBy = [];
    next.heard = [];
    return next.name;
  }

  fail(one: ModelPod, plugins: string[]): void {
    one.rejectedBy = plugins;
    one.timestamp = this.now;
    if (plugins.length === 0) one.errors++;
    else {
      one.refusals++;
      one.errors = 0;
    }
    const helped = plugins.length === 0 || one.heard.some((what) => what === 'activate' || plugins.includes(what));
    one.place = 'unschedulable';
    if (helped) this.#afterBackoff(one);
  }

  event(heardBy: string): void {
    for (const one of this.#in('inFlight')) one.heard.push(heardBy);
    for (const one of this.#in('unschedulable')) if (one.rejectedBy.includes(heardBy)) this.#afterBackoff(one);
  }

  /** The gate opens, or the priority changes. */
  update(one: ModelPod, priority: number, gated: boolean): void {
    one.priority = priority;
    const opened = one.gated && !gated;
    one.gated = gated;
    if (opened && one.place === 'gated') one.place = 'active';
  }

  done(one: ModelPod): void {
    this.pods = this.pods.filter((other) => other !== one);
  }

  /** An attempt under way goes on. */
  remove(name: string): void {
    this.pods = this.pods.filter((one) => one.name !== name || one.place === 'inFlight');
  }

  activate(one: ModelPod): void {
    if (one.place === 'inFlight') one.heard.push('activate');
    else if (one.place !== 'gated') one.place = 'active';
  }

  flush(): void {
    for (const one of [...this.#in('backoff'), ...this.#in('errorBackoff')]) {
      if (expiryOf(one) < second(this.now)) one.place = 'active';
    }
    const tick = this.#start + Math.floor((this.now - this.#start) / 30_000) * 30_000;
    for (const one of this.#in('unschedulable')) if (tick - one.timestamp > 300_000) this.#afterBackoff(one);
  }

  #in(place: ModelPod['place']): ModelPod[] {
    return this.pods.filter((one) => one.place === place);
  }

  #afterBackoff(one: ModelPod): void {
    const backsOff = expiryOf(one) >= second(this.now);
    one.place = !backsOff ? 'active' : one.rejectedBy.length === 0 ? 'errorBackoff' : 'backoff';
  }
}

function second(ms: number): number {
  return ms - (ms % 1000);
}

function expiryOf({ errors, refusals, timestamp }: ModelPod): number {
  const seconds = [0, 1, 2, 4, 8, 10][Math.min(errors > 0 ? errors : refusals, 5)];
  return second(timestamp + seconds * 1000);
}

function byTurn(a: ModelPod, b: ModelPod): number {
  return b.priority - a.priority || a.timestamp - b.timestamp || a.arrival - b.arrival;
}

function byExpiry(a: ModelPod, b: ModelPod): number {
  return expiryOf(a) - expiryOf(b) || byTurn(a, b);
}
