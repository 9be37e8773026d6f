/** Seccomp profiles, which both levels look at. Source: Kubernetes v1.36, pod-security-admission/policy/check_seccompProfile_*.go. */
import type { Violation } from './check.ts';
import { containersText, named, type PodView, quoted, type SecurityContext, setters, sortedSet } from './pod-view.ts';

const isGood = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

function badTypes(context: SecurityContext | undefined): string[] {
  const profile = context?.seccompProfile;
  return profile && !isGood(profile.type) ? [profile.type ?? ''] : [];
}

/** A profile that is named must be a good one. */
export function badSeccompSetters(pod: PodView): Violation | undefined {
  const byPod = badTypes(pod.spec.securityContext);
  const names = named(pod, ({ securityContext }) => badTypes(securityContext).length > 0);
  const who = setters(byPod.length > 0, names);
  if (!who) return undefined;
  const types = sortedSet([...byPod, ...pod.containers.flatMap(({ securityContext }) => badTypes(securityContext))]);
  return {
    reason: 'seccompProfile',
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

/** Every container has a good profile, its own or the pod's. */
export function missingSeccomp(pod: PodView): Violation | undefined {
  const bad = badSeccompSetters(pod);
  if (bad || pod.spec.securityContext?.seccompProfile) return bad;
  const names = named(pod, ({ securityContext }) => !securityContext?.seccompProfile);
  if (names.length === 0) return undefined;
  const must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${containersText(names)} ${must}` };
}
