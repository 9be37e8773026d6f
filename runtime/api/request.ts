/** Who asks, and for what: what authorization, admission and the registry know of a request. Source: Kubernetes v1.36, apiserver/pkg/endpoints/request/requestinfo.go. */

/** Groups of every authenticated and of the anonymous request. */
export const ANONYMOUS = 'system:anonymous';
export const AUTHENTICATED_GROUP = 'system:authenticated';
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated';

export interface User {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** The server itself: in system:masters, so everything is allowed to it. */
export const LOOPBACK_USER: User = { name: 'system:apiserver', groups: ['system:masters', AUTHENTICATED_GROUP] };

export interface RequestInfo {
  /** False: only `path` and `verb` (the HTTP method in lower case) are of meaning. */
  resourceRequest: boolean;
  path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection. */
  verb: string;
  group: string;
  version: string;
  /** The plural: 'pods'. */
  resource: string;
  /** 'status', 'exec', …; empty for the object itself. */
  subresource: string;
  namespace: string;
  name: string;
}
