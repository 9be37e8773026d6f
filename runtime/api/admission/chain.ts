/**
 * Which plugins there are, in Kubernetes' order. Source: Kubernetes v1.36, pkg/kubeapiserver/options/plugins.go; of its
 * defaults those about certificates, webhooks and policies in CEL are left out.
 */
import { randomInt } from 'node:crypto';
import type { KubeObject } from '../../../core/index.ts';
import type { Authorizer } from '../auth/faces.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest, AdmissionWriter } from './admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger/limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './quota/resource-quota.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { defaultStorageClass, persistentVolumeClaimResize, storageObjectInUseProtection } from './storage.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

export interface ChainOptions {
  authorizer: Authorizer;
  /** Milliseconds since 1970. */
  now(): number;
  /** Five characters for the name of a volume; random by default. */
  suffix?(): string;
}

export function admissionChain(view: ObjectsView, writer: AdmissionWriter, options: ChainOptions): AdmissionPlugin[] {
  const { authorizer, now, suffix = randomSuffix } = options;
  return [
    namespaceLifecycle(view),
    rbacEscalation(view, authorizer),
    limitRanger(view),
    serviceAccount(view, suffix),
    taintNodesByCondition,
    podSecurity(view),
    priority(view),
    defaultTolerationSeconds,
    defaultStorageClass(view),
    storageObjectInUseProtection,
    persistentVolumeClaimResize(view),
    runtimeClass(view),
    defaultIngressClass(view),
    resourceQuota(view, writer, now),
  ];
}

/** The object with all that plugins fill in. */
export async function runMutating(chain: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<KubeObject> {
  let object = request.object!;
  for (const plugin of chain) {
    if (!plugin.mutate) continue;
    const next = plugin.mutate({ ...request, object });
    object = next instanceof Promise ? await next : next;
  }
  return object;
}

/** Throws what the first plugin refuses with. For an UPDATE or CREATE `request.object` is what is about to be stored. */
export async function runValidating(chain: readonly AdmissionPlugin[], request: AdmissionRequest): Promise<void> {
  for (const plugin of chain) {
    const done = plugin.validate?.(request);
    if (done instanceof Promise) await done;
  }
}

const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';

function randomSuffix(): string {
  return Array.from({ length: 5 }, () => SUFFIX_CHARACTERS[randomInt(SUFFIX_CHARACTERS.length)]).join('');
}
