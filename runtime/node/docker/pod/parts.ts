/** What the worker of a pod has from its node. */
import type { V1Pod } from '@kubernetes/client-node';
import type { KubeObject } from '../../../../core/index.ts';
import type { ApiClient } from '../../../api/client.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lookups } from '../spec/lookups.ts';
import type { PullSecrets } from '../spec/pull-secrets.ts';

/** A bound token of the pod's service account. */
export type PodToken = (pod: V1Pod, account: string, audience: string | undefined, seconds: number) => Promise<string>;

/** Who carries connections to the pods of a node. */
export interface PodServices {
  /** A pod is in the node's network, and nothing of it runs yet. @throws Error in words. */
  joined(): void;
  /** Resolves when nothing new is sent to a pod that is to end, at the latest after `limitMs`. */
  withdraw(pod: KubeObject, limitMs: number): Promise<void>;
}

export interface NodeParts {
  engine: Engine;
  client: ApiClient;
  /** Value of the label of all containers that are this cluster's. */
  owner: string;
  /** Below it, a directory a pod. */
  directory: string;
  hostIP: string;
  allowPrivileged: boolean;
  lookups(pod: V1Pod, podIP: string): Lookups;
  pullSecrets(pod: V1Pod): PullSecrets;
  issueToken: PodToken;
  services: PodServices;
  tell(pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
  now(): number;
  /** The engine does not answer. */
  engineGone(error: Error): void;
  problem(error: Error): void;
}
