/**
 * Which address families a Service gets, from what it asks for and what the cluster has.
 * Source: Kubernetes v1.36, pkg/registry/core/service/storage/alloc.go, initIPFamilyFields.
 */
import { parseIp } from '../../objects/ip.ts';
import type { IPFamily, ServiceSpec } from '../../objects/types.ts';

/** A complaint and the field it is about, under spec. */
export interface Complaint {
  path: string;
  message: string;
}

export type Families = Pick<ServiceSpec, 'ipFamilies' | 'ipFamilyPolicy' | 'clusterIPs' | 'clusterIP'>;

/**
 * The fields as the API server would set them; complaints are added to `complaints`.
 * @param configured the cluster's families, the default one first.
 * @param previous the Service as it was, when it had families before.
 */
export function chooseFamilies(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  configured: readonly IPFamily[],
  complaints: Complaint[],
): Families {
  const headlessAlone = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  const policy =
    spec.ipFamilyPolicy ?? previous?.ipFamilyPolicy ?? (headlessAlone ? 'RequireDualStack' : 'SingleStack');
  const given = narrowed(spec, previous, policy, complaints);
  const families = inferred(given, configured, complaints);
  const done = (ipFamilies: string[]): Families => ({ ...given, ipFamilies, ipFamilyPolicy: policy });
  if (isKept(spec, previous, policy, families)) return done(families);
  if (headlessAlone) {
    // Its endpoints are the user's own: families that the cluster lacks will do.
    return done(widened(families.length > 0 ? families : [configured[0]], policy !== 'SingleStack'));
  }
  if (policy === 'RequireDualStack' && configured.length < 2) {
    complaints.push({ path: 'ipFamilyPolicy', message: 'the cluster has one address family only' });
  }
  families.forEach((family, i) => {
    if (configured.includes(family as IPFamily) || !spec.ipFamilies?.[i]) return;
    complaints.push(lacking(`ipFamilies[${i}]`, family));
  });
  const some = families.length > 0 ? families : [configured[0]];
  return done(widened(some, policy !== 'SingleStack' && configured.length === 2));
}

/** SingleStack lets go of the second address and family; nothing else does. */
function narrowed(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  policy: string,
  complaints: Complaint[],
): Families {
  const { clusterIP, clusterIPs = [], ipFamilies = [] } = spec;
  const same = (a: readonly string[], b: readonly string[] = []): boolean => a.join() === b.join();
  if (policy !== 'SingleStack') {
    const fewer = (now: readonly string[], before: readonly string[] = []): boolean =>
      now.length > 0 && now.length < before.length;
    const message = "only ipFamilyPolicy 'SingleStack' releases the second";
    if (fewer(clusterIPs, previous?.clusterIPs)) complaints.push({ path: 'clusterIPs', message });
    if (fewer(ipFamilies, previous?.ipFamilies)) complaints.push({ path: 'ipFamilies', message });
    return { clusterIP, clusterIPs, ipFamilies };
  }
  const ips = same(clusterIPs, previous?.clusterIPs) ? clusterIPs.slice(0, 1) : clusterIPs;
  const families = same(ipFamilies, previous?.ipFamilies) ? ipFamilies.slice(0, 1) : ipFamilies;
  if (ips.length > 1 || families.length > 1) {
    const message = 'two addresses or families need RequireDualStack or PreferDualStack';
    complaints.push({ path: 'ipFamilyPolicy', message });
  }
  return { clusterIP, clusterIPs: ips, ipFamilies: families };
}

/** Families that are not named follow from the addresses. */
function inferred(given: Families, configured: readonly IPFamily[], complaints: Complaint[]): string[] {
  const families = [...(given.ipFamilies ?? [])];
  (given.clusterIPs ?? []).forEach((ip, i) => {
    const family = parseIp(ip)?.family;
    if (!family || i < families.length) return;
    if (configured.includes(family)) families.push(family);
    else complaints.push(lacking(`clusterIPs[${i}]`, family));
  });
  return families;
}

/** A Service that prefers two families stays as it is when the cluster gains or loses one. */
function isKept(
  spec: ServiceSpec,
  previous: ServiceSpec | undefined,
  policy: string,
  families: readonly string[],
): boolean {
  return (
    policy === 'PreferDualStack' &&
    previous?.ipFamilyPolicy === policy &&
    families.length > 0 &&
    families.join() === previous.ipFamilies?.join() &&
    (spec.clusterIPs ?? []).join() === (previous.clusterIPs ?? []).join()
  );
}

function widened(families: readonly string[], both: boolean): string[] {
  if (!both || families.length > 1) return [...families];
  return [families[0], families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

export function lacking(path: string, family: string): Complaint {
  return { path, message: `the cluster has no ${family} addresses` };
}
