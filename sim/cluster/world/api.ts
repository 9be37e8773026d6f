/**
 * The API as controllers, kubelets and users find it, over plain objects in memory: versions and generations, conditions
 * of writes, finalizers and graces, evictions. It has no admission but names, defaults and the end of namespaces: quotas,
 * limit ranges and validation are not asked. Source: Kubernetes v1.36, apiserver/pkg/registry/{rest,generic/registry}.
 */
import {
  type Action,
  type ActionOutcome,
  budgetsToAsk,
  type Clock,
  type DefaultsContext,
  DISRUPTION_BUDGETS,
  defaultsContext,
  type KubeObject,
  keyOf,
  NAMESPACES,
  PODS,
  type Pod,
  type PodDisruptionBudget,
  type ResourceRef,
  resourceKey,
  type ServedKind,
  sameValue,
  takeFromBudget,
} from '../../../core/index.ts';
import { Creation } from './creation.ts';
import { type DeletionRequest, isOver, marked } from './deletion.ts';
import type { KindTable } from './kinds.ts';
import { ClusterObjects } from './objects.ts';
import { patched } from './patch.ts';
import { timeText } from './time-text.ts';

/** A write that came about. */
export interface Commit {
  kind: ServedKind;
  object: KubeObject;
  /** As it was before; undefined when it is new. */
  old?: KubeObject;
  gone: boolean;
  /** Who wrote: a controller's name, 'kubelet', 'scheduler', 'drain', 'scenario'. */
  by: string;
}

type Write = Exclude<Action, { type: 'event' }>;

/** Whose change makes the defaults of pods others. */
const CLASSES: ReadonlySet<string> = new Set(['PriorityClass', 'RuntimeClass', 'StorageClass']);

export class MadeUpApi {
  readonly kinds: KindTable;
  /** What is true now; not to be changed from outside. */
  readonly objects: ClusterObjects;
  readonly creation: Creation;
  readonly #clock: Clock;
  readonly #listeners: ((commit: Commit) => void)[] = [];
  readonly #served = new Map<string, ServedKind>();
  #revision = 0;
  #context: DefaultsContext | undefined;

  constructor(kinds: KindTable, clock: Clock, seed: number) {
    this.kinds = kinds;
    this.objects = new ClusterObjects(kinds.all());
    this.creation = new Creation(seed);
    this.#clock = clock;
    for (const kind of kinds.all()) this.#served.set(resourceKey(kind), kind);
  }

  /** Told of every write at once, in order. */
  follow(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  carryOut(action: Write, by: string): ActionOutcome {
    const kind = this.#served.get(resourceKey(action.resource));
    if (!kind) return refused(404, 'NotFound', 'the server could not find the requested resource');
    switch (action.type) {
      case 'get': {
        const object = this.objects.get(kind, action.namespace, action.name);
        return object ? { object } : notFound(kind, action.name);
      }
      case 'list':
        return { objects: [...this.objects.list(kind, action.namespace)] };
      case 'create':
        return this.create(kind, action.object, by);
      case 'update': {
        const { object, subresource } = action;
        return this.#update(kind, object, (old) => replaced(old, object, subresource), by);
      }
      case 'patch': {
        const { namespace, name, body, patch, subresource } = action;
        const { metadata } = body as { metadata?: Partial<KubeObject['metadata']> };
        const target = { metadata: { ...metadata, namespace, name } };
        const next = (old: KubeObject): KubeObject => {
          const object = patched(old, body, patch) as KubeObject;
          return subresource === 'status' ? replaced(old, object, subresource) : object;
        };
        return this.#update(kind, target, next, by);
      }
      case 'delete': {
        const { namespace, name, uid, resourceVersion, propagation, graceSeconds } = action;
        return this.delete(kind, { namespace, name, uid, resourceVersion }, { propagation, graceSeconds }, by);
      }
    }
  }

  create(kind: ServedKind, object: KubeObject, by: string): ActionOutcome {
    const finished = this.creation.finish(object, this.#defaults(), this.#clock.now());
    const { namespace = '', name } = finished.metadata;
    const space = kind.namespaced ? this.objects.get(NAMESPACES, '', namespace) : undefined;
    if (kind.namespaced && !space) return refused(404, 'NotFound', `namespaces "${namespace}" not found`);
    if (space?.metadata.deletionTimestamp) {
      const message = `unable to create new content in namespace ${namespace} because it is being terminated`;
      return refused(403, 'Forbidden', message, ['NamespaceTerminating']);
    }
    if (this.objects.get(kind, namespace, name)) {
      return refused(409, 'AlreadyExists', `${kind.resource} "${name}" already exists`);
    }
    return { object: this.#commit(kind, finished, undefined, by) };
  }

  /** A change by who knows the object as it is: the kubelet, the user. undefined from `next`: nothing is to be written. */
  change(resource: ResourceRef, key: string, next: (old: KubeObject) => KubeObject | undefined, by: string): void {
    const kind = this.#served.get(resourceKey(resource));
    const old = kind && this.objects.of(kind).get(key);
    const wanted = old && next(old);
    if (kind && wanted) this.#update(kind, old, () => wanted, by);
  }

  delete(
    kind: ServedKind,
    target: { namespace: string; name: string; uid?: string; resourceVersion?: string },
    request: DeletionRequest,
    by: string,
  ): ActionOutcome {
    const old = this.objects.get(kind, target.namespace, target.name);
    if (!old) return notFound(kind, target.name);
    const conflict = conflictOf(kind, target, old);
    if (conflict) return conflict;
    const next = marked(kind, old, request, this.#clock.now());
    if (!next) this.#remove(kind, old, by);
    else if (next !== old) this.#commit(kind, next, old, by);
    return {};
  }

  /** As pods/eviction: 429 where the pod's budget says no. */
  evict(namespace: string, name: string, by: string): ActionOutcome {
    const pod = this.objects.get(PODS, namespace, name) as Pod | undefined;
    const pods = this.#served.get(resourceKey(PODS))!;
    if (!pod) return notFound(pods, name);
    const budgets = budgetsToAsk(
      pod,
      this.objects.list(DISRUPTION_BUDGETS, namespace) as Iterable<PodDisruptionBudget>,
    );
    if (budgets.length > 1) return refused(500, 'InternalError', 'This pod has more than one PodDisruptionBudget');
    for (const budget of budgets) {
      const verdict = takeFromBudget(budget, pod, timeText(this.#clock.now()));
      if ('refusal' in verdict) return refused(429, 'TooManyRequests', verdict.refusal, ['DisruptionBudget']);
      this.change(DISRUPTION_BUDGETS, keyOf(budget), (old) => ({ ...old, status: verdict.status }) as KubeObject, by);
    }
    return this.delete(pods, { namespace, name, uid: pod.metadata.uid }, {}, by);
  }

  #update(
    kind: ServedKind,
    target: Pick<KubeObject, 'metadata'>,
    next: (old: KubeObject) => KubeObject,
    by: string,
  ): ActionOutcome {
    const { namespace = '', name } = target.metadata;
    const old = this.objects.get(kind, namespace, name);
    if (!old) return notFound(kind, name);
    const conflict = conflictOf(kind, target.metadata, old);
    if (conflict) return conflict;
    const wanted = withIdentity(next(old), old);
    if (isOver(kind, wanted)) {
      this.#remove(kind, old, by);
      return { object: wanted };
    }
    if (sameValue(wanted, old)) return { object: old };
    return { object: this.#commit(kind, wanted, old, by) };
  }

  #commit(kind: ServedKind, wanted: KubeObject, old: KubeObject | undefined, by: string): KubeObject {
    const metadata = { ...wanted.metadata, resourceVersion: String(++this.#revision) };
    const object = { ...wanted, metadata };
    this.objects.of(kind).put(object);
    this.#tell({ kind, object, old, gone: false, by });
    return object;
  }

  #remove(kind: ServedKind, old: KubeObject, by: string): void {
    this.objects.of(kind).drop(keyOf(old));
    this.#tell({ kind, object: old, old, gone: true, by });
  }

  #tell(commit: Commit): void {
    if (CLASSES.has(commit.kind.kind)) this.#context = undefined;
    for (const listener of this.#listeners) listener(commit);
  }

  #defaults(): DefaultsContext {
    const classes = [...this.#served.values()].filter(({ kind }) => CLASSES.has(kind));
    return (this.#context ??= defaultsContext(classes.flatMap((kind) => [...this.objects.list(kind)])));
  }
}

/** What an update leaves as it is: identity, and what the subresource does not reach. */
function replaced(old: KubeObject, object: KubeObject, subresource?: string): KubeObject {
  const { annotations } = object.metadata;
  const parts = object as { spec?: unknown; status?: unknown };
  if (subresource === 'status') {
    return { ...old, metadata: { ...old.metadata, annotations }, status: parts.status } as KubeObject;
  }
  if (subresource === 'finalize') return { ...old, spec: parts.spec } as KubeObject;
  return { ...object, status: (old as { status?: unknown }).status } as KubeObject;
}

function withIdentity(next: KubeObject, old: KubeObject): KubeObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion } = old.metadata;
  const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec;
  const generation = (old.metadata.generation ?? 1) + (sameValue(specOf(next), specOf(old)) ? 0 : 1);
  const kept = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, resourceVersion, generation };
  return { ...next, metadata: { ...next.metadata, ...kept } };
}

// --- refusals --------------------------------------------------------------------------------------------------------

function refused(code: number, reason: string, message: string, causes: readonly string[] = []): ActionOutcome {
  return { refusal: { code, reason, message, causes } };
}

function notFound({ resource }: ServedKind, name: string): ActionOutcome {
  return refused(404, 'NotFound', `${resource} "${name}" not found`);
}

function conflictOf(
  { resource }: ServedKind,
  { uid, resourceVersion }: { uid?: string; resourceVersion?: string },
  { metadata }: KubeObject,
): ActionOutcome | undefined {
  const isOther = (uid && uid !== metadata.uid) || (resourceVersion && resourceVersion !== metadata.resourceVersion);
  return isOther ? refused(409, 'Conflict', `${resource} "${metadata.name}" has been changed`) : undefined;
}
