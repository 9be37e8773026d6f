/**
 * What a cluster's controllers would add to a set of objects before anything is scheduled: pods of workloads that have
 * none yet, claims of ephemeral volumes, namespaces that pods live in.
 */
import type { KubeObject, Node, Pod } from '../../core/index.ts';
import { ownedBy } from './owned-pods.ts';
import { expandWorkload } from './workloads.ts';

/**
 * The objects, each followed by what its controller makes of it. Defaults are not filled into what is new.
 * @param controlled 'apps/v1 Deployment': workloads that are left as they are.
 */
export function withControllers(
  objects: readonly KubeObject[],
  nodes: readonly Node[],
  controlled: ReadonlySet<string> = new Set(),
): KubeObject[] {
  const owners = ownersOf(objects);
  const all: KubeObject[] = [];
  const names = new Set(objects.map(nameKey));
  const add = (object: KubeObject): void => {
    // A claim that exists is used, and a pod of this name would be refused.
    if (names.has(nameKey(object))) return;
    names.add(nameKey(object));
    all.push(object);
  };
  for (const object of objects) {
    all.push(object);
    if (isPod(object)) for (const claim of ephemeralClaims(object)) add(claim);
    const isLeft = owners.has(nameKey(object)) || controlled.has(`${object.apiVersion} ${object.kind}`);
    const expansion = isLeft ? undefined : expandWorkload(object, nodes);
    for (const other of expansion?.others ?? []) add(other);
    for (const pod of expansion?.pods ?? []) {
      add(pod);
      for (const claim of ephemeralClaims(pod)) add(claim);
    }
  }
  return all;
}

/** Namespaces that pods live in and nobody has declared. */
export function missingNamespaces(objects: readonly KubeObject[]): KubeObject[] {
  const declared = new Set(objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const used = new Set(objects.filter(isPod).map(({ metadata }) => metadata.namespace ?? 'default'));
  const missing = [...used].filter((name) => !declared.has(name));
  return missing.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

function isPod(object: KubeObject): object is Pod {
  return object.kind === 'Pod' && object.apiVersion === 'v1';
}

/** 'kind/namespace/name': names are unique within a kind. */
export function nameKey({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Keys of all workloads that something belongs to already, as in the dump of a running cluster. */
function ownersOf(objects: readonly KubeObject[]): Set<string> {
  const owners = new Set<string>();
  for (const { kind, metadata } of objects) {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    if (!owner) continue;
    const namespace = metadata.namespace ?? '';
    owners.add(`${owner.kind}/${namespace}/${owner.name}`);
    // A dump without ReplicaSets still tells the Deployment by the hash that ends their names.
    const hash = metadata.labels?.['pod-template-hash'];
    if (kind === 'Pod' && owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`)) {
      owners.add(`Deployment/${namespace}/${owner.name.slice(0, -hash.length - 1)}`);
    }
  }
  return owners;
}

/** A pod that runs has its claims, in the dump or not. */
function ephemeralClaims(pod: Pod): KubeObject[] {
  if (pod.spec.nodeName) return [];
  return (pod.spec.volumes ?? []).flatMap(({ name, ephemeral }) => {
    const template = ephemeral?.volumeClaimTemplate;
    if (!template) return [];
    const metadata = {
      ...template.metadata,
      name: `${pod.metadata.name}-${name}`,
      namespace: pod.metadata.namespace,
      ownerReferences: [ownedBy(pod)],
    };
    return [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec }];
  });
}
