/** Synchronous reads of the cache. All objects are in memory, so that RBAC, admission and the scheduler never wait. */
import type { KubeObject } from '../../core/index.ts';

/** Objects are as stored (in their storage version, metadata.resourceVersion filled in) and must not be changed. */
export interface ObjectsView {
  /** @param namespace empty for a cluster-scoped kind. */
  get(group: string, resource: string, namespace: string, name: string): KubeObject | undefined;
  /** In the order of namespace and name. @param namespace of that one only; without it, of all. */
  list(group: string, resource: string, namespace?: string): Iterable<KubeObject>;
}
