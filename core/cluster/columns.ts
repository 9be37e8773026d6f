/**
 * Every column of the packed cluster: name, type, shape, unit; laid out in one shared buffer, one row per node.
 * One writer (cluster.ts); workers attach to the same buffer by its descriptor. Growth makes a new, larger generation
 * and copies; views of an old generation keep their last values and must be dropped between evaluations.
 */
import { assert } from '../assert.ts';

export const CPU = 0;
export const MEMORY = 1;
export const EPHEMERAL_STORAGE = 2;
/** Scalar resources are interned from here on. */
export const FIRST_SCALAR = 3;

/** How many of each dimension a buffer has room for. */
export interface Capacities {
  rows: number;
  /** Resources: cpu, memory, ephemeral-storage and interned scalars. */
  resources: number;
  /** Label keys that some pod asks about. */
  labels: number;
  /** Selectors whose matching pods are counted per node. */
  counts: number;
  /** Images that some pod asks for. */
  images: number;
  /** Words of 32 host ports each. */
  portWords: number;
}

type Dimension = keyof Omit<Capacities, 'rows'>;
type ArrayType = typeof Uint8Array | typeof Int32Array | typeof Uint32Array | typeof Float64Array;

/** [column, array type, slots per row: one, or one for each of a dimension]. Widest types first keep all aligned. */
const LAYOUT = [
  /** Whole units: millicores, bytes, counts. Exact below 2^53; rows flagged `wide` are decided in bigint instead. */
  ['allocatable', Float64Array, 'resources'],
  /** By pods placed or assumed. */
  ['requested', Float64Array, 'resources'],
  /** cpu and memory with the stand-ins of section 2.3: [CPU], [MEMORY]. */
  ['nonZeroRequested', Float64Array, 2],
  ['allowedPods', Float64Array, 1],
  /** Position in the change log of the row's last change. */
  ['changedAt', Float64Array, 1],
  ['podCount', Int32Array, 1],
  /** Interned list of taints; 0 is the empty list. */
  ['taintSet', Int32Array, 1],
  /** Per asked label key: id of the node's value in that key's dictionary, 0 when absent. */
  ['label', Int32Array, 'labels'],
  /** Per asked selector: matching pods on the node. */
  ['matchCount', Int32Array, 'counts'],
  /** Per asked image: nodes that had it when this row was last copied, 0 when this node lacks it. */
  ['imageNodes', Int32Array, 'images'],
  /** Bit set of used host ports, by interned (ip, protocol, port). */
  ['usedPorts', Uint32Array, 'portWords'],
  /** Grows with every change of the row. */
  ['version', Uint32Array, 1],
  /** 1 where the row holds a node. */
  ['exists', Uint8Array, 1],
  ['unschedulable', Uint8Array, 1],
  /** 1 where an amount is at or above WIDE_FROM. */
  ['wide', Uint8Array, 1],
] as const satisfies readonly (readonly [string, ArrayType, number | Dimension])[];

/** From here on, `amount * 100` could leave the exact range of a double. 2^45: 32 TiB of memory. */
export const WIDE_FROM = 2 ** 45;

/** Views of one generation. Columns of one slot are arrays over rows; others are [slot][row]. */
export interface Columns {
  readonly capacities: Readonly<Capacities>;
  readonly buffer: SharedArrayBuffer;
  readonly allocatable: Float64Array[];
  readonly requested: Float64Array[];
  readonly nonZeroRequested: Float64Array[];
  readonly allowedPods: Float64Array;
  readonly changedAt: Float64Array;
  readonly podCount: Int32Array;
  readonly taintSet: Int32Array;
  readonly label: Int32Array[];
  readonly matchCount: Int32Array[];
  readonly imageNodes: Int32Array[];
  readonly usedPorts: Uint32Array[];
  readonly version: Uint32Array;
  readonly exists: Uint8Array;
  readonly unschedulable: Uint8Array;
  readonly wide: Uint8Array;
}

function slotsOf(slots: number | Dimension, capacities: Capacities): number {
  return typeof slots === 'number' ? slots : capacities[slots];
}

/** Bytes one buffer of these capacities takes. */
export function bytesNeeded(capacities: Capacities): number {
  return LAYOUT.reduce((bytes, [, type, slots]) => {
    return bytes + slotsOf(slots, capacities) * paddedBytes(type, capacities.rows);
  }, 0);
}

/** Each slot starts on 8 bytes, so that any array type may follow. */
function paddedBytes(type: ArrayType, rows: number): number {
  return Math.ceil((type.BYTES_PER_ELEMENT * rows) / 8) * 8;
}

/** Attaches views to a buffer; makes a zeroed one when none is given. */
export function makeColumns(capacities: Capacities, buffer?: SharedArrayBuffer): Columns {
  const bytes = bytesNeeded(capacities);
  const shared = buffer ?? new SharedArrayBuffer(bytes);
  assert(shared.byteLength >= bytes, `a buffer of ${shared.byteLength} bytes cannot hold columns of ${bytes}`);
  const columns: Record<string, unknown> = { capacities: { ...capacities }, buffer: shared };
  let offset = 0;
  for (const [name, type, slots] of LAYOUT) {
    const views = Array.from({ length: slotsOf(slots, capacities) }, () => {
      const view = attach(type, shared, offset, capacities.rows);
      offset += paddedBytes(type, capacities.rows);
      return view;
    });
    columns[name] = slots === 1 ? views[0] : views;
  }
  return columns as unknown as Columns;
}

function attach(type: ArrayType, buffer: SharedArrayBuffer, offset: number, rows: number): object {
  return new (type as typeof Int32Array)(buffer as unknown as ArrayBuffer, offset, rows);
}

/** A new generation with at least these capacities and the old one's contents. */
export function growColumns(old: Columns, capacities: Capacities): Columns {
  const grown = makeColumns(capacities);
  const from = old as unknown as Record<string, Int32Array | Int32Array[]>;
  const to = grown as unknown as Record<string, Int32Array | Int32Array[]>;
  for (const [name, , slots] of LAYOUT) {
    const source = from[name];
    const target = to[name];
    if (slots === 1) (target as Int32Array).set(source as Int32Array);
    else (source as Int32Array[]).forEach((view, slot) => void (target as Int32Array[])[slot].set(view));
  }
  return grown;
}

/** The columns that pods change as they come and go. */
const TAKEN_BY_PODS = ['requested', 'nonZeroRequested', 'podCount', 'usedPorts', 'wide'] as const;

/** What those columns hold on one row: [column][slot]. */
export type RowCopy = readonly (readonly number[])[];

/** For what-ifs that must leave no trace. */
export function copyRow(columns: Columns, n: number): RowCopy {
  return TAKEN_BY_PODS.map((name) => slotsIn(columns[name]).map((view) => view[n]));
}

/** Slots that were made since the copy held nothing then. */
export function restoreRow(columns: Columns, n: number, copy: RowCopy): void {
  TAKEN_BY_PODS.forEach((name, c) => {
    slotsIn(columns[name]).forEach((view, slot) => {
      view[n] = copy[c][slot] ?? 0;
    });
  });
}

function slotsIn(column: Column | readonly Column[]): readonly Column[] {
  return Array.isArray(column) ? column : [column as Column];
}

type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Columns that come from the node object, not from its pods. */
const FROM_NODE = ['taintSet', 'label', 'imageNodes', 'exists', 'unschedulable'] as const;

/** The row's node is gone; its pods stay. Amounts it offered are cleared by RowAmounts. */
export function clearNode(columns: Columns, n: number): void {
  for (const name of FROM_NODE) {
    for (const view of slotsIn(columns[name])) view[n] = 0;
  }
}

/** Nobody is left on the row. */
export function clearRow(columns: Columns, n: number): void {
  eachView(columns, (view) => {
    view[n] = 0;
  });
}

function eachView(columns: Columns, visit: (view: Int32Array) => void): void {
  const views = columns as unknown as Record<string, Int32Array | Int32Array[]>;
  for (const [name, , slots] of LAYOUT) {
    if (slots === 1) visit(views[name] as Int32Array);
    else for (const view of views[name] as Int32Array[]) visit(view);
  }
}

/** The first of a dimension brings others with it: most pods that ask for one ask for more. */
const LEAST: Capacities = { rows: 0, resources: 0, labels: 2, counts: 2, images: 0, portWords: 0 };

/** Columns that grow: each dimension at least doubles, and everything moves to a buffer of the next generation. */
export class GrowingColumns {
  current: Columns;
  /** Grows when the columns move: workers must attach again before the next evaluation. */
  generation = 0;

  constructor(capacities: Capacities) {
    this.current = makeColumns(capacities);
  }

  makeRoom(needed: Partial<Capacities>): void {
    const { capacities } = this.current;
    const grown = { ...capacities };
    let grows = false;
    for (const [dimension, count] of Object.entries(needed) as [keyof Capacities, number][]) {
      if (count <= capacities[dimension]) continue;
      grown[dimension] = Math.max(count, capacities[dimension] * 2, LEAST[dimension]);
      grows = true;
    }
    if (!grows) return;
    this.current = growColumns(this.current, grown);
    this.generation++;
  }
}
