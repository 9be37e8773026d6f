/**
 * PodSecurity: pods are held to the level that their namespace's labels enforce; templates of pods only earn warnings.
 * Source: Kubernetes v1.36, staging/src/k8s.io/pod-security-admission/admission/admission.go. Audit annotations are not
 * written, as there is no audit log.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, Namespace } from '../../../../core/index.ts';
import { forbidden, invalid } from '../../http/status.ts';
import { isMap, valueAt } from '../../object.ts';
import type { ObjectsView } from '../../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { violationsOf, violationsText } from './evaluate.ts';
import { type PodView, podView, type SecuredContainer, type SecuredSpec } from './pod-view.ts';
import { type Demand, demandText, LEVELS, policyOf, sameDemand } from './policy.ts';
import { warningsFor } from './warn-of-pods.ts';

/** Where the pod stands in an object: 'GROUP/PLURAL' → path of its metadata and spec; '' is the object itself. */
const TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['/podtemplates', 'template'],
  ['/replicationcontrollers', 'spec.template'],
  ['apps/replicasets', 'spec.template'],
  ['apps/deployments', 'spec.template'],
  ['apps/statefulsets', 'spec.template'],
  ['apps/daemonsets', 'spec.template'],
  ['batch/jobs', 'spec.template'],
  ['batch/cronjobs', 'spec.jobTemplate.spec.template'],
]);

/** Subresources of pods that do not change what runs. */
const HARMLESS = ['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status', 'resize'];

export function podSecurity(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'PodSecurity',
    validate(request) {
      const { operation, kind } = request;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      const key = `${kind.group}/${kind.plural}`;
      if (key === '/namespaces') checkNamespace(request, view);
      else if (key === '/pods') checkPod(request, view);
      else if (TEMPLATES.has(key)) checkTemplate(request, TEMPLATES.get(key)!, view);
    },
  };
}

function policyFor({ namespace }: AdmissionRequest, view: ObjectsView): ReturnType<typeof policyOf> {
  return policyOf(view.get('', 'namespaces', '', namespace)?.metadata.labels);
}

function checkPod(request: AdmissionRequest, view: ObjectsView): void {
  const { operation, subresource, object, old, name } = request;
  if (HARMLESS.includes(subresource)) return;
  const { enforce, warn } = policyFor(request, view).policy;
  if (enforce.level === 'privileged' && warn.level === 'privileged') return;
  const pod = viewOf(object!);
  if (operation === 'UPDATE' && old && !isSignificant(pod, viewOf(old))) return;
  const violations = violationsOf(pod, enforce);
  if (violations.length > 0) {
    throw forbidden('', 'pods', name, `violates PodSecurity "${demandText(enforce)}": ${violationsText(violations)}`);
  }
  if (!sameDemand(enforce, warn)) warnOf(request, pod, warn);
}

function checkTemplate(request: AdmissionRequest, path: string, view: ObjectsView): void {
  if (request.subresource !== '') return;
  const { warn } = policyFor(request, view).policy;
  const template = valueAt(request.object, path);
  if (warn.level !== 'privileged' && isMap(template) && isMap(template.spec)) warnOf(request, viewOf(template), warn);
}

function warnOf({ warn }: AdmissionRequest, pod: PodView, demand: Demand): void {
  const violations = violationsOf(pod, demand);
  if (violations.length > 0) {
    warn(`would violate PodSecurity "${demandText(demand)}": ${violationsText(violations)}`);
  }
}

/** Of a pod, or of a template, which looks the same. */
function viewOf(object: KubeObject | Record<string, unknown>): PodView {
  const { metadata, spec } = object as { metadata?: { annotations?: Record<string, string> }; spec?: SecuredSpec };
  return podView(spec ?? {}, metadata?.annotations);
}

/** Only images, seccomp annotations and ephemeral containers can change in a pod that is there. */
function isSignificant(next: PodView, old: PodView): boolean {
  const seccomp = ({ annotations }: PodView): unknown =>
    Object.entries(annotations).filter(([key]) => key.includes('seccomp.security.alpha.kubernetes.io/'));
  if (next.containers.length !== old.containers.length || !isDeepStrictEqual(seccomp(next), seccomp(old))) return true;
  const before = new Map(old.containers.map((container) => [container.name, container]));
  return next.containers.some(({ name, image }: SecuredContainer) => before.get(name)?.image !== image);
}

function checkNamespace(request: AdmissionRequest, view: ObjectsView): void {
  const { operation, subresource, name, object, old } = request;
  if (subresource !== '') return;
  const next = policyOf((object as Namespace).metadata.labels);
  const before = operation === 'UPDATE' && old ? policyOf((old as Namespace).metadata.labels) : undefined;
  if (next.causes.length > 0 && !(before && isDeepStrictEqual(next.causes, before.causes))) {
    throw invalid('', 'Namespace', name, next.causes);
  }
  if (!before) return;
  const [now, was] = [next.policy.enforce, before.policy.enforce];
  const relaxed = now.minor === was.minor && LEVELS.indexOf(now.level) <= LEVELS.indexOf(was.level);
  if (now.level === 'privileged' || relaxed) return;
  for (const warning of warningsFor(name, now, view)) request.warn(warning);
}
