/**
 * A Deployment's rolling update stays within its strategy: its ReplicaSets are never asked for more than maxSurge beyond
 * spec.replicas, and no ready pod is taken that maxUnavailable needs. Written from the documentation of the two fields,
 * over plain objects. What users and accidents take (nodes, crashes, evictions) is not the controllers' doing; nor is
 * minReadySeconds counted, as a ReplicaSet chooses among its ready pods without asking for it, in Kubernetes as here.
 */
import { type Deployment, type KubeObject, keyOf, type Pod, type ReplicaSet } from '../../core/index.ts';

/** A write, as the world tells it. */
export interface Written {
  object: KubeObject;
  old?: KubeObject;
  gone: boolean;
  by: string;
}

/** What is there now. */
export interface Objects {
  setsOf(deployment: KubeObject): Iterable<ReplicaSet>;
  podsOf(set: KubeObject): Iterable<Pod>;
  deploymentOf(object: KubeObject): Deployment | undefined;
}

const TAKERS = ['replicaset-controller', 'replication-controller'];

interface Bounds {
  generation: number;
  most: number;
  least: number;
}

interface Watched {
  /** Of the newest generation and of those before it that its controller may still go by. */
  bounds: Bounds[];
  asked: number;
  /** Somebody else took a ready pod, and the Deployment has not been whole since. */
  isDisturbed: boolean;
}

export class RolloutChecker {
  /** In words, one for each time that a limit was passed. */
  readonly pastSurge: string[] = [];
  readonly pastUnavailable: string[] = [];
  readonly #objects: Objects;
  readonly #watched = new Map<string, Watched>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  take(written: Written): void {
    const { object, gone } = written;
    if (object.kind === 'Deployment') this.#takeDeployment(object as Deployment, gone);
    else if (object.kind === 'ReplicaSet') this.#takeSet(object);
    else if (object.kind === 'Pod') this.#takePod(written);
  }

  #takeDeployment(deployment: Deployment, gone: boolean): void {
    const { uid = '', generation = 1 } = deployment.metadata;
    if (gone) {
      this.#watched.delete(uid);
      return;
    }
    const watched = this.#watched.get(uid) ?? { bounds: [], asked: 0, isDisturbed: false };
    this.#watched.set(uid, watched);
    const { observedGeneration = 0 } = deployment.status ?? {};
    const others = watched.bounds.filter((one) => one.generation !== generation);
    const still = others.filter((one) => one.generation >= observedGeneration);
    watched.bounds = [...still, { generation, ...boundsOf(deployment) }];
  }

  #takeSet(set: KubeObject): void {
    const deployment = this.#objects.deploymentOf(set);
    const watched = deployment && this.#watched.get(deployment.metadata.uid ?? '');
    if (!watched) return;
    const asked = [...this.#objects.setsOf(deployment)].reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
    const most = Math.max(...watched.bounds.map((one) => one.most));
    if (asked > watched.asked && asked > most) {
      this.pastSurge.push(`${keyOf(deployment)}: ${asked} pods are asked for, ${most} are allowed`);
    }
    watched.asked = asked;
  }

  #takePod({ object, old, gone, by }: Written): void {
    const set = (object.metadata.ownerReferences ?? []).find(({ controller }) => controller);
    if (set?.kind !== 'ReplicaSet' || !old) return;
    const deployment = this.#objects.deploymentOf(object);
    const watched = deployment && this.#watched.get(deployment.metadata.uid ?? '');
    if (!watched) return;
    const wasReady = isReady(old as Pod);
    const isStill = !gone && isReady(object as Pod);
    if (wasReady && !isStill) {
      if (TAKERS.includes(by)) this.#taken(deployment, watched, object);
      else watched.isDisturbed = true;
    } else if (watched.isDisturbed && isStill) {
      watched.isDisturbed = this.#ready(deployment) < (deployment.spec.replicas ?? 1);
    }
  }

  #taken(deployment: Deployment, { bounds, isDisturbed }: Watched, pod: KubeObject): void {
    const left = this.#ready(deployment);
    const least = Math.min(...bounds.map((one) => one.least));
    // It was not below before: that was somebody else's doing, or there were never enough.
    if (isDisturbed || left >= least || left + 1 < least) return;
    this.pastUnavailable.push(`${keyOf(deployment)}: ${pod.metadata.name} is taken, ${left} are left of ${least}`);
  }

  #ready(deployment: Deployment): number {
    let count = 0;
    for (const set of this.#objects.setsOf(deployment)) {
      for (const pod of this.#objects.podsOf(set)) if (isReady(pod)) count++;
    }
    return count;
  }
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp || status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

function boundsOf({ spec }: Deployment): Omit<Bounds, 'generation'> {
  const { replicas = 1, strategy } = spec;
  if (strategy?.type === 'Recreate') return { most: replicas, least: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const part = (value: number | string, round: (n: number) => number): number =>
    typeof value === 'number' ? value : round((Number.parseFloat(value) * replicas) / 100);
  const surge = part(maxSurge, Math.ceil);
  const lack = part(maxUnavailable, Math.floor);
  // Where neither is allowed, nothing would ever move: one pod may be missing.
  return { most: replicas + surge, least: Math.max(0, replicas - (surge === 0 && lack === 0 ? 1 : lack)) };
}
