/** Which fields an object has, and which differ between two. Source: sigs.k8s.io/structured-merge-diff/typed (tofieldset, compare). */
import type { MergeType } from '../faces.ts';
import { FieldSet } from './field-set.ts';
import { type Part, partsOf } from './shape.ts';

/** What an applied object owns: its leaves, and every item of lists and maps. */
export function fieldSetOf(value: unknown, type: MergeType): FieldSet {
  const set = new FieldSet();
  const parts = partsOf(value, type);
  if (!parts) {
    // A list of items that has none owns nothing.
    set.member = !(Array.isArray(value) && type.kind === 'list' && type.apply);
    return set;
  }
  for (const [edge, part] of parts) {
    const child = fieldSetOf(part.value, part.type);
    if (type.kind !== 'struct') child.member = true;
    if (!child.isEmpty) set.children.set(edge, child);
  }
  return set;
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** An absent object is undefined. The order of items that have keys does not count. */
export function compare(old: unknown, next: unknown, type: MergeType): Comparison {
  const found: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compareParts(old, next, type, found);
  return found;
}

const NONE: ReadonlyMap<string, Part> = new Map();

function compareParts(old: unknown, next: unknown, type: MergeType, at: Comparison): void {
  if (old === next) return;
  const before = old === undefined ? undefined : partsOf(old, type);
  const after = next === undefined ? undefined : partsOf(next, type);
  if (!before && !after) {
    if (old === undefined) at.added.member = true;
    else if (next === undefined) at.removed.member = true;
    else if (!isEqual(old, next)) at.modified.member = true;
    return;
  }
  if (old === undefined) at.added.member = true;
  else if (next === undefined) at.removed.member = true;
  // A leaf that was no empty container has become one with parts, or the other way round.
  else if ((!before && !isHollow(old)) || (!after && !isHollow(next))) at.modified.member = true;
  for (const [edge, { value, type: below }] of before ?? NONE) {
    descend(edge, value, after?.get(edge)?.value, below, at);
  }
  for (const [edge, { value, type: below }] of after ?? NONE) {
    if (!before?.has(edge)) descend(edge, undefined, value, below, at);
  }
}

function descend(edge: string, old: unknown, next: unknown, type: MergeType, at: Comparison): void {
  const below: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compareParts(old, next, type, below);
  for (const kind of ['added', 'modified', 'removed'] as const) {
    if (!below[kind].isEmpty) at[kind].children.set(edge, below[kind]);
  }
}

function isHollow(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Of JSON values; the order of keys does not count. An empty list and none are one to Go, where `listless` says so. */
export function isEqual(a: unknown, b: unknown, listless = false): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const isThere = ([, value]: [string, unknown]): boolean =>
    value !== undefined && !(listless && Array.isArray(value) && value.length === 0);
  const left = Object.entries(a).filter(isThere);
  const right = new Map(Object.entries(b).filter(isThere));
  if (left.length !== right.size) return false;
  return left.every(([key, value]) => right.has(key) && isEqual(value, right.get(key), listless));
}

/** Go structs that are no pointers: they are there before anything is written, so creating them makes nobody their owner. */
const ALWAYS_THERE = ['metadata', 'spec', 'status', 'template', 'jobTemplate', 'strategy', 'updateStrategy'];

/** What a new object is compared with. */
export function emptyOf(type: MergeType): Record<string, unknown> {
  const fields: [string, unknown][] = [];
  if (type.kind !== 'struct') return { metadata: {} };
  for (const name of ALWAYS_THERE) {
    const field = type.fields.get(name);
    if (field?.kind === 'struct') fields.push([name, emptyOf(field)]);
  }
  if (type.fields.get('containers')?.kind === 'list') fields.push(['containers', []]);
  return Object.fromEntries(fields);
}
