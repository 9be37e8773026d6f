/** What every object carries, of whatever kind. Source: Kubernetes v1.36, apimachinery/pkg/apis/meta/v1/types.go. */

export type Labels = Record<string, string>;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string | null;
  deletionGracePeriodSeconds?: number;
  labels?: Labels;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

/** Any object: what a store, a loader or a lister handles without knowing the kind. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** 'ns/name', or 'name' for a cluster-scoped object. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  if (name === last.name && namespace === last.namespace) return last.key;
  last = { namespace, name, key: namespace ? `${namespace}/${name}` : name };
  return last.key;
}

/** Many ask for the key of one object in a row, and a text made once is hashed once. */
let last: { namespace: string | undefined; name: string; key: string } = { namespace: undefined, name: '', key: '' };

/** Kubernetes' default namespace, filled in for a pod that names none. */
export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace || 'default';
}
