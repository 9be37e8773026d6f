/**
 * Pods of one make that fit nowhere: why each node refuses them, and how many do for which reason, kept from one pod to the
 * next. A node is asked again when it, or what is nominated to it, has changed; words are made once for each reason. For
 * pods that are kept out by amounts and by filters that do not heed pods. 5 bytes a node, and what preemption keeps.
 */
import { assert } from '../../assert.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Prospects, Refusals } from '../framework.ts';
import { RememberedProspects } from '../preemption/remembered-prospects.ts';
import type { AmountsFilter } from '../scan/amounts-filter.ts';
import { guestsAmong, NOBODY } from '../scan/crowd.ts';
import type { Remembered, RowFilters } from '../scan/remembered.ts';
import { Kinds } from '../statuses.ts';

/** Reasons come and go with what they name; more of them, and all nodes are asked again. */
const MAX_KINDS = 1024;

export class RefusedClass implements Remembered {
  #filters: RowFilters | undefined;
  #kinds = new Kinds();
  /** [row]: 1 + index into kinds; 0 where the pod fits, or where there is no node. */
  #kindOf = new Int32Array(0);
  #refused = 0;
  /** Shortage → kind. */
  #byShortage = new Map<number, number>();
  /** Position in the change log, and of nominations, up to which everything is known. */
  #position = 0;
  #nominations = 0;
  /** Rows that changed since prospects were asked for, each once. */
  #stale: number[] = [];
  #isStale = new Uint8Array(0);
  #prospects = new RememberedProspects();

  /** Brings the class up to the present. */
  catchUp(filters: RowFilters): void {
    const { cluster, nominated } = filters;
    const changed = this.#changedRows(filters);
    this.#filters = filters;
    this.#position = cluster.log.position;
    this.#nominations = nominated.changes;
    if (changed) {
      for (const n of changed) this.#ask(n, filters);
    } else {
      this.#startAnew(cluster.rows);
      for (let n = 0; n < cluster.rows; n++) this.#ask(n, filters);
    }
  }

  /** Nothing has happened since. */
  get isCurrent(): boolean {
    if (!this.#filters) return false;
    const { cluster, nominated } = this.#filters;
    return cluster.log.position === this.#position && nominated.changes === this.#nominations;
  }

  /** A class of the same pods that has just asked every node. */
  sibling(): RefusedClass {
    const made = new RefusedClass();
    made.catchUp(this.#filters as RowFilters);
    return made;
  }

  /** What is known of row n, for the checker. */
  describe(n: number): string {
    const kind = this.#kindOf[n];
    const { plugin, reasons } = kind > 0 ? this.#kinds.all[kind - 1].rejection : { plugin: '', reasons: [] };
    return `${plugin} ${reasons.join()} ${this.#prospects.describe(n)}`;
  }

  /** There are nodes, and none lets the pod in. */
  get nothingFits(): boolean {
    return this.#refused > 0 && this.#refused === this.#filters?.cluster.nodeCount;
  }

  /** Of all nodes, where nothing fits. Valid until the cluster changes. */
  refusals(): Refusals {
    assert(this.nothingFits, 'a pod is refused that some node lets in');
    const kindOf = this.#kindOf;
    const { all } = this.#kinds;
    const kinds = all.filter(({ nodes }) => nodes > 0);
    return {
      kinds,
      get kindOf() {
        const place = all.map((kind) => 1 + kinds.indexOf(kind));
        return kindOf.map((kind) => (kind === 0 ? 0 : place[kind - 1]));
      },
    };
  }

  /** What evictions can do; undefined where nodes have to be tried. */
  prospects(now: number): Prospects | undefined {
    const filters = this.#filters as RowFilters;
    const { cluster, request, amounts } = filters;
    const helping = this.#kinds.all.map(({ rejection }) => rejection.code === 'Unschedulable');
    const refusedBy = (n: number): string => this.#kinds.all[this.#kindOf[n] - 1].rejection.plugin;
    const changed = this.#stale;
    this.#stale = [];
    for (const n of changed) this.#isStale[n] = 0;
    return this.#prospects.follow(
      {
        order: cluster.order(),
        changed,
        helps: (n) => helping[this.#kindOf[n] - 1] ?? false,
        sums: {
          cluster,
          request,
          checked: amounts.checked,
          guestsOn: (n) => guestsOn(n, filters),
          decidedByAmounts: (n) => refusedBy(n) === amounts.name,
        },
      },
      now,
    );
  }

  /** Rows to ask again, some perhaps twice; undefined for all of them. */
  #changedRows(filters: RowFilters): number[] | undefined {
    const { cluster, nominated } = filters;
    if (!this.#filters || this.#kinds.all.length > MAX_KINDS) return undefined;
    const named = nominated.changedSince(this.#nominations);
    const changed: number[] = [];
    const complete = cluster.log.since(this.#position, (n) => {
      if (changed.at(-1) !== n) changed.push(n); // A node's changes often come together.
    });
    if (!complete || !named) return undefined;
    for (const name of named) {
      const n = cluster.rowOf(name);
      if (n >= 0 && changed.at(-1) !== n) changed.push(n);
    }
    this.#makeRoom(cluster.rows);
    return changed;
  }

  #startAnew(rows: number): void {
    this.#kinds = new Kinds();
    this.#byShortage = new Map();
    this.#kindOf.fill(0);
    this.#refused = 0;
    this.#makeRoom(rows);
  }

  #makeRoom(rows: number): void {
    if (this.#kindOf.length >= rows) return;
    const [kindOf, isStale] = [new Int32Array(rows * 2), new Uint8Array(rows * 2)];
    kindOf.set(this.#kindOf);
    isStale.set(this.#isStale);
    this.#kindOf = kindOf;
    this.#isStale = isStale;
  }

  #ask(n: number, filters: RowFilters): void {
    const before = this.#kindOf[n];
    const kind = filters.cluster.columns.exists[n] === 0 ? 0 : this.#kindAt(n, filters);
    const { all } = this.#kinds;
    if (before > 0) all[before - 1].nodes--;
    if (kind > 0) all[kind - 1].nodes++;
    this.#refused += (kind > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    this.#kindOf[n] = kind;
    if (this.#isStale[n] !== 0) return;
    this.#isStale[n] = 1;
    this.#stale.push(n);
  }

  #kindAt(n: number, filters: RowFilters): number {
    const { amounts } = filters;
    const refusedBy = filters.verdictOn(n);
    if (refusedBy !== 0 && refusedBy !== amounts.self) {
      const words = filters.inWords(refusedBy, n);
      return words ? this.#kinds.find(words) : 0;
    }
    const guests = guestsOn(n, filters);
    let short = guests.length > 0 ? amounts.shortWith(guests, n) : 0;
    if (short === 0 && refusedBy !== 0) short = amounts.shortWith(NOBODY, n);
    return short ? this.#kindOfShortage(short, amounts) : 0;
  }

  #kindOfShortage(short: number, amounts: AmountsFilter): number {
    let kind = this.#byShortage.get(short);
    if (kind === undefined) this.#byShortage.set(short, (kind = this.#kinds.find(amounts.inWords(short))));
    return kind;
  }
}

/** Pods nominated to row n that the pod may not push aside. */
function guestsOn(n: number, { cluster, nominated, request }: RowFilters): readonly PodRequest[] {
  const node = nominated.size > 0 ? cluster.nodeAt(n) : undefined;
  return node ? guestsAmong(nominated.onNode(node.metadata.name), request, cluster) : NOBODY;
}
