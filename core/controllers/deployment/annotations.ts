/**
 * What a Deployment notes on its ReplicaSets: the revision, and for what size they were scaled.
 * Source: Kubernetes v1.36, pkg/controller/deployment/util/deployment_util.go.
 */
import type { KubeObject } from '../../objects/types.ts';
import type { Deployment, ReplicaSet } from '../kinds.ts';
import { maxSurge, replicasOf } from './fenceposts.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Revisions are 64 bits wide, so they are counted in bigints. */
const WHOLE = /^\d{1,18}$|^[1-8]\d{18}$/;
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const OWN: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);
/** Characters of the history that are kept. */
const HISTORY_LIMIT = 2000;

export type Annotations = Record<string, string>;

export function revisionOf(object: KubeObject): bigint {
  const revision = object.metadata.annotations?.[REVISION] ?? '';
  return WHOLE.test(revision) ? BigInt(revision) : 0n;
}

/** The size that the set was last scaled for; undefined where it is not noted. */
export function desiredReplicas(set: ReplicaSet): number | undefined {
  return countAt(set, DESIRED_REPLICAS);
}

export function maxReplicas(set: ReplicaSet): number | undefined {
  return countAt(set, MAX_REPLICAS);
}

function countAt({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** `annotations` with the sizes noted; itself where they are. */
export function withSizes(annotations: Annotations, deployment: Deployment): Annotations {
  const desired = String(replicasOf(deployment));
  const most = String(replicasOf(deployment) + maxSurge(deployment));
  if (annotations[DESIRED_REPLICAS] === desired && annotations[MAX_REPLICAS] === most) return annotations;
  return { ...annotations, [DESIRED_REPLICAS]: desired, [MAX_REPLICAS]: most };
}

/** What the newest set is to carry: the Deployment's own annotations and a revision, never a lower one than it has. */
export function newestAnnotations(deployment: Deployment, set: ReplicaSet, revision: bigint): Annotations {
  const had = set.metadata.annotations ?? {};
  const annotations: Annotations = { ...had };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN.has(name)) annotations[name] = value;
  }
  if (revisionOf(set) >= revision) return annotations;
  annotations[REVISION] = String(revision);
  if (had[REVISION] !== undefined) annotations[REVISION_HISTORY] = longerHistory(had[REVISION_HISTORY], had[REVISION]);
  return annotations;
}

/** Revisions that the set had before, the oldest first; the oldest go where there are too many. */
function longerHistory(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision];
  while (revisions.length > 1 && revisions.join().length > HISTORY_LIMIT) revisions.shift();
  return revisions.join();
}
