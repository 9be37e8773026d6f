/** How many pods are in which state, in all and of each workload that is asked for a number of them, kept as they change. */
import { controllerOf, isFinished, isTerminating, type KubeObject, keyOf, type Pod } from '../../../core/index.ts';
import type { Commit, MadeUpApi } from '../world/api.ts';

export const POD_STATES = ['pending', 'starting', 'running', 'ready', 'terminating', 'finished'] as const;
export type PodState = (typeof POD_STATES)[number];
export type Counts = Record<PodState | 'serving', number>;

/** Kinds that are asked for a number of pods, each the last above its pods that is. */
const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet']);

export interface Workload {
  /** 'Deployment default/web' */
  name: string;
  desired: number;
  /** Of its pods that are not going: all, those that are ready, and those that are and whose node has power. */
  pods: number;
  ready: number;
  serving: number;
  isGone: boolean;
}

interface Known {
  state: PodState;
  serving: boolean;
  workload?: Workload;
}

export interface TallyOptions {
  api: MadeUpApi;
  isUp(node: string): boolean;
  /** Something of the counts is other than it was; `workload` where it is one's. */
  changed(workload?: Workload): void;
}

export class PodTally {
  readonly counts: Counts = { pending: 0, starting: 0, running: 0, ready: 0, terminating: 0, finished: 0, serving: 0 };
  /** By uid. */
  readonly workloads = new Map<string, Workload>();
  readonly #options: TallyOptions;
  readonly #pods = new Map<string, Known>();

  constructor(options: TallyOptions) {
    this.#options = options;
    options.api.follow((commit) => this.#take(commit));
  }

  /** Pods of a node that has lost its power, or has it again. */
  nodeTurned(node: string): void {
    for (const pod of this.#options.api.objects.list({ group: '', resource: 'pods' })) {
      if ((pod as Pod).spec.nodeName === node) this.#takePod(pod as Pod, false);
    }
  }

  workloadOf(pod: Pod): Workload | undefined {
    let owner: KubeObject | undefined = pod;
    let found: Workload | undefined;
    // A Deployment stands above the ReplicaSet.
    for (let depth = 0; owner && depth < 3; depth++) {
      const reference = controllerOf(owner);
      const kind = reference && this.#options.api.kinds.of(reference);
      owner = kind && this.#options.api.objects.get(kind, pod.metadata.namespace ?? '', reference.name);
      if (owner?.metadata.uid !== reference?.uid) return found;
      found = this.workloads.get(reference?.uid ?? '') ?? found;
    }
    return found;
  }

  #take({ kind, object, gone }: Commit): void {
    if (kind.kind === 'Pod') this.#takePod(object as Pod, gone);
    else if (WORKLOADS.has(kind.kind)) this.#takeWorkload(object, gone);
  }

  #takeWorkload(object: KubeObject, gone: boolean): void {
    const { uid = '' } = object.metadata;
    const isPart = WORKLOADS.has(controllerOf(object)?.kind ?? '');
    const known = this.workloads.get(uid);
    if (isPart) return;
    const desired = gone || object.metadata.deletionTimestamp ? 0 : replicasOf(object);
    const name = `${object.kind} ${keyOf(object)}`;
    const workload = known ?? { name, desired, pods: 0, ready: 0, serving: 0, isGone: false };
    if (!known) this.workloads.set(uid, workload);
    else if (known.desired === desired && known.isGone === gone) return;
    workload.desired = desired;
    workload.isGone = gone;
    this.#options.changed(workload);
  }

  #takePod(pod: Pod, gone: boolean): void {
    const { uid = '' } = pod.metadata;
    const before = this.#pods.get(uid);
    const state = stateOf(pod);
    const serving = !gone && state === 'ready' && this.#options.isUp(pod.spec.nodeName ?? '');
    if (!gone && before?.state === state && before.serving === serving) return;
    if (before) this.#count(before, -1);
    const workload = before?.workload ?? this.workloadOf(pod);
    if (gone) this.#pods.delete(uid);
    else {
      const now: Known = { state, serving, workload };
      this.#pods.set(uid, now);
      this.#count(now, 1);
    }
    this.#options.changed(workload);
  }

  #count({ state, serving, workload }: Known, by: 1 | -1): void {
    this.counts[state] += by;
    if (serving) this.counts.serving += by;
    if (!workload || state === 'terminating' || state === 'finished') return;
    workload.pods += by;
    if (state === 'ready') workload.ready += by;
    if (serving) workload.serving += by;
  }
}

export function stateOf(pod: Pod): PodState {
  if (isFinished(pod)) return 'finished';
  if (isTerminating(pod)) return 'terminating';
  if (!pod.spec.nodeName) return 'pending';
  if (pod.status?.phase !== 'Running') return 'starting';
  const isReady = pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isReady ? 'ready' : 'running';
}

function replicasOf(object: KubeObject): number {
  return (object as { spec?: { replicas?: number } }).spec?.replicas ?? 1;
}
