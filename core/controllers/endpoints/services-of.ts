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
export function* servicesOfPod({ object, old, gone }: Change, observed: Observed): Generator<string> {
  if (old && !gone && sameShown(object, old)) return;
  for (const service of observed.list(SERVICES, object.metadata.namespace)) {
    const selector = selectorOf(service as Service);
    if (!selector) continue;
    const did = old && selectorMatches(selector, old.metadata.labels);
    if (did || selectorMatches(selector, object.metadata.labels)) yield keyOf(service);
  }
}

function sameShown(a: KubeObject, b: KubeObject): boolean {
  return sameValue(shown(a), shown(b));
}

function shown(pod: KubeObject): unknown {
  const { metadata, spec, status } = pod as KubeObject & { spec?: Record<string, unknown>; status?: StatusShown };
  return [
    metadata.labels,
    metadata.deletionTimestamp,
    spec?.nodeName,
    spec?.hostname,
    spec?.subdomain,
    status?.phase,
    status?.podIP,
    status?.podIPs,
    status?.conditions?.find(({ type }) => type === 'Ready')?.status,
  ];
}

interface StatusShown {
  phase?: string;
  podIP?: string;
  podIPs?: unknown;
  conditions?: { type: string; status: string }[];
}
