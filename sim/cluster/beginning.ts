/**
 * How a cluster stands when its time begins: the objects of manifests or of a dump as the API would hold them. Pods that
 * have a node and say nothing of themselves run and are ready; a time later than every time in the input is now.
 */
import { type Deployment, type KubeObject, keyOf, type Node, type Pod, type Problem } from '../../core/index.ts';
import type { Manifests } from '../traces/manifests.ts';
import type { MadeUpApi } from './world/api.ts';
import { nodeAddress } from './world/node-status.ts';
import { readyPod, runningPod, timeProblems } from './world/pod-life.ts';

/** Workloads that controllers keep here: `readManifests` makes no pods of them. */
export const CONTROLLED: ReadonlySet<string> = new Set([
  'apps/v1 Deployment',
  'apps/v1 ReplicaSet',
  'v1 ReplicationController',
]);

const EARLIEST_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Made before what refers to them. */
const FIRST = ['Namespace', 'PriorityClass', 'RuntimeClass', 'StorageClass', 'Node', 'Deployment', 'ReplicaSet'];
const INPUT = 'input';

export interface Beginning {
  objects: KubeObject[];
  startMs: number;
  problems: Problem[];
}

export function beginningOf({ nodes, pods, others }: Manifests): Beginning {
  const problems: Problem[] = [];
  const given = [...others, ...nodes, ...pods];
  for (const object of given) problems.push(...annotationProblems(object));
  const owned = given.map((object) => withoutLostOwners(object, uidsOf(given)));
  problems.push(...lostOwnerProblems(given, owned));
  const objects = [...owned, ...missingNamespaces(owned)].sort((a, b) => rank(a) - rank(b));
  return { objects, startMs: startOf(given), problems };
}

/** Creates the objects; who follows the API learns of each. */
export function begin(api: MadeUpApi, objects: readonly KubeObject[], nowMs: number): void {
  for (const object of objects) {
    const kind = api.kinds.of(object);
    const isUnknownPod = object.kind === 'Pod' && (object as Pod).spec.nodeName && !(object as Pod).status?.phase;
    if (kind) api.create(kind, isUnknownPod ? runningNow(api, object as Pod, nowMs) : object, INPUT);
  }
}

function runningNow(api: MadeUpApi, pod: Pod, nowMs: number): Pod {
  const node = api.objects.get({ group: '', resource: 'nodes' }, '', pod.spec.nodeName ?? '') as Node | undefined;
  const hostIP = nodeAddress(node);
  const podIP = pod.spec.hostNetwork ? hostIP : api.creation.podAddress();
  const placed = { type: 'PodScheduled', status: 'True' };
  const known = { ...pod, status: { ...pod.status, conditions: [placed] } };
  return readyPod(runningPod(known, { podIP, hostIP }, nowMs), nowMs);
}

function rank({ kind }: KubeObject): number {
  const at = FIRST.indexOf(kind);
  if (kind === 'Pod') return FIRST.length + 1;
  return at < 0 ? FIRST.length : at;
}

/** The first whole minute after every time that the objects tell. */
function startOf(objects: readonly KubeObject[]): number {
  let latestMs = EARLIEST_MS - 1;
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (TIME.test(value)) latestMs = Math.max(latestMs, Date.parse(value) || 0);
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) visit(part);
    }
  };
  for (const object of objects) {
    const { creationTimestamp } = object.metadata;
    visit([creationTimestamp, (object as { status?: unknown }).status]);
    if (object.kind === 'Node') visit((object as Node).spec?.taints);
  }
  return (Math.floor(latestMs / MINUTE_MS) + 1) * MINUTE_MS;
}

function missingNamespaces(objects: readonly KubeObject[]): KubeObject[] {
  const declared = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const used = new Set(['default', 'kube-node-lease', ...objects.map(({ metadata }) => metadata.namespace ?? '')]);
  const missing = [...used].filter((name) => name !== '' && !declared.has(name));
  return missing.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

// --- owners that are not there ---------------------------------------------------------------------------------------

function uidsOf(objects: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(objects.map(({ metadata }) => metadata.uid ?? ''));
}

/** The garbage collector would take what has an owner that is nowhere: the input may be part of a cluster. */
function withoutLostOwners(object: KubeObject, uids: ReadonlySet<string>): KubeObject {
  const { ownerReferences } = object.metadata;
  if (!ownerReferences || ownerReferences.every(({ uid }) => uids.has(uid))) return object;
  const kept = ownerReferences.filter(({ uid }) => uids.has(uid));
  return { ...object, metadata: { ...object.metadata, ownerReferences: kept } };
}

function lostOwnerProblems(given: readonly KubeObject[], owned: readonly KubeObject[]): Problem[] {
  const lost = given.filter((object, i) => owned[i] !== object && object.kind === 'Pod');
  const problems = given
    .filter((object): object is Deployment => object.kind === 'Deployment')
    .flatMap((deployment) => lacksSets(deployment, lost));
  if (problems.length > 0 || lost.length === 0) return problems;
  const kinds = new Set(lost.flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ kind }) => kind)));
  const message = `have owners (${[...kinds].join(', ')}) that are not among the objects: nothing makes them anew`;
  return [{ path: '', object: `${lost.length} pods`, message, severity: 'warning' }];
}

/** Its pods would be made a second time. */
function lacksSets(deployment: Deployment, pods: readonly KubeObject[]): Problem[] {
  const prefix = `${deployment.metadata.name}-`;
  const isOf = ({ metadata }: KubeObject): boolean =>
    metadata.namespace === deployment.metadata.namespace &&
    (metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'ReplicaSet' && name.startsWith(prefix));
  const count = pods.filter(isOf).length;
  if (count === 0) return [];
  const message =
    `${count} pods are a ReplicaSet's that is not among the objects; ` +
    'dump ReplicaSets too: kubectl get nodes,pods,deployments,replicasets,... -A -o json';
  return [{ path: '', object: `deployment ${keyOf(deployment)}`, message, severity: 'error' }];
}

function annotationProblems(object: KubeObject): Problem[] {
  const { spec } = object as { spec?: { template?: { metadata?: KubeObject['metadata'] } } };
  const name = `${object.kind.toLowerCase()} ${keyOf(object)}`;
  return (
    [
      ['metadata.annotations', object.metadata.annotations],
      ['spec.template.metadata.annotations', spec?.template?.metadata?.annotations],
    ] as const
  ).flatMap(([at, annotations]) =>
    timeProblems(annotations).map(
      ({ path, message }): Problem => ({ object: name, path: `${at}[${path}]`, message, severity: 'error' }),
    ),
  );
}
