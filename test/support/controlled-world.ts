/**
 * A small API and what controllers observe of it, which lags behind, repeats itself and loses its place as it is told;
 * looks are carried out one write at a time, in any order. For properties of controllers, without a clock or a socket.
 */
import type {
  Action,
  ActionOutcome,
  Change,
  Controller,
  Observed,
  ServedKind,
  Sync,
} from '../../core/controllers/controller.ts';
import { RefusedError } from '../../core/controllers/controller.ts';
import { controllerOf } from '../../core/controllers/owners.ts';
import { type ResourceRef, resourceKey } from '../../core/controllers/resources.ts';
import { sameValue } from '../../core/controllers/same-value.ts';
import { timeText } from '../../core/controllers/time.ts';
import { type KubeObject, keyOf } from '../../core/objects/types.ts';

type Objects = Map<string, KubeObject>;

export class Cache implements Observed {
  readonly #kinds = new Map<string, Objects>();
  readonly #served: readonly ServedKind[];

  constructor(served: readonly ServedKind[]) {
    this.#served = served;
  }

  of(resource: ResourceRef): Objects {
    const key = resourceKey(resource);
    let found = this.#kinds.get(key);
    if (!found) this.#kinds.set(key, (found = new Map()));
    return found;
  }

  get(resource: ResourceRef, namespace: string, name: string): KubeObject | undefined {
    return this.of(resource).get(namespace ? `${namespace}/${name}` : name);
  }

  list(resource: ResourceRef, namespace?: string): KubeObject[] {
    const all = [...this.of(resource).values()];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  controlledBy(resource: ResourceRef, uid: string, namespace: string): KubeObject[] {
    return this.list(resource, namespace).filter((object) => (controllerOf(object)?.uid ?? '') === uid);
  }

  kinds(): readonly ServedKind[] {
    return this.#served;
  }
}

interface Running {
  controller: Controller;
  waiting: Set<string>;
  timers: Map<string, number>;
}

interface Look {
  running: Running;
  key: string;
  sync: Sync;
  /** What the next step is to be given; undefined before the first. */
  outcomes?: ActionOutcome[];
}

export interface WorldOptions {
  /** Made anew when the controllers start again: they forget what they remembered. */
  controllers(): Controller[];
  kinds: readonly ServedKind[];
  /** Called when a controller begins a look, with what it has observed by then. */
  looking?(controller: string, observed: Observed): void;
  /** Called before every action, and after it. */
  writing?(action: Action): void;
  written?(action: Action): void;
}

const SERVED = { code: 404, reason: 'NotFound', causes: [] };

export class ControlledWorld {
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  readonly truth: Cache;
  #observed: Cache;
  readonly #options: WorldOptions;
  #pending = new Map<string, Change[]>();
  #running: Running[] = [];
  #looks: Look[] = [];
  #revision = 0;
  #serial = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.truth = new Cache(options.kinds);
    this.#observed = new Cache(options.kinds);
    this.restart();
  }

  // --- the API --------------------------------------------------------------------------------------------------------

  create(resource: ResourceRef, object: KubeObject): KubeObject {
    const name = object.metadata.name || `${object.metadata.generateName}${this.#serial++}`;
    const metadata = {
      ...object.metadata,
      name,
      uid: `uid-${this.#serial++}`,
      generation: 1,
      creationTimestamp: timeText(this.nowMs),
    };
    return this.#put(resource, { ...object, metadata });
  }

  /** The user's or the kubelet's change of the object as it is now. */
  change(resource: ResourceRef, key: string, next: (object: KubeObject) => KubeObject): void {
    const object = this.truth.of(resource).get(key);
    if (object) this.#update(resource, next(object), object);
  }

  /** As DELETE does: at once, or marked where a finalizer or (pods) the kubelet has to be waited for. */
  delete(resource: ResourceRef, key: string, propagation?: string): void {
    const object = this.truth.of(resource).get(key);
    if (!object) return;
    const added = { Foreground: ['foregroundDeletion'], Orphan: ['orphan'] }[propagation ?? ''] ?? [];
    const finalizers = [...new Set([...(object.metadata.finalizers ?? []), ...added])];
    const isGraceful =
      resource.resource === 'pods' && Boolean((object as { spec?: { nodeName?: string } }).spec?.nodeName);
    if (finalizers.length === 0 && (!isGraceful || object.metadata.deletionTimestamp)) this.#remove(resource, object);
    else {
      const deletionTimestamp = object.metadata.deletionTimestamp ?? timeText(this.nowMs);
      this.#put(resource, { ...object, metadata: { ...object.metadata, deletionTimestamp, finalizers } });
    }
  }

  /** As the kubelet ends it. */
  remove(resource: ResourceRef, key: string): void {
    const object = this.truth.of(resource).get(key);
    if (object) this.#remove(resource, object);
  }

  #put(resource: ResourceRef, object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    const key = keyOf(stored);
    const old = this.truth.of(resource).get(key);
    this.truth.of(resource).set(key, stored);
    this.#queue(resource, { object: stored, old, gone: false });
    return stored;
  }

  #remove(resource: ResourceRef, object: KubeObject): void {
    this.truth.of(resource).delete(keyOf(object));
    this.#queue(resource, { object, gone: true });
  }

  #queue(resource: ResourceRef, change: Change): void {
    const key = resourceKey(resource);
    const pending = this.#pending.get(key);
    if (pending) pending.push(change);
    else this.#pending.set(key, [change]);
  }

  #update(resource: ResourceRef, next: KubeObject, old: KubeObject): KubeObject {
    const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec;
    const generation = (old.metadata.generation ?? 0) + (sameValue(specOf(next), specOf(old)) ? 0 : 1);
    const metadata = { ...next.metadata, generation };
    const { deletionTimestamp, finalizers = [] } = metadata;
    if (deletionTimestamp && finalizers.length === 0 && resource.resource !== 'pods') {
      this.#remove(resource, old);
      return { ...next, metadata };
    }
    return this.#put(resource, { ...next, metadata });
  }

  #carryOut(action: Action): ActionOutcome {
    if (action.type === 'event') return {};
    const refuse = (code: number, reason: string): ActionOutcome => ({
      refusal: { ...SERVED, code, reason, message: reason },
    });
    const { resource } = action;
    const objects = this.truth.of(resource);
    if (action.type === 'list') return { objects: this.truth.list(resource, action.namespace) };
    if (action.type === 'create') {
      if (action.object.metadata.name && objects.has(keyOf(action.object))) return refuse(409, 'AlreadyExists');
      return { object: this.create(resource, action.object) };
    }
    const key = action.type === 'update' ? keyOf(action.object) : keyOf({ metadata: action } as unknown as KubeObject);
    const old = objects.get(key);
    if (!old) return refuse(404, 'NotFound');
    if (action.type === 'get') return { object: old };
    if (action.type === 'delete') {
      const { uid = old.metadata.uid, resourceVersion = old.metadata.resourceVersion } = action;
      if (uid !== old.metadata.uid || resourceVersion !== old.metadata.resourceVersion) return refuse(409, 'Conflict');
      this.delete(resource, key, action.propagation);
      return {};
    }
    const given = action.type === 'update' ? action.object.metadata : (action.body as Partial<KubeObject>).metadata;
    const { uid = old.metadata.uid, resourceVersion = old.metadata.resourceVersion } = given ?? {};
    if (uid !== old.metadata.uid || resourceVersion !== old.metadata.resourceVersion) return refuse(409, 'Conflict');
    if (action.type === 'patch') return { object: this.#update(resource, patched(old, action.body), old) };
    const { object, subresource } = action;
    const { status } = object as { status?: unknown };
    const next =
      subresource === 'status'
        ? { ...old, metadata: { ...old.metadata, annotations: object.metadata.annotations }, status }
        : object;
    return { object: this.#update(resource, next as KubeObject, old) };
  }

  // --- what is observed -----------------------------------------------------------------------------------------------

  /** The next `count` events of a kind arrive. */
  deliver(resource: ResourceRef, count: number): void {
    for (const change of this.#pending.get(resourceKey(resource))?.splice(0, count) ?? []) this.#tell(resource, change);
  }

  /** Something that is known already is told again. */
  repeat(resource: ResourceRef, index: number): void {
    const known = [...this.#observed.of(resource).values()];
    if (known.length === 0) return;
    const object = known[index % known.length];
    this.#tell(resource, { object, old: object, gone: false });
  }

  /** Events under way are lost; what is there is told, and what has gone meanwhile is told to have gone. */
  relist(resource: ResourceRef): void {
    this.#pending.delete(resourceKey(resource));
    const known = this.#observed.of(resource);
    for (const [key, object] of this.truth.of(resource)) {
      if (known.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) {
        this.#tell(resource, { object, gone: false });
      }
    }
    for (const [key, object] of [...known])
      if (!this.truth.of(resource).has(key)) this.#tell(resource, { object, gone: true });
  }

  #tell(resource: ResourceRef, { object, gone }: Change): void {
    const known = this.#observed.of(resource);
    const key = keyOf(object);
    let old = known.get(key);
    if (old && old.metadata.uid !== object.metadata.uid) {
      known.delete(key);
      this.#toControllers(resource, { object: old, gone: true });
      old = undefined;
    }
    if (gone && !old) return;
    if (gone) known.delete(key);
    else known.set(key, object);
    this.#toControllers(resource, { object, old: gone ? undefined : old, gone });
  }

  #toControllers(resource: ResourceRef, change: Change): void {
    const kind = this.#observed.kinds().find((one) => resourceKey(one) === resourceKey(resource));
    for (const { controller, waiting } of this.#running) {
      for (const watch of controller.watches) {
        if (resourceKey(watch.resource) !== resourceKey(resource)) continue;
        for (const key of watch.keys(change, this.#observed)) waiting.add(key);
      }
      if (kind) for (const key of controller.ofAll?.(kind, change, this.#observed) ?? []) waiting.add(key);
    }
  }

  // --- looks ----------------------------------------------------------------------------------------------------------

  /** As after a crash: looks end where they are, and everything is read anew. */
  restart(): void {
    this.#looks = [];
    this.#observed = new Cache(this.#options.kinds);
    this.#pending = new Map();
    this.#running = this.#options
      .controllers()
      .map((controller) => ({ controller, waiting: new Set(), timers: new Map() }));
    for (const kind of this.#options.kinds) this.relist(kind);
  }

  /** Begins a look, or goes on with one by one batch of writes. False: there is nothing to do. */
  step(choice: number): boolean {
    const idle = this.#running.flatMap((running) =>
      [...running.waiting]
        .filter((key) => !this.#looks.some((look) => look.running === running && look.key === key))
        .map((key) => ({ running, key })),
    );
    const all = idle.length + this.#looks.length;
    if (all === 0) return false;
    const index = choice % all;
    if (index >= idle.length) {
      this.#goOn(this.#looks[index - idle.length]);
      return true;
    }
    const { running, key } = idle[index];
    running.waiting.delete(key);
    this.#options.looking?.(running.controller.name, this.#observed);
    const look = { running, key, sync: running.controller.sync(key, { observed: this.#observed, nowMs: this.nowMs }) };
    this.#looks.push(look);
    this.#goOn(look);
    return true;
  }

  #goOn(look: Look): void {
    const end = (): void => {
      this.#looks = this.#looks.filter((one) => one !== look);
    };
    const { running, key } = look;
    try {
      const step = look.outcomes ? look.sync.next(look.outcomes) : look.sync.next();
      if (!step.done) {
        look.outcomes = step.value.map((action) => {
          this.#options.writing?.(action);
          const outcome = this.#carryOut(action);
          this.#options.written?.(action);
          return outcome;
        });
        return;
      }
      end();
      if (step.value?.afterMs !== undefined) running.timers.set(key, this.nowMs + step.value.afterMs);
      for (const other of step.value?.also ?? []) running.waiting.add(other);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      end();
      running.waiting.add(key);
    }
  }

  /** The events of these kinds arrive and looks go on, for so many steps; those of the others are late. */
  rush(kinds: readonly ResourceRef[], steps: number): void {
    for (let i = 0; i < steps; i++) {
      for (const kind of kinds) this.deliver(kind, Number.POSITIVE_INFINITY);
      if (!this.step(i)) return;
    }
  }

  // --- to the end -----------------------------------------------------------------------------------------------------

  /** Everything arrives and is done, time passes, until nothing happens any more. @param others may change something. */
  settle(others: () => boolean = () => false): void {
    for (let i = 0; i < 5_000; i++) {
      for (const kind of this.#options.kinds) this.deliver(kind, Number.POSITIVE_INFINITY);
      if (this.step(i) || others() || this.#passTime()) continue;
      if ([...this.#pending.values()].every((changes) => changes.length === 0)) return;
    }
    throw new Error('the controllers never come to rest');
  }

  /** To the next timer. */
  #passTime(): boolean {
    const due = this.#running.flatMap(({ timers }) => [...timers.values()]);
    if (due.length === 0) return false;
    this.nowMs = Math.max(this.nowMs, Math.min(...due)) + 1;
    for (const { timers, waiting } of this.#running) {
      for (const [key, atMs] of timers) {
        if (atMs > this.nowMs) continue;
        timers.delete(key);
        waiting.add(key);
      }
    }
    return true;
  }
}

/** A merge patch, or a strategic one of ownerReferences. */
function patched(old: KubeObject, body: object): KubeObject {
  const { metadata = {} } = body as { metadata?: Partial<KubeObject['metadata']> };
  const { ownerReferences, finalizers = old.metadata.finalizers, ...rest } = metadata;
  const gone = (ownerReferences ?? []).filter((one) => '$patch' in one).map(({ uid }) => uid);
  const owners =
    ownerReferences === undefined
      ? old.metadata.ownerReferences
      : gone.length > 0
        ? old.metadata.ownerReferences?.filter(({ uid }) => !gone.includes(uid))
        : (ownerReferences ?? []);
  return { ...old, ...body, metadata: { ...old.metadata, ...rest, finalizers, ownerReferences: owners } };
}
