/**
 * What somebody observes of the API: a copy of it that lags behind. Changes of one kind arrive in order, those of several
 * kinds in any; a watch that breaks loses what is under way and lists anew later. Source: client-go/tools/cache/reflector.go.
 */
import { type Change, type KubeObject, keyOf, resourceKey, type ServedKind } from '../../../core/index.ts';
import type { Agenda } from './agenda.ts';
import type { Commit, MadeUpApi } from './api.ts';
import { ClusterObjects } from './objects.ts';

export interface WatchOptions {
  agenda: Agenda;
  api: MadeUpApi;
  kinds: readonly ServedKind[];
  /** Milliseconds until a change arrives. */
  delay(): number;
  /** Told after the change is in. */
  changed(kind: ServedKind, change: Change): void;
}

export class MadeUpWatch {
  readonly observed: ClusterObjects;
  readonly #options: WatchOptions;
  readonly #followed: ReadonlySet<string>;
  /** By kind, when the last change under way arrives. */
  readonly #lastMs = new Map<string, number>();
  /** Each time of listening has another; changes of an earlier one are lost. */
  #epoch = 0;
  #listens = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.observed = new ClusterObjects(options.kinds);
    this.#followed = new Set(options.kinds.map(resourceKey));
    options.api.follow((commit) => this.#take(commit));
  }

  /** Lists everything and tells what is other than what was known, at once; then listens. */
  start(): void {
    this.#listens = true;
    for (const kind of this.#options.kinds) this.#relist(kind);
  }

  /** What is under way is lost, and so is everything until the next start(). */
  stop(): void {
    this.#listens = false;
    this.#epoch++;
    this.#lastMs.clear();
  }

  #take({ kind, object, gone }: Commit): void {
    const key = resourceKey(kind);
    if (!this.#listens || !this.#followed.has(key)) return;
    const { agenda, delay } = this.#options;
    const atMs = Math.max(this.#lastMs.get(key) ?? 0, agenda.nowMs + delay());
    this.#lastMs.set(key, atMs);
    const epoch = this.#epoch;
    agenda.at(atMs, () => {
      if (epoch === this.#epoch) this.#tell(kind, object, gone);
    });
  }

  #relist(kind: ServedKind): void {
    const present = this.#options.api.objects.of(kind);
    const known = this.observed.of(kind);
    for (const object of [...known.list()]) if (!present.get(keyOf(object))) this.#tell(kind, object, true);
    for (const object of [...present.list()]) this.#tell(kind, object, false);
  }

  #tell(kind: ServedKind, object: KubeObject, gone: boolean): void {
    const known = this.observed.of(kind);
    const key = keyOf(object);
    let old = known.get(key);
    if (gone && !old) return;
    if (!gone && old?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // Another object of the same name: the old one has gone first.
    if (old && old.metadata.uid !== object.metadata.uid) {
      known.drop(key);
      this.#options.changed(kind, { object: old, gone: true });
      old = undefined;
      if (gone) return;
    }
    if (gone) known.drop(key);
    else known.put(object);
    this.#options.changed(kind, gone ? { object, gone } : { object, old, gone });
  }
}
