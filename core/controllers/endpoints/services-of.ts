/** Which Services are to be looked at when a pod changes. */
import { compilePairs, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { type KubeObject, keyOf, type Service } from '../../objects/types.ts';
import type { Change, Observed } from '../controller.ts';
import { SERVICES } from '../resources.ts';
import { sameValue } from '../same-value.ts';

const selectors = new WeakMap<Service, Selector>();

/** The pods behind it; undefined for a Service whose endpoints are its user's. */
export function selectorOf(service: Service): Selector | undefined {
  const { type, selector } = service.spec ?? {};
  if (type === 'ExternalName' || !selector || Object.keys(selector).length === 0) return undefined;
  let compiled = selectors.get(service);
  if (!compiled) selectors.set(service, (compiled = compilePairs(selector)));
  return compiled;
}

/** Those that select the pod, or did before it changed. Nothing where the change is none that endpoints show. */
export function servicesOfPod({ object, old, gone }: Change, observed: Observed): string[] {
  const keys: string[] = [];
  if (old && !gone && sameShown(object as Shown, old as Shown)) return keys;
  for (const service of observed.list(SERVICES, object.metadata.namespace)) {
    const selector = selectorOf(service as Service);
    if (!selector) continue;
    const did = old && selectorMatches(selector, old.metadata.labels);
    if (did || selectorMatches(selector, object.metadata.labels)) keys.push(keyOf(service));
  }
  return keys;
}

function sameShown(a: Shown, b: Shown): boolean {
  return (
    sameValue(a.spec?.nodeName, b.spec?.nodeName) &&
    sameValue(a.status?.phase, b.status?.phase) &&
    sameValue(a.status?.podIP, b.status?.podIP) &&
    sameValue(a.status?.podIPs, b.status?.podIPs) &&
    sameValue(readinessOf(a), readinessOf(b)) &&
    sameValue(a.metadata.deletionTimestamp, b.metadata.deletionTimestamp) &&
    sameValue(a.metadata.labels, b.metadata.labels) &&
    sameValue(a.spec?.hostname, b.spec?.hostname) &&
    sameValue(a.spec?.subdomain, b.spec?.subdomain)
  );
}

function readinessOf({ status }: Shown): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

interface Shown extends KubeObject {
  spec?: Record<string, unknown>;
  status?: StatusShown;
}

interface StatusShown {
  phase?: string;
  podIP?: string;
  podIPs?: unknown;
  conditions?: { type: string; status: string }[];
}
