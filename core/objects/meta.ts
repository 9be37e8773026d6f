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
  const { metadata } = object;
  if (metadata === lastMetadata) return lastKey;
  const { namespace, name } = metadata;
  lastKey = namespace ? `${namespace}/${name}` : name;
  lastMetadata = metadata;
  return lastKey;
}

/** Many ask for the key of one object in a row, and a text made once is hashed once. Names never change. */
let lastMetadata: ObjectMeta | undefined;
let lastKey = '';

/** Kubernetes' default namespace, filled in for a pod that names none. */
export function namespaceOf(object: KubeObject): string {
  return object.metadata.namespace || 'default';
}
