/**
 * Which quotas speak of an object, and what all objects of a namespace use of one.
 * Source: Kubernetes v1.36, apiserver/pkg/quota/v1/generic/evaluator.go (Matches), pkg/controller/resourcequota.
 */
import type { KubeObject, Pod, ResourceList } from '../../../../core/index.ts';
import type { ObjectsView } from '../../objects-view.ts';
import { type Amount, countOf } from '../amount.ts';
import { evaluatorOf } from './evaluators.ts';
import { amountsOf, listOf, only, type ResourceQuota, sum } from './quota.ts';
import { podMatches, requirementsOf } from './scopes.ts';

/** A quota with scopes speaks of pods only. */
export function speaksOf(quota: ResourceQuota, group: string, plural: string, object: KubeObject): boolean {
  const evaluator = evaluatorOf(group, plural);
  if (!Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.measures(name))) return false;
  const requirements = requirementsOf(quota);
  if (requirements.length === 0) return true;
  return group === '' && plural === 'pods' && requirements.every((one) => podMatches(one, object as Pod));
}

/** Everything that the objects of the quota's namespace use of the resources it bounds, as status.used has it. */
export function usedOf(quota: ResourceQuota, view: ObjectsView, nowMs: number): ResourceList {
  const hard = amountsOf(quota.spec?.hard);
  const namespace = quota.metadata.namespace ?? '';
  let used = new Map<string, Amount>([...hard.keys()].map((name) => [name, countOf(0)]));
  for (const { group, plural } of kindsOf(hard.keys())) {
    const evaluator = evaluatorOf(group, plural);
    for (const object of view.list(group, plural, namespace)) {
      if (speaksOf(quota, group, plural, object)) used = sum(used, only(evaluator.usage(object, nowMs), hard));
    }
  }
  return listOf(used);
}

/** The kinds whose objects have to be counted for these resources. */
function kindsOf(resources: Iterable<string>): { group: string; plural: string }[] {
  const found = new Map<string, { group: string; plural: string }>();
  for (const resource of resources) {
    for (const kind of kindOf(resource)) found.set(`${kind.plural}.${kind.group}`, kind);
  }
  return [...found.values()];
}

const MEASURED = [
  'pods',
  'services',
  'persistentvolumeclaims',
  'configmaps',
  'secrets',
  'replicationcontrollers',
  'resourcequotas',
];

function kindOf(resource: string): { group: string; plural: string }[] {
  const known = MEASURED.find((plural) => evaluatorOf('', plural).measures(resource));
  if (known) return [{ group: '', plural: known }];
  if (!resource.startsWith('count/')) return [];
  const [plural, ...group] = resource.slice('count/'.length).split('.');
  return [{ group: group.join('.'), plural }];
}
