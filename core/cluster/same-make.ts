/**
 * Whether two pods are of one make: equal in every field that goes into a template's text, so that the text need not be
 * written. False negatives only cost that text.
 */
import type { Container, Pod } from '../objects/types.ts';

export function sameMake(a: Pod, b: Pod): boolean {
  const x = a.spec;
  const y = b.spec;
  if (x === y) return true;
  if (x.schedulerName !== y.schedulerName || x.priority !== y.priority || x.hostNetwork !== y.hostNetwork) return false;
  if (x.hostUsers !== y.hostUsers || x.resourceClaims?.length !== y.resourceClaims?.length) return false;
  if (!sameContainers(x.containers, y.containers) || !sameContainers(x.initContainers, y.initContainers)) return false;
  return (
    deepEqual(x.affinity, y.affinity) &&
    deepEqual(x.tolerations, y.tolerations) &&
    deepEqual(x.topologySpreadConstraints, y.topologySpreadConstraints) &&
    deepEqual(x.nodeSelector, y.nodeSelector) &&
    deepEqual(x.volumes, y.volumes) &&
    deepEqual(x.overhead, y.overhead) &&
    deepEqual(x.resources, y.resources)
  );
}

function sameContainers(a: readonly Container[] | undefined, b: readonly Container[] | undefined): boolean {
  if (a === b) return true;
  if (a?.length !== b?.length) return false;
  for (let i = 0; i < (a?.length ?? 0); i++)
    if (!sameContainer((a as Container[])[i], (b as Container[])[i])) return false;
  return true;
}

function sameContainer(a: Container, b: Container): boolean {
  if (a.image !== b.image || a.restartPolicy !== b.restartPolicy) return false;
  return (
    deepEqual(a.resources?.requests, b.resources?.requests) &&
    deepEqual(a.ports, b.ports) &&
    deepEqual(a.restartPolicyRules, b.restartPolicyRules)
  );
}

/** Of JSON values; an undefined field equals nothing. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameItems(a, b);
  const x = a as Record<string, unknown>;
  const y = b as Record<string, unknown>;
  let more = 0;
  for (const key in x) {
    if (x[key] === undefined || !deepEqual(x[key], y[key])) return false;
    more++;
  }
  for (const _ in y) more--;
  return more === 0;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
  return true;
}
