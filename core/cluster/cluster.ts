/**
 * The packed cluster: the only writer of the columns. Nodes and pods come as events, all idempotent; the columns, the
 * walking order, the pods of each node and the change log follow. One Cluster serves one scheduler.
 */
import { assert } from '../assert.ts';
import { isFinished, type Node, type Pod, type Taint } from '../objects/types.ts';
import { AskedColumns, type ExpectedColumn } from './asked-columns.ts';
import { ChangeLog, NODE_CHANGED, NODE_REMOVED, POD_ADDED, POD_REMOVED, POD_RENEWED } from './change-log.ts';
import { type Capacities, type Columns, clearNode, clearRow, GrowingColumns } from './columns.ts';
import { Images } from './images.ts';
import { hashKey } from './key-index.ts';
import type { LabelDictionary } from './label-column.ts';
import { MatchCounts, type PodPredicate } from './match-counts.ts';
import { type NodeRecord, NodeRows } from './node-rows.ts';
import { NodeTree } from './node-tree.ts';
import { Overlay } from './overlay.ts';
import type { PlacedPod, PodObserver } from './placed-pod.ts';
import { PlacedPods } from './placed-pods.ts';
import { PodRequest } from './pod-request.ts';
import { type PodTemplate, PodTemplates } from './pod-template.ts';
import { type HeldPorts, Ports } from './ports.ts';
import { ResourceNames } from './resource-names.ts';
import { type ExactRow, RowAmounts } from './row-amounts.ts';
import { TaintSets } from './taint-sets.ts';

/** Columns that nobody has asked for take no room. */
const SMALL: Capacities = { rows: 64, resources: 3, labels: 0, counts: 0, images: 0, portWords: 0 };

export class Cluster {
  readonly log = new ChangeLog();
  readonly images = new Images();
  readonly ports = new Ports();
  readonly tree = new NodeTree();
  readonly #store: GrowingColumns;
  readonly #counts = new MatchCounts((visit) => this.#placed.eachCounted(visit));
  readonly #placed = new PlacedPods(this.#counts.classes);
  readonly #asked: AskedColumns;
  readonly #resources: ResourceNames;
  readonly #amounts: RowAmounts;
  readonly #nodeRows = new NodeRows();
  readonly #taintSets = new TaintSets();
  readonly #observers: PodObserver[] = [];
  readonly #templates = new PodTemplates((name) => this.#resources.idOf(name));
  /** A pod is asked for several times in one decision. */
  #lastRequest: PodRequest | undefined;
  #cycle = 0;
  #nodeEvents = 0;
  #cordonedCount = 0;
  #snapshotAt = 0;
  /** The row of a what-if that is open, and the pods there. */
  #overlaid: { row: number; pods: readonly PlacedPod[] } | undefined;

  constructor(capacities: Partial<Capacities> = {}) {
    this.#store = new GrowingColumns({ ...SMALL, ...capacities });
    this.#asked = new AskedColumns(this.#store, this.images, this.#counts, () => this.nodes());
    this.#resources = new ResourceNames(this.#store);
    this.#amounts = new RowAmounts(this.#store, this.#resources, (row) => {
      return { node: this.nodeAt(row), pods: this.podsOn(row) };
    });
  }

  // --- reading ---------------------------------------------------------------------------------------------------

  /** Views of the present generation: read it anew after each event. */
  get columns(): Columns {
    return this.#store.current;
  }

  get generation(): number {
    return this.#store.generation;
  }

  /** Grows when nodes or columns come, change or go: facts of a pod that were derived from them are to be made anew. */
  get shape(): number {
    return this.#nodeEvents + this.#asked.version + this.#store.generation;
  }

  /** Grows when a node comes, changes or goes. */
  get nodeEvents(): number {
    return this.#nodeEvents;
  }

  /** Rows in use are [0, rows); some of them may be empty. */
  get rows(): number {
    return this.#nodeRows.bound;
  }

  get nodeCount(): number {
    return this.tree.size;
  }

  /** Number of nodes that are unschedulable. */
  get cordonedCount(): number {
    return this.#cordonedCount;
  }

  /** Number of rows whose amounts need bigint (exactAmounts). */
  get wideRows(): number {
    return this.#amounts.wideRows;
  }

  /** Exact amounts of a row, summed from the objects. Slow; only wide rows need it. */
  exactAmounts(row: number): ExactRow {
    return this.#amounts.exact(row);
  }

  nodeAt(n: number): Node | undefined {
    return this.#nodeRows.at(n)?.node;
  }

  /** Whether the row holds a node. */
  hasNode(n: number): boolean {
    return this.#store.current.exists[n] === 1;
  }

  /** The name a row stands for, of a node or of one that only pods know; '' where it stands for none. */
  nameAt(n: number): string {
    return this.#nodeRows.at(n)?.name ?? '';
  }

  /** -1 when no such node. */
  rowOf(name: string): number {
    const row = this.#nodeRows.find(name);
    return row !== undefined && this.columns.exists[row] !== 0 ? row : -1;
  }

  *nodes(): Generator<[row: number, node: Node]> {
    for (const { row, node } of this.#nodeRows.all()) if (node) yield [row, node];
  }

  /** Rows in walking order. */
  order(): Int32Array {
    return this.#nodeRows.rowsOf(this.tree.order());
  }

  /** As they are now, in NodeInfo order. */
  podsOn(n: number): readonly PlacedPod[] {
    return this.#overlaid?.row === n ? this.#overlaid.pods : this.#placed.on(n);
  }

  pod(key: string): PlacedPod | undefined {
    const slot = this.#placed.find(key, hashKey(key));
    return slot < 0 ? undefined : this.#placed.at(slot);
  }

  get podCount(): number {
    return this.#placed.size;
  }

  pods(): Iterable<PlacedPod> {
    return this.#placed;
  }

  /** Ids of taint sets are below this. */
  get taintSetBound(): number {
    return this.#taintSets.bound;
  }

  /** The taints of a set id; none when no node has that set now. */
  taintSet(id: number): readonly Taint[] {
    return this.#taintSets.at(id);
  }

  /** Column of a resource name, or -1 when no node and no pod named it. */
  resourceId(name: string): number {
    return this.#resources.find(name);
  }

  resourceName(id: number): string {
    return this.#resources.all[id];
  }

  /** The flat form of a pod. `key` identifies the pod (podKey). */
  request(pod: Pod, key: string): PodRequest {
    if (this.#lastRequest?.pod !== pod) this.#lastRequest = new PodRequest(pod, key, this.#templates.of(pod));
    return this.#lastRequest;
  }

  /** As request() gives it, for a pod whose template is known: nobody needs to look it up. */
  expect(pod: Pod, key: string, template: PodTemplate): void {
    this.#lastRequest = new PodRequest(pod, key, template);
  }

  /** The column of a label key and its dictionary; made when first asked for. Valid until the cycle ends. */
  labelColumn(key: string): { ids: Int32Array; dictionary: LabelDictionary } {
    return this.#asked.label(key, this.#cycle);
  }

  /** Pods per row that a predicate counts; made when first asked for. Valid until the cycle ends. */
  matchColumn(predicate: PodPredicate): Int32Array {
    return this.#asked.match(predicate, this.#cycle);
  }

  /** Frozen node counts of an image per row; made when first asked for. Valid until the cycle ends. */
  imageColumn(name: string): Int32Array {
    return this.#asked.image(name, this.#cycle);
  }

  /**
   * A scheduling cycle begins: rows that changed since the last one are copied, which freezes their image counts, and the
   * walking order is what it is now, should nodes change their zones before the next cycle.
   */
  snapshot(): void {
    this.#cycle++;
    this.tree.fix();
    const from = this.#snapshotAt;
    this.#snapshotAt = this.log.position;
    if (this.images.areAbsent) return;
    this.#changedSince(from, (row) => this.#asked.freezeImages(row));
  }

  /** Rows whose image counts the next cycle freezes anew. */
  pendingRows(): number[] {
    const rows = new Set<number>();
    this.#changedSince(this.#snapshotAt, (row) => void (this.images.isKnown(row) && rows.add(row)));
    return [...rows];
  }

  /** A cluster that was loaded goes on as if a cycle had just begun, and these rows had changed since. */
  resume(pending: readonly number[]): void {
    this.#snapshotAt = this.log.position;
    for (const row of pending) this.#touch(row, NODE_CHANGED, -1);
  }

  #changedSince(position: number, visit: (row: number) => void): void {
    const { changedAt } = this.columns;
    if (this.log.since(position, visit)) return;
    for (let row = 0; row < this.rows; row++) if (changedAt[row] >= position) visit(row);
  }

  /** So many rows are to come: the columns need not move for them. */
  makeRoom(rows: number): void {
    this.#store.makeRoom({ rows });
  }

  // --- nodes -----------------------------------------------------------------------------------------------------

  /** Adds a node, or updates the one of that name. Pods that were bound to that name before it came are there already. */
  addNode(node: Node): void {
    const record = this.#nodeRows.record(this.#open(node.metadata.name));
    if (record.node === node) return;
    const { node: before, row, taintSet } = record;
    record.node = node;
    record.taintSet = this.#taintSets.acquire(node);
    if (taintSet) this.#taintSets.release(taintSet);
    if (before) this.tree.update(before, node);
    else this.tree.add(node);
    this.#nodeEvents++;
    this.#amounts.offer(row, node);
    this.columns.exists[row] = 1;
    this.columns.taintSet[row] = record.taintSet.id;
    this.#cordonedCount -= this.columns.unschedulable[row];
    this.columns.unschedulable[row] = node.spec?.unschedulable ? 1 : 0;
    this.#cordonedCount += this.columns.unschedulable[row];
    this.#asked.writeNode(row, node);
    this.images.report(row, node);
    this.#touch(row, NODE_CHANGED, -1);
  }

  /** Its pods stay on the row, as pods of a missing node; a row without pods is freed. */
  removeNode(name: string): void {
    const row = this.rowOf(name);
    if (row < 0) return;
    const record = this.#nodeRows.record(row);
    if (record.node) this.tree.remove(record.node);
    record.node = undefined;
    if (record.taintSet) this.#taintSets.release(record.taintSet);
    record.taintSet = undefined;
    this.#nodeEvents++;
    this.images.report(row, undefined);
    this.#cordonedCount -= this.columns.unschedulable[row];
    clearNode(this.columns, row);
    this.#amounts.offer(row, undefined);
    this.#touch(row, NODE_REMOVED, -1);
    this.#freeIfEmpty(record);
  }

  /** The row of a name; a new one if neither node nor pod has named it. */
  #open(name: string): number {
    const row = this.#nodeRows.open(name);
    if (row >= this.columns.capacities.rows) this.#store.makeRoom({ rows: row + 1 });
    return row;
  }

  #freeIfEmpty(record: NodeRecord): void {
    if (!this.#placed.isEmptyAt(record.row) || !this.#nodeRows.freeIfEmpty(record)) return;
    const { row } = record;
    const version = this.columns.version[row];
    clearRow(this.columns, row);
    this.columns.version[row] = version; // It never repeats, or a reused row would look unchanged.
  }

  // --- pods ------------------------------------------------------------------------------------------------------

  /** Where the next pod will probably come to, and its name: it need not be looked up. */
  foresee(row: number, name: string): void {
    this.#nodeRows.foresee(row, name);
  }

  /** The scheduler chose a node for the pod; it counts there at once. */
  assume(pod: Pod, key: string, nodeName: string): void {
    this.#place(pod, key, nodeName, true);
  }

  /** The pod is known to be bound: an assumed one is confirmed, another one is added or updated. */
  addPod(pod: Pod, key: string): void {
    if (isFinished(pod)) this.removePod(key);
    else this.#place(pod, key, pod.spec.nodeName, false);
  }

  /** An assumed pod could not be bound. Confirmed pods stay. */
  forget(key: string): void {
    const slot = this.#placed.find(key, hashKey(key));
    if (slot >= 0 && this.#placed.isAssumed(slot)) this.#displace(slot);
  }

  removePod(key: string): void {
    const slot = this.#placed.find(key, hashKey(key));
    if (slot >= 0) this.#displace(slot);
  }

  #displace(slot: number): void {
    assert(!this.#overlaid, 'a pod moves while a what-if is open');
    const { row, labelClass, ports, request } = this.#placed.take(slot);
    assert(labelClass, 'a placed pod has its label class');
    this.#amounts.account(request, ports, row, -1);
    this.#counts.shift(this.columns.matchCount, row, labelClass, -1);
    for (const observer of this.#observers) observer.podLeft(request, row);
    this.#touch(row, POD_REMOVED, labelClass.id);
    this.#counts.classes.release(labelClass);
    this.ports.release(ports);
    this.#freeIfEmpty(this.#nodeRows.record(row));
  }

  /** Pods that came before the observer are told to it at once. */
  observe(observer: PodObserver): void {
    this.#observers.push(observer);
    for (const { request, row } of this.#placed) observer.podCame(request, row);
  }

  #place(pod: Pod, key: string, nodeName: string | undefined, assumed: boolean): void {
    if (!nodeName) assert(nodeName, `pod ${key} is placed without a node name`);
    if (this.#overlaid) assert(false, 'a pod moves while a what-if is open');
    const placed = this.#placed;
    const hash = hashKey(key);
    const before = placed.find(key, hash);
    if (before >= 0 && placed.is(before, pod, assumed)) return;
    const request = this.request(pod, key);
    if (before >= 0) {
      const row = this.rowOf(nodeName);
      if (placed.renew(before, request, row, assumed)) {
        this.#touch(row, POD_RENEWED, -1);
        return;
      }
      this.#displace(before);
    }
    const row = this.#open(nodeName);
    const labelClass = this.#counts.classOf(request);
    const ports = this.#holdPorts(request);
    placed.add(request, hash, row, assumed, labelClass, ports);
    this.#amounts.account(request, ports, row, 1);
    this.#counts.shift(this.columns.matchCount, row, labelClass, 1);
    for (let i = 0; i < this.#observers.length; i++) this.#observers[i].podCame(request, row);
    this.#touch(row, POD_ADDED, labelClass.id);
  }

  #holdPorts(request: PodRequest): HeldPorts {
    const held = this.ports.acquire(request.hostPorts);
    if (held.length > 0) this.#store.makeRoom({ portWords: Math.ceil(this.ports.bound / 32) });
    return held;
  }

  // --- what-ifs --------------------------------------------------------------------------------------------------

  /** Opens a what-if on one row; nothing else may change until it is closed. */
  overlay(row: number): Overlay {
    assert(!this.#overlaid, 'a what-if is open already');
    const pods = this.#placed.on(row);
    this.#overlaid = { row, pods };
    return new Overlay(row, pods, {
      store: this.#store,
      amounts: this.#amounts,
      holdPorts: (request) => this.#holdPorts(request),
      closed: (guests) => {
        this.#overlaid = undefined;
        for (const { ports } of guests) this.ports.release(ports);
      },
    });
  }

  #touch(row: number, what: number, labelClass: number): void {
    const { changedAt, version } = this.#store.current;
    changedAt[row] = this.log.position;
    version[row]++;
    this.log.append(row, what, labelClass);
  }

  /** Live on-demand columns with what they should hold: for the checker (check.ts). */
  askedColumns(): Iterable<ExpectedColumn> {
    return this.#asked.expected((row) => this.podsOn(row));
  }
}
