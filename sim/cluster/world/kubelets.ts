/**
 * The kubelets of all nodes, made up: each renews its lease, takes the pods bound to its node through life, and is silent
 * while its node is down. A node that is down is a machine without power: its containers are gone, and start anew when it
 * comes back. Source: Kubernetes v1.36, pkg/kubelet (lease, status manager, crash back-off).
 */
import {
  type Change,
  hashText,
  isFinished,
  type KubeObject,
  keyOf,
  LEASES,
  NODES,
  type Node,
  PODS,
  type Pod,
  type ServedKind,
} from '../../../core/index.ts';
import type { Agenda } from './agenda.ts';
import type { MadeUpApi } from './api.ts';
import { nodeAddress, readyNode } from './node-status.ts';
import {
  crashedPod,
  endedPod,
  type PodTimes,
  readyPod,
  restartsOf,
  runningPod,
  runTime,
  timeTaken,
} from './pod-life.ts';
import { microTimeText } from './time-text.ts';
import { MadeUpWatch } from './watch.ts';

const RENEW_MS = 10_000;
const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';
/** Before the second restart; it doubles with each further one. The first is at once. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
const BY = 'kubelet';

export interface KubeletsOptions {
  agenda: Agenda;
  api: MadeUpApi;
  seed: number;
  times: PodTimes;
  watchDelay(): number;
  /** A container has ended by itself and starts anew. */
  restarted(pod: Pod): void;
}

interface Kubelet {
  isUp: boolean;
  /** Keys of the pods that are bound to it, as observed. */
  pods: Set<string>;
}

/** A pod on its way; what was planned for an earlier turn comes to nothing. */
interface Life {
  uid: string;
  turn: number;
  /** Its containers are: what others write of that is put right. */
  isReady: boolean;
}

export class MadeUpKubelets {
  readonly #options: KubeletsOptions;
  readonly #watch: MadeUpWatch;
  readonly #nodes = new Map<string, Kubelet>();
  readonly #lives = new Map<string, Life>();

  constructor(options: KubeletsOptions) {
    this.#options = options;
    const { agenda, api, watchDelay } = options;
    const kinds = api.kinds.all().filter(({ kind }) => kind === 'Node' || kind === 'Pod');
    const changed = (kind: ServedKind, change: Change): void =>
      kind.kind === 'Node' ? this.#nodeChanged(change) : this.#podChanged(change);
    this.#watch = new MadeUpWatch({ agenda, api, kinds, delay: watchDelay, changed });
  }

  start(): void {
    this.#watch.start();
  }

  isUp(node: string): boolean {
    return this.#nodes.get(node)?.isUp ?? false;
  }

  fail(node: string): void {
    const kubelet = this.#nodes.get(node);
    if (!kubelet?.isUp) return;
    kubelet.isUp = false;
    for (const key of kubelet.pods) this.#forget(key);
  }

  /** The machine has power again: it says that it is ready, ends what was told to go, and starts the others anew. */
  restore(node: string): void {
    const kubelet = this.#nodes.get(node);
    if (!kubelet || kubelet.isUp) return;
    kubelet.isUp = true;
    this.#report(node);
    this.#renewals(node);
    for (const key of kubelet.pods) {
      const pod = this.#live(key);
      if (pod && !pod.metadata.deletionTimestamp && pod.status?.phase === 'Running') this.#restart(pod, 137);
      else if (pod) this.#care(pod);
    }
  }

  /** The containers of a pod end with this code. */
  crash(key: string, exitCode: number): void {
    const pod = this.#live(key);
    if (pod && this.isUp(pod.spec.nodeName ?? '') && pod.status?.phase === 'Running') this.#end(pod, exitCode);
  }

  // --- nodes ---------------------------------------------------------------------------------------------------------

  #nodeChanged({ object, gone }: Change): void {
    const { name } = object.metadata;
    if (gone) {
      this.fail(name);
      this.#nodes.delete(name);
      return;
    }
    if (this.#nodes.has(name)) return;
    const kubelet: Kubelet = { isUp: !isLost(object as Node), pods: new Set() };
    this.#nodes.set(name, kubelet);
    for (const pod of this.#watch.observed.list(PODS)) {
      if ((pod as Pod).spec.nodeName === name) kubelet.pods.add(keyOf(pod));
    }
    if (!kubelet.isUp) return;
    this.#report(name);
    this.#renewals(name);
    for (const key of kubelet.pods) this.#care(this.#live(key));
  }

  /** Says that the node is ready, where the API does not know it. */
  #report(name: string): void {
    const { api, agenda } = this.#options;
    api.change(NODES, name, (node) => readyNode(node as Node, agenda.nowMs), BY);
  }

  /** The first comes somewhere within the period, as kubelets start at any time. */
  #renewals(name: string): void {
    const { agenda, seed } = this.#options;
    const kubelet = this.#nodes.get(name);
    this.#renew(name);
    const renew = (): void => {
      if (!kubelet?.isUp || this.#nodes.get(name) !== kubelet) return;
      this.#report(name);
      this.#renew(name);
      agenda.after(RENEW_MS, renew);
    };
    agenda.after(Math.floor((hashText(seed, `${name}/lease`) / 2 ** 53) * RENEW_MS), renew);
  }

  #renew(name: string): void {
    const { api, agenda } = this.#options;
    const renewTime = microTimeText(agenda.nowMs);
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
    const key = `${LEASE_NAMESPACE}/${name}`;
    if (api.objects.of(LEASES).get(key)) {
      api.change(LEASES, key, (lease) => ({ ...lease, spec }) as KubeObject, BY);
      return;
    }
    const { uid = '' } = api.objects.of(NODES).get(name)?.metadata ?? {};
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
    const type = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    const lease = { ...type, metadata: { name, namespace: LEASE_NAMESPACE, ownerReferences }, spec };
    api.create(api.kinds.of(type)!, lease, BY);
  }

  // --- pods ----------------------------------------------------------------------------------------------------------

  #podChanged({ object, old, gone }: Change): void {
    const pod = object as Pod;
    const key = keyOf(pod);
    const kubelet = this.#nodes.get(pod.spec.nodeName ?? '');
    if (gone) {
      kubelet?.pods.delete(key);
      this.#forget(key);
      return;
    }
    kubelet?.pods.add(key);
    const before = old as Pod | undefined;
    if (!kubelet?.isUp) return;
    const isNews = !before?.spec.nodeName || (pod.metadata.deletionTimestamp && !before.metadata.deletionTimestamp);
    if (isNews) this.#care(pod);
    else if (this.#lives.get(key)?.isReady && !isReadyPod(pod)) this.#sayReady(key);
  }

  /** Somebody said that the pod was not, as the node controller does of a node that it has not heard from. */
  #sayReady(key: string): void {
    const live = this.#live(key);
    const isMeant = live && live.metadata.uid === this.#lives.get(key)?.uid && live.status?.phase === 'Running';
    if (isMeant && !live.metadata.deletionTimestamp && !isReadyPod(live)) {
      this.#write(live, readyPod(live, this.#options.agenda.nowMs));
    }
  }

  /** What is next in the life of a pod that its kubelet has just come to know, or is told to end. */
  #care(pod: Pod | undefined): void {
    if (!pod) return;
    if (pod.metadata.deletionTimestamp) this.#plan(pod, 'stop', (live) => this.#remove(live));
    else if (isFinished(pod)) return;
    else if (pod.status?.phase !== 'Running') this.#start(pod);
    else if (!isReadyPod(pod)) this.#becomeReady(pod);
    else {
      this.#lifeOf(pod).isReady = true;
      this.#planEnd(pod);
    }
  }

  #start(pod: Pod): void {
    this.#plan(pod, 'start', (live) => {
      const { api, agenda } = this.#options;
      const hostIP = nodeAddress(api.objects.of(NODES).get(live.spec.nodeName ?? '') as Node | undefined);
      const podIP = live.status?.podIP ?? (live.spec.hostNetwork ? hostIP : api.creation.podAddress());
      this.#write(live, runningPod(live, { podIP: String(podIP), hostIP }, agenda.nowMs));
      this.#becomeReady(live);
      this.#planEnd(live);
    });
  }

  #becomeReady(pod: Pod): void {
    const life = this.#lifeOf(pod);
    const ready = (live: Pod): void => {
      life.isReady = true;
      this.#write(live, readyPod(live, this.#options.agenda.nowMs));
    };
    this.#plan(pod, 'ready', ready, life.turn);
  }

  /** A pod that runs for a while only. */
  #planEnd(pod: Pod): void {
    const run = runTime(pod);
    if (!run) return;
    const life = this.#lifeOf(pod);
    const { turn } = life;
    this.#options.agenda.after(run.ms, () => {
      const live = this.#live(keyOf(pod));
      if (live && this.#lives.get(keyOf(pod)) === life && life.turn === turn) this.#end(live, run.exitCode);
    });
  }

  #end(pod: Pod, exitCode: number): void {
    if (pod.metadata.deletionTimestamp) {
      this.#remove(pod); // It was told to go: nothing is left to wait for.
      return;
    }
    const { restartPolicy = 'Always' } = pod.spec;
    const isRestarted = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
    if (isRestarted) this.#restart(pod, exitCode);
    else {
      this.#forget(keyOf(pod));
      this.#write(pod, endedPod(pod, exitCode, this.#options.agenda.nowMs));
    }
  }

  /** The containers end and start anew, after a pause from the second time on. */
  #restart(pod: Pod, exitCode: number): void {
    const { agenda, restarted } = this.#options;
    const restarts = restartsOf(pod, pod.spec.containers[0]?.name ?? '');
    const pauseMs = restarts === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (restarts - 1), LONGEST_PAUSE_MS);
    restarted(pod);
    const life = this.#lifeOf(pod);
    const turn = this.#turn(life);
    this.#write(pod, crashedPod(pod, exitCode, agenda.nowMs));
    agenda.after(pauseMs, () => {
      const live = this.#live(keyOf(pod));
      if (live && life.turn === turn) this.#start(live);
    });
  }

  #remove({ metadata: { namespace = '', name, uid } }: Pod): void {
    const { api } = this.#options;
    const pods = api.kinds.of({ apiVersion: 'v1', kind: 'Pod' })!;
    api.delete(pods, { namespace, name, uid }, { graceSeconds: 0 }, BY);
  }

  /** Carries out after the time that the pod takes for it, unless something else has happened to it by then. */
  #plan(pod: Pod, phase: keyof PodTimes, run: (live: Pod) => void, sameTurn?: number): void {
    const { agenda, times, seed } = this.#options;
    const life = this.#lifeOf(pod);
    if (sameTurn === undefined) this.#turn(life);
    const { turn } = life;
    agenda.after(timeTaken(pod, phase, turn, times, seed), () => {
      const live = this.#live(keyOf(pod));
      if (live?.metadata.uid !== life.uid || this.#lives.get(keyOf(pod)) !== life || life.turn !== turn) return;
      run(live);
    });
  }

  /** What was planned comes to nothing. */
  #turn(life: Life): number {
    life.isReady = false;
    return ++life.turn;
  }

  #lifeOf(pod: Pod): Life {
    const key = keyOf(pod);
    const { uid = '' } = pod.metadata;
    let life = this.#lives.get(key);
    if (life?.uid !== uid) this.#lives.set(key, (life = { uid, turn: 0, isReady: false }));
    return life;
  }

  #forget(key: string): void {
    this.#lives.delete(key);
  }

  #live(key: string): Pod | undefined {
    return this.#options.api.objects.of(PODS).get(key) as Pod | undefined;
  }

  #write(pod: Pod, next: Pod): void {
    this.#options.api.change(PODS, keyOf(pod), () => next, BY);
  }
}

/** A node that a dump says nobody hears from. One without conditions is a node of a manifest, which is well. */
function isLost({ status }: Node): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready !== undefined && ready.status !== 'True';
}

function isReadyPod({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}
