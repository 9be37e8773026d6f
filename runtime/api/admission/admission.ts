/**
 * What stands between a decoded, defaulted object and the store: plugins that fill in, then plugins that refuse.
 * A refusal is a thrown ApiError; a plugin never changes the object that it was handed, it returns another.
 * Source: Kubernetes v1.36, staging/src/k8s.io/apiserver/pkg/admission.
 */
import type { KubeObject } from '../../../core/index.ts';
import type { ApiKind } from '../kinds/kind.ts';
import type { User } from '../request.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionRequest {
  operation: Operation;
  kind: ApiKind;
  /** Empty for the object itself: 'status', 'eviction', 'ephemeralcontainers', … otherwise. */
  subresource: string;
  /** Empty for cluster-scoped objects. */
  namespace: string;
  /** Empty while a create leaves the name to generateName. */
  name: string;
  /** What is to be stored; absent for DELETE. */
  object?: KubeObject;
  /** What is stored; absent for CREATE. */
  old?: KubeObject;
  user: User;
  dryRun: boolean;
  /** Adds a Warning header to the response. */
  warn(text: string): void;
}

export interface AdmissionPlugin {
  name: string;
  /** The object to go on with; called for requests that have one. */
  mutate?(request: AdmissionRequest): KubeObject | Promise<KubeObject>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

/** How admission writes: usage of quotas only. */
export interface AdmissionWriter {
  /**
   * Replaces the status of the stored object if metadata.resourceVersion still is the stored one; resolves to what is
   * stored then, and throws the ApiError Conflict otherwise.
   */
  updateStatus(object: KubeObject): Promise<KubeObject>;
  /** The object as stored at this moment, past the cache; asked after a Conflict. */
  read(group: string, resource: string, namespace: string, name: string): Promise<KubeObject | undefined>;
}
