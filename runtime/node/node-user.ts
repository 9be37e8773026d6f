/** As whom a node's agent writes. Source: Kubernetes v1.36, pkg/auth/nodeidentifier. */
import type { ApiClient } from '../api/client.ts';
import { AUTHENTICATED_GROUP } from '../api/request.ts';

const GROUPS = ['system:nodes', AUTHENTICATED_GROUP];

/** The API as the agent of this node sees it: it may do what kubelets may, and its fields are the kubelet's. */
export function asNode(client: ApiClient, nodeName: string): ApiClient {
  return client.as({ name: `system:node:${nodeName}`, groups: GROUPS }, 'kubelet');
}
