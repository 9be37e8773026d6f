/** Which ReplicaSet is a Deployment's newest: the one of the same template, under a name made of it. */
import type { LabelSelector, Labels } from '../../objects/types.ts';
import type { Deployment, PodTemplate } from '../kinds.ts';
import { canonicalJson, sameValue } from '../same-value.ts';

export const TEMPLATE_HASH = 'pod-template-hash';

export function sameTemplate(a: PodTemplate | undefined, b: PodTemplate | undefined): boolean {
  return sameValue(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate | undefined): PodTemplate | undefined {
  if (!template?.metadata?.labels || !Object.hasOwn(template.metadata.labels, TEMPLATE_HASH)) return template;
  const { [TEMPLATE_HASH]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** No vowels and nothing that reads like something else, so that hashes spell no words. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The same for templates that say the same, in every version of Keelson; another one for each count of collisions.
 * Kubernetes hashes the printed Go structure; the hash is opaque, and ours is FNV-1a over canonical JSON.
 */
export function templateHash({ spec, status }: Deployment): string {
  const text = `${canonicalJson(withoutHash(spec.template))}${status?.collisionCount ?? ''}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return [...String(hash >>> 0)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}

export function withHashLabel(labels: Labels | undefined, hash: string): Labels {
  return { ...labels, [TEMPLATE_HASH]: hash };
}

export function withHashSelector(selector: LabelSelector, hash: string): LabelSelector {
  return { ...selector, matchLabels: withHashLabel(selector.matchLabels, hash) };
}
