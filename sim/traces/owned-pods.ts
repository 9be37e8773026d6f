/**
 * A pod as its controller makes it: name, labels, owner, spec of the template. Names and uids are the same in every run.
 * Source: Kubernetes v1.36, pkg/controller/controller_utils.go.
 */
import type { KubeObject, LabelSelector, Labels, ObjectMeta, OwnerReference, Pod, PodSpec } from '../../core/index.ts';

interface Template {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
}

/** The fields of the several kinds that decide how many pods there are, and which. */
export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    parallelism?: number;
    completions?: number;
    suspend?: boolean;
    selector?: LabelSelector;
    ordinals?: { start?: number };
    template: Template;
    volumeClaimTemplates?: (KubeObject & { spec: unknown })[];
  };
  status?: { conditions?: { type: string; status: string }[]; [field: string]: unknown };
}

/** More pods than any cluster has are a slip of the pen, and would only fill the memory. */
export const MOST_PODS = 1_000_000;

/** A pod of its owner's template; its spec may be changed. */
export function podOf(owner: Workload, name: string, labels: Labels = {}): Pod {
  const { metadata, spec } = owner.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(metadata?.annotations && { annotations: metadata.annotations }),
      name,
      namespace: owner.metadata.namespace,
      labels: { ...metadata?.labels, ...labels },
      ownerReferences: [ownedBy(owner)],
    },
    spec: { ...spec },
  };
}

/** A generated name leaves room: what it is made from is cut to 58 characters. */
export function podName(prefix: string, suffix: string): string {
  return `${prefix.slice(0, 58)}-${suffix}`;
}

export function ownedBy(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: uidOf(owner), controller: true, blockOwnerDeletion: true };
}

/** Its own, or one made from its name: the same in every run. */
export function uidOf({ kind, metadata }: KubeObject): string {
  return metadata.uid ?? `${kind.toLowerCase()}/${metadata.namespace ?? ''}/${metadata.name}`;
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a over the template's text, in the letters Kubernetes uses for its own hashes. */
export function templateHash(template: unknown): string {
  let hash = 0x811c9dc5;
  for (const code of Buffer.from(JSON.stringify(template))) hash = Math.imul(hash ^ code, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}
