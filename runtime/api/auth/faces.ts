/**
 * What the server sees of authentication and authorization: who a request is from, and whether it may be made.
 * Both are objects with a lifetime (keys, an index of rules); the requests they judge are plain data.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectsView } from '../objects-view.ts';
import type { RequestInfo, User } from '../request.ts';

/** What a request says about its sender. */
export interface Credentials {
  headers: IncomingHttpHeaders;
  /** The certificate that the TLS handshake has verified against the cluster's authority; absent without one. */
  peerCertificate?: PeerCertificate;
}

/** The part of node:tls' PeerCertificate that names its holder. Multiple O are an array. */
export interface PeerCertificate {
  subject: { CN?: string | string[]; O?: string | string[] };
  /** As node:tls writes it: 'Nov 23 14:00:00 2026 GMT'. */
  valid_from?: string;
  valid_to?: string;
}

export interface Authenticator {
  /** undefined when the request brings no credentials; throws the ApiError Unauthorized when it brings wrong ones. */
  authenticate(credentials: Credentials): Promise<User | undefined>;
}

/** What a request wants to do: RequestInfo as the server derives it, or as an access review spells it. */
export type Attributes = RequestInfo;

export interface Decision {
  allowed: boolean;
  /** Which rule let it pass, in Kubernetes' words; empty when refused. */
  reason: string;
}

export interface Authorizer {
  authorize(user: User, attributes: Attributes): Decision;
  /** Every rule of `user`: those that hold in `namespace` and those that hold in all. */
  rulesFor(user: User, namespace: string): readonly PolicyRule[];
}

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export interface PolicyRule {
  verbs: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

/** The cache, and a number per kind that changes whenever an object of that kind does: what an index asks before it rebuilds. */
export interface VersionedView extends ObjectsView {
  version(group: string, resource: string): number;
}
