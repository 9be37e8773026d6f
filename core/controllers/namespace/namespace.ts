/**
 * A namespace that is being deleted: its pods are deleted, once they are gone everything else in it, its conditions say
 * what is left, and when nothing is, the finalizer that holds it goes. Source: Kubernetes v1.36, pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */
import { type KubeObject, keyOf, type Namespace } from '../../objects/types.ts';
import { type Condition, withCondition } from '../conditions.ts';
import {
  type Action,
  CONFLICT,
  type Controller,
  NOT_FOUND,
  type Observed,
  type Part,
  type Refusal,
  RefusedError,
  type ServedKind,
  type Sync,
  unlessGone,
  type World,
} from '../controller.ts';
import { NAMESPACES, PODS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { timeText } from '../time.ts';

const FINALIZER = 'kubernetes';
const OBSERVE_AGAIN_MS = 100;

export function namespaceController(): Controller {
  return {
    name: 'namespace-controller',
    watches: [
      { resource: NAMESPACES, keys: ({ object }) => (object.metadata.deletionTimestamp ? [keyOf(object)] : []) },
    ],
    /** Whatever changes in a namespace that is going may be the last of it. */
    ofAll({ namespaced }, { object }, observed) {
      const { namespace = '' } = object.metadata;
      const isGoing = namespaced && observed.get(NAMESPACES, '', namespace)?.metadata.deletionTimestamp;
      return isGoing ? [namespace] : [];
    },
    *sync(name, world) {
      const namespace = world.observed.get(NAMESPACES, '', name) as Namespace | undefined;
      const held = namespace?.spec?.finalizers?.includes(FINALIZER);
      return namespace?.metadata.deletionTimestamp && held ? yield* empty(namespace, world) : undefined;
    },
  };
}

interface Left {
  kind: ServedKind;
  objects: KubeObject[];
}

function* empty(namespace: Namespace, { observed, nowMs }: World): Sync {
  const left = contentOf(namespace.metadata.name, observed);
  const pods = left.filter(({ kind }) => kind.group === PODS.group && kind.resource === PODS.resource);
  // What pods run by (secrets, network policies) stays until the last of them has ended.
  const actions = (pods.length > 0 ? pods : left).flatMap(({ kind, objects }) =>
    objects.filter(({ metadata }) => !metadata.deletionTimestamp).map((object) => deletion(kind, object)),
  );
  const outcomes = actions.length > 0 ? yield actions : [];
  const failures = outcomes
    .map(({ refusal }) => refusal)
    .filter((refusal) => refusal !== undefined && refusal.code !== NOT_FOUND && refusal.code !== CONFLICT) as Refusal[];
  const conditions = conditionsOf(namespace, left, failures, nowMs);
  let latest: KubeObject | undefined = namespace;
  if (!sameValue(conditions, statusOf(namespace).conditions)) {
    const object = { ...namespace, status: { ...statusOf(namespace), phase: 'Terminating', conditions } } as KubeObject;
    latest = yield* unlessGone({ type: 'update', resource: NAMESPACES, object, subresource: 'status' });
  }
  if (failures.length > 0) throw new RefusedError(failures[0]);
  // Each object that goes is an event, which looks again.
  if (left.length > 0 || !latest) return undefined;
  if (!(yield* isEmpty(namespace, observed))) return { afterMs: OBSERVE_AGAIN_MS };
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  const object = { ...latest, spec: { ...namespace.spec, finalizers } } as KubeObject;
  yield* unlessGone({ type: 'update', resource: NAMESPACES, object, subresource: 'finalize' });
  return undefined;
}

/** Asked of the API itself: what was made last may not have been observed yet. */
function* isEmpty({ metadata }: Namespace, observed: Observed): Part<boolean> {
  const kinds = [...observed.kinds()].filter(({ namespaced }) => namespaced);
  const outcomes = yield kinds.map((resource): Action => ({ type: 'list', resource, namespace: metadata.name }));
  // A kind that is served no more has nothing left.
  const refusal = outcomes.find((outcome) => outcome.refusal && outcome.refusal.code !== NOT_FOUND)?.refusal;
  if (refusal) throw new RefusedError(refusal);
  return outcomes.every(({ objects = [] }) => objects.length === 0);
}

function contentOf(namespace: string, observed: Observed): Left[] {
  const left: Left[] = [];
  for (const kind of observed.kinds()) {
    if (!kind.namespaced) continue;
    const objects = [...observed.list(kind, namespace)];
    if (objects.length > 0) left.push({ kind, objects });
  }
  return left;
}

function deletion(resource: ServedKind, { metadata: { namespace = '', name, uid } }: KubeObject): Action {
  return { type: 'delete', resource, namespace, name, uid, propagation: 'Background' };
}

function statusOf(namespace: Namespace): { conditions?: readonly Condition[] } {
  return (namespace.status ?? {}) as { conditions?: readonly Condition[] };
}

// --- conditions ------------------------------------------------------------------------------------------------------

function conditionsOf(
  namespace: Namespace,
  left: readonly Left[],
  failures: readonly Refusal[],
  nowMs: number,
): readonly Condition[] {
  const finalizers = finalizersOf(left);
  const news = [
    told('NamespaceDeletionDiscoveryFailure', '', 'ResourcesDiscovered', 'All resources successfully discovered'),
    told(
      'NamespaceDeletionGroupVersionParsingFailure',
      '',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length > 0
      ? told(
          'NamespaceDeletionContentFailure',
          'True',
          'ContentDeletionFailed',
          failures.map(({ message }) => message).join('; '),
        )
      : told(
          'NamespaceDeletionContentFailure',
          '',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    left.length > 0
      ? told('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', remainingText(left))
      : told('NamespaceContentRemaining', '', 'ContentRemoved', 'All content successfully removed'),
    finalizers.size > 0
      ? told('NamespaceFinalizersRemaining', 'True', 'SomeFinalizersRemain', finalizersText(finalizers))
      : told(
          'NamespaceFinalizersRemaining',
          '',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
  const lastTransitionTime = timeText(nowMs);
  return news.reduce<readonly Condition[]>(
    (conditions, condition) => replaced(conditions, { ...condition, lastTransitionTime }),
    statusOf(namespace).conditions ?? [],
  );
}

/** @param status '' for False. */
function told(type: string, status: string, reason: string, message: string): Condition {
  return { type, status: status || 'False', reason, message };
}

/** The counts in a message go on while the condition stays. */
function replaced(conditions: readonly Condition[], next: Condition): readonly Condition[] {
  return withCondition(conditions, next).map((condition) =>
    condition.type === next.type ? { ...condition, message: next.message } : condition,
  );
}

function remainingText(left: readonly Left[]): string {
  const texts = left.map(({ kind, objects }) => `${nameOf(kind)} has ${objects.length} resource instances`);
  return `Some resources are remaining: ${texts.sort().join(', ')}`;
}

function nameOf({ group, resource }: ServedKind): string {
  return `${resource}.${group}`;
}

function finalizersOf(left: readonly Left[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { objects } of left) {
    for (const { metadata } of objects) {
      for (const finalizer of metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
    }
  }
  return counts;
}

function finalizersText(finalizers: ReadonlyMap<string, number>): string {
  const texts = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return `Some content in the namespace has finalizers remaining: ${texts.sort().join(', ')}`;
}
