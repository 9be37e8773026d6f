/** Which fields an object has, and which differ between two. Source: sigs.k8s.io/structured-merge-diff/typed (tofieldset, compare). */
import { isMap } from '../../object.ts';
import type { ListType, MergeType } from '../faces.ts';
import { FieldSet, LEAF } from './field-set.ts';
import { fieldEdge, fieldType, hasFields, type Part, partsOf } from './shape.ts';

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

/** The order of items that have keys does not count. */
export function compare(old: object, next: object, type: MergeType): Comparison {
  const found: Comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  visitDifferences(old, next, type, (what, path, value, of) =>
    found[what].graft(path, what === 'modified' ? LEAF : everythingIn(value, of)),
  );
  return found;
}

/** A list that was not there has this item and no other. */
export interface OnlyItem {
  /** Of the list. */
  path: readonly string[];
  edge: string;
}

/**
 * What a comparison comes to: equal words, equal sets, but for the edges of the only items, which the words leave open.
 * Words are edges (which begin with a letter and a colon) and signs.
 */
export interface ComparisonWords {
  words: readonly string[];
  onlyItems: readonly OnlyItem[];
}

/** Of two objects without their managedFields. */
export function comparisonWords(old: object, next: object, type: MergeType): ComparisonWords {
  const words: string[] = [];
  const onlyItems: OnlyItem[] = [];
  const visit: Visit = (what, path, value, of) => {
    words.push(what === 'modified' ? 'm' : what === 'added' ? 'a' : 'r');
    for (const edge of path) words.push(edge);
    if (what !== 'modified') describe(words, value, of, path, what === 'added' ? onlyItems : undefined);
  };
  new Comparing(visit, true).values(old, next, type);
  return { words, onlyItems };
}

/** Equal words for values that have the same parts. @param onlyItems undefined: no edge is left open. */
function describe(
  words: string[],
  value: unknown,
  type: MergeType,
  path: readonly string[],
  onlyItems: OnlyItem[] | undefined,
): void {
  if (isMap(value)) {
    describeMap(words, value, type, path, onlyItems);
    return;
  }
  const parts = partsOf(value, type);
  if (!parts) {
    words.push('.');
    return;
  }
  const isOnly = onlyItems !== undefined && parts.size === 1;
  words.push('{');
  for (const [edge, part] of parts) {
    if (isOnly) onlyItems.push({ path: [...path], edge });
    // Below an open edge all others are told.
    words.push(isOnly ? '*' : edge);
    describe(words, part.value, part.type, isOnly ? path : [...path, edge], isOnly ? undefined : onlyItems);
  }
  words.push('}');
}

/** As partsOf tells the parts of a map. */
function describeMap(
  words: string[],
  map: Record<string, unknown>,
  type: MergeType,
  path: readonly string[],
  onlyItems: OnlyItem[] | undefined,
): void {
  const before = words.push('{');
  if (hasFields(type)) {
    for (const key of Object.keys(map)) {
      const held = map[key];
      if (held === undefined) continue;
      const edge = fieldEdge(key);
      words.push(edge);
      if (typeof held === 'object') describe(words, held, fieldType(type, key), [...path, edge], onlyItems);
      else words.push('.');
    }
  }
  if (words.length === before) words[before - 1] = '.';
  else words.push('}');
}

/** `value` stands at the path now, or, removed, stood there. */
type Visit = (what: keyof Comparison, path: readonly string[], value: unknown, type: MergeType) => void;

function visitDifferences(old: object, next: object, type: MergeType, visit: Visit): void {
  new Comparing(visit).values(old, next, type);
}

class Comparing {
  private readonly visit: Visit;
  private readonly ownerless: boolean;
  private readonly path: string[] = [];

  /** @param ownerless as if neither object had managedFields. */
  constructor(visit: Visit, ownerless = false) {
    this.visit = visit;
    this.ownerless = ownerless;
  }

  values(old: unknown, next: unknown, type: MergeType): void {
    if (isMap(old) && isMap(next) && hasFields(type)) this.maps(old, next, type);
    else if (Array.isArray(old) && Array.isArray(next) && type.kind === 'list' && type.apply)
      this.lists(old, next, type);
    else if (!isEqual(old, next)) this.replaced(old, next, type);
  }

  private maps(old: Record<string, unknown>, next: Record<string, unknown>, type: MergeType): void {
    for (const key of Object.keys(old)) {
      if (old[key] !== next[key] && !this.isLeftOut(key))
        this.part(fieldEdge(key), old[key], ownValue(next, key), fieldType(type, key));
    }
    for (const key of Object.keys(next)) {
      if (!Object.hasOwn(old, key) && !this.isLeftOut(key))
        this.part(fieldEdge(key), undefined, next[key], fieldType(type, key));
    }
  }

  private isLeftOut(key: string): boolean {
    return this.ownerless && key === 'managedFields' && this.path.length === 1 && this.path[0] === 'f:metadata';
  }

  private lists(old: readonly unknown[], next: readonly unknown[], type: ListType): void {
    const before = partsOf(old, type) ?? NONE;
    const after = partsOf(next, type) ?? NONE;
    for (const [edge, { value }] of before) this.part(edge, value, after.get(edge)?.value, type.items);
    for (const [edge, { value }] of after) if (!before.has(edge)) this.part(edge, undefined, value, type.items);
  }

  private part(edge: string, old: unknown, next: unknown, type: MergeType): void {
    if (old === next) return;
    this.path.push(edge);
    if (old === undefined) this.visit('added', this.path, next, type);
    else if (next === undefined) this.visit('removed', this.path, old, type);
    else this.values(old, next, type);
    this.path.pop();
  }

  /** Leaves that differ; or one is a leaf and the other has parts of its own. */
  private replaced(old: unknown, next: unknown, type: MergeType): void {
    this.visit('modified', this.path, next, type);
    if (partsOf(old, type)) this.visit('removed', this.path, old, type);
    if (partsOf(next, type)) this.visit('added', this.path, next, type);
  }
}

const NONE: ReadonlyMap<string, Part> = new Map();

function ownValue(map: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** A value, and all of its parts. */
function everythingIn(value: unknown, type: MergeType): FieldSet {
  const parts = partsOf(value, type);
  if (!parts) return LEAF;
  const set = new FieldSet();
  set.member = true;
  for (const [edge, part] of parts) set.children.set(edge, everythingIn(part.value, part.type));
  return set;
}

/** Of JSON values; the order of keys does not count. An empty list and none are one to Go, where `listless` says so. */
export function isEqual(a: unknown, b: unknown, listless = false): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => isEqual(item, b[i], listless));
  }
  if (!isMap(a) || !isMap(b)) return false;
  const isThere = (value: unknown): boolean =>
    value !== undefined && !(listless && Array.isArray(value) && value.length === 0);
  for (const key of Object.keys(a)) {
    if (isThere(a[key]) && !(isThere(ownValue(b, key)) && isEqual(a[key], b[key], listless))) return false;
  }
  return Object.keys(b).every((key) => !isThere(b[key]) || isThere(ownValue(a, key)));
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
