/**
 * LimitRanger: defaults and bounds for containers, pods and claims of a namespace.
 * Source: Kubernetes v1.36, plugin/pkg/admission/limitranger/admission.go.
 */
import type { Container, PersistentVolumeClaim, Pod, ResourceList } from '../../../../core/index.ts';
import { forbidden } from '../../http/status.ts';
import type { ObjectsView } from '../../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { type Amounts, amountOf } from '../amount.ts';
import { limitsOf, requestsOf } from '../pod-amounts.ts';
import { isPodCreate, withSpec } from '../pods.ts';
import { claimViolations, violations } from './constraints.ts';
import { containerDefaults, type LimitRange, type LimitRangeItem } from './limit-range.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

export function limitRanger(view: ObjectsView): AdmissionPlugin {
  const rangesOf = ({ namespace }: AdmissionRequest): LimitRange[] =>
    Array.from(view.list('', 'limitranges', namespace) as Iterable<LimitRange>);
  return {
    name: 'LimitRanger',
    mutate(request) {
      const pod = request.object as Pod;
      if (!isPodCreate(request)) return pod;
      return rangesOf(request).reduce(withDefaults, pod);
    },
    validate(request) {
      if (!isLimited(request)) return;
      const ranges = rangesOf(request);
      if (ranges.length === 0) return;
      const problemsOf = checkerFor(request);
      for (const { spec } of ranges) {
        const problems = (spec?.limits ?? []).flatMap(problemsOf);
        if (problems.length === 0) continue;
        const why = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
        throw forbidden('', request.kind.plural, request.name, why);
      }
    },
  };
}

// --- defaults --------------------------------------------------------------------------------------------------------

function withDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const limits: ResourceList = {};
  const requests: ResourceList = {};
  for (const item of spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    const defaults = containerDefaults(item);
    Object.assign(limits, defaults.limits);
    Object.assign(requests, defaults.requests);
  }
  const words: string[] = [];
  const fill = (container: Container, what: string): Container => {
    const own = container.resources ?? {};
    const setRequests = missing(requests, own.requests);
    const setLimits = missing(limits, own.limits);
    if (setRequests.length > 0) words.push(`${setRequests.join(', ')} request for ${what} ${container.name}`);
    if (setLimits.length > 0) words.push(`${setLimits.join(', ')} limit for ${what} ${container.name}`);
    if (setRequests.length + setLimits.length === 0) return container;
    return {
      ...container,
      resources: { ...own, limits: { ...limits, ...own.limits }, requests: { ...requests, ...own.requests } },
    };
  };
  const containers = pod.spec.containers.map((container) => fill(container, 'container'));
  const initContainers = pod.spec.initContainers?.map((container) => fill(container, 'init container'));
  if (words.length === 0) return pod;
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${words.join('; ')}` };
  return withSpec(
    { ...pod, metadata: { ...pod.metadata, annotations } },
    { ...pod.spec, containers, ...(initContainers && { initContainers }) },
  );
}

function missing(defaults: ResourceList, own: ResourceList | undefined): string[] {
  return Object.keys(defaults)
    .filter((name) => !own || !Object.hasOwn(own, name))
    .sort();
}

// --- bounds ----------------------------------------------------------------------------------------------------------

/** A new pod, or a claim that is written. */
function isLimited(request: AdmissionRequest): boolean {
  const { operation, kind, subresource } = request;
  if (isPodCreate(request)) return true;
  const isClaim = kind.group === '' && kind.plural === 'persistentvolumeclaims' && subresource === '';
  return isClaim && (operation === 'CREATE' || operation === 'UPDATE');
}

/** @param request isLimited. */
function checkerFor(request: AdmissionRequest): (item: LimitRangeItem) => string[] {
  const { object } = request;
  if (isPodCreate(request)) return podChecker(object as Pod);
  const requests = amounts((object as PersistentVolumeClaim).spec.resources?.requests);
  return (item) => (item.type === 'PersistentVolumeClaim' ? claimViolations(item, requests) : []);
}

function podChecker(pod: Pod): (item: LimitRangeItem) => string[] {
  const { containers, initContainers = [] } = pod.spec;
  const each = [...containers, ...initContainers].map(({ resources }) => ({
    requests: amounts(resources?.requests),
    limits: amounts(resources?.limits),
  }));
  const whole = { requests: requestsOf(pod), limits: limitsOf(pod) };
  return (item) => {
    if (item.type === 'Container') return each.flatMap((observed) => violations(item, observed));
    return item.type === 'Pod' ? violations(item, whole) : [];
  };
}

function amounts(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(quantity)]));
}
