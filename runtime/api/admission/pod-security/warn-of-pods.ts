/**
 * A namespace that becomes stricter: which of its pods would not be let in any more. They stay, with a warning.
 * Source: Kubernetes v1.36, pod-security-admission/admission/admission.go (EvaluatePodsInNamespace).
 */
import type { KubeObject } from '../../../../core/index.ts';
import type { ObjectsView } from '../../objects-view.ts';
import { violationsOf } from './evaluate.ts';
import { podView, type SecuredSpec } from './pod-view.ts';
import { type Demand, demandText } from './policy.ts';

/** More are not looked at. */
const MAX_PODS = 3000;

export function warningsFor(namespace: string, demand: Demand, view: ObjectsView): string[] {
  const pods = [...view.list('', 'pods', namespace)];
  const looked = onePerOwnerFirst(pods).slice(0, MAX_PODS);
  const named = new Map<string, string[]>();
  for (const { metadata, ...rest } of looked) {
    const { spec } = rest as { spec?: SecuredSpec };
    const reasons = violationsOf(podView(spec ?? {}, metadata.annotations), demand).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const text = reasons.join(', ');
    named.set(text, [...(named.get(text) ?? []), metadata.name]);
  }
  const lines = [...named].map(([text, names]) => `${podsText(names.sort())}: ${text}`).sort();
  return [
    ...(looked.length < pods.length
      ? [
          `new PodSecurity enforce level only checked against the first ${looked.length} of ${pods.length} existing pods`,
        ]
      : []),
    ...(lines.length > 0
      ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${demandText(demand)}"`]
      : []),
    ...lines,
  ];
}

function podsText([first, ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`;
}

/** Pods of one owner are alike: the first of each comes before the second of any. */
function onePerOwnerFirst(pods: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>();
  const again: KubeObject[] = [];
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner === undefined || !seen.has(owner)) {
      if (owner !== undefined) seen.add(owner);
      return true;
    }
    again.push(pod);
    return false;
  });
  return [...first, ...again];
}
