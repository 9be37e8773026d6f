/**
 * Sets of field paths, as a tree whose edges are named as in FieldsV1: 'f:spec', 'k:{"name":"x"}', 'v:"x"'.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/fieldpath (Set, serialize).
 */
import type { FieldsV1 } from '../faces.ts';

/** No child is empty. Sets share parts, so that one which is handed out is never changed. */
export class FieldSet {
  /** The path that leads here is in the set. */
  member = false;
  readonly children: Map<string, FieldSet> = new Map();

  get isEmpty(): boolean {
    return !this.member && this.children.size === 0;
  }

  /** While it is being built: puts a set at a path where there is none yet. */
  graft(path: readonly string[], set: FieldSet): void {
    let at: FieldSet = this;
    const last = path.length - 1;
    for (let i = 0; i < last; i++) {
      let child = at.children.get(path[i]);
      if (!child) {
        child = new FieldSet();
        at.children.set(path[i], child);
      }
      at = child;
    }
    at.children.set(path[last], set);
  }
}

/** Of one path and nothing below it. */
export const LEAF: FieldSet = Object.assign(new FieldSet(), { member: true });

/** In one of them. */
export function union(...sets: readonly FieldSet[]): FieldSet {
  return sets.reduce(unite, EMPTY);
}

const EMPTY = new FieldSet();

function unite(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b.isEmpty) return a;
  if (a.isEmpty) return b;
  const joined = new FieldSet();
  joined.member = a.member || b.member;
  for (const [edge, child] of a.children) {
    const other = b.children.get(edge);
    joined.children.set(edge, other ? unite(child, other) : child);
  }
  for (const [edge, child] of b.children) if (!a.children.has(edge)) joined.children.set(edge, child);
  return joined;
}

/** In `set`, and not in `without`; `set` itself where they have nothing in common. */
export function difference(set: FieldSet, without: FieldSet): FieldSet {
  let kept: Map<string, FieldSet> | undefined;
  const [small, large] = without.children.size < set.children.size ? [without, set] : [set, without];
  for (const edge of small.children.keys()) {
    if (!large.children.has(edge)) continue;
    const child = set.children.get(edge)!;
    const rest = difference(child, without.children.get(edge)!);
    if (rest === child) continue;
    kept ??= new Map(set.children);
    if (rest.isEmpty) kept.delete(edge);
    else kept.set(edge, rest);
  }
  const member = set.member && !without.member;
  if (!kept && member === set.member) return set;
  return Object.assign(new FieldSet(), { member, children: kept ?? set.children });
}

export function intersection(set: FieldSet, other: FieldSet): FieldSet {
  const shared = new FieldSet();
  shared.member = set.member && other.member;
  for (const [edge, child] of set.children) {
    const match = other.children.get(edge);
    const both = match && intersection(child, match);
    if (both && !both.isEmpty) shared.children.set(edge, both);
  }
  return shared;
}

/** Every path, in the order of FieldsV1. */
export function* paths(set: FieldSet, before: readonly string[] = []): Generator<readonly string[]> {
  if (set.member) yield before;
  for (const edge of [...set.children.keys()].sort()) yield* paths(set.children.get(edge)!, [...before, edge]);
}

// --- FieldsV1 ----------------------------------------------------------------------------------------------------------

const SELF = '.';

/** Of sets that are equal it is the same object, as long as not too many others are made: never change it. */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  const text = textOf(set);
  const known = made.get(text);
  if (known) return known;
  const fields = JSON.parse(text) as FieldsV1;
  if (text.length > MADE_LENGTH_LIMIT) return fields;
  if (made.size === MADE_LIMIT) made.clear();
  made.set(text, fields);
  shared.set(fields, { text, number: count++ });
  return fields;
}

/** The JSON of what was made here: objects are encoded many times with the same owners. undefined: it has to be written. */
export function fieldsText(fields: object): string | undefined {
  return shared.get(fields)?.text ?? recent.get(fields);
}

/** Tells those that toFieldsV1 hands out more than once from each other; undefined for all others. */
export function sharedNumber(fields: object): number | undefined {
  return shared.get(fields)?.number;
}

/** The JSON of fields that one object has: for when it is encoded, which is soon. */
export function rememberText(fields: object, text: string): void {
  if (recent.size === RECENT_LIMIT) recent.clear();
  recent.set(fields, text);
}

const MADE_LIMIT = 1_000;
const MADE_LENGTH_LIMIT = 16_384;
const RECENT_LIMIT = 2_000;
const made = new Map<string, FieldsV1>();
const shared = new WeakMap<object, { text: string; number: number }>();
const recent = new Map<object, string>();
let count = 0;

function textOf(set: FieldSet): string {
  const { children } = set;
  if (children.size === 0) return '{}';
  let text = set.member ? `"${SELF}":{}` : '';
  const edges = children.size === 1 ? children.keys() : [...children.keys()].sort();
  for (const edge of edges) {
    if (text !== '') text += ',';
    text += quoted(edge);
    const child = children.get(edge)!;
    text += child.children.size === 0 ? ':{}' : `:${textOf(child)}`;
  }
  return `{${text}}`;
}

function quoted(edge: string): string {
  const known = quotes.get(edge);
  if (known !== undefined) return known;
  const text = JSON.stringify(edge);
  if (quotes.size < QUOTES_LIMIT) quotes.set(edge, text);
  return text;
}

const QUOTES_LIMIT = 4_000;
const quotes = new Map<string, string>();

/** undefined when it is no FieldsV1. */
export function fromFieldsV1(fields: unknown): FieldSet | undefined {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined;
  const set = new FieldSet();
  for (const [edge, below] of Object.entries(fields)) {
    if (edge === SELF) {
      set.member = true;
      continue;
    }
    if (!isEdge(edge)) return undefined;
    const child = fromFieldsV1(below);
    if (!child) return undefined;
    if (child.children.size === 0) child.member = true;
    set.children.set(edge, child);
  }
  return set;
}

function isEdge(edge: string): boolean {
  if (edge.startsWith('f:') || /^i:\d+$/.test(edge)) return true;
  return /^[kv]:/.test(edge) && isJson(edge.slice(2));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** '.spec.containers[name="x"].image': how messages write a path. */
export function pathText(path: readonly string[]): string {
  return path.map(edgeText).join('');
}

function edgeText(edge: string): string {
  const rest = edge.slice(2);
  switch (edge[0]) {
    case 'f':
      return `.${rest}`;
    case 'i':
      return `[${rest}]`;
    case 'v':
      return `[=${rest}]`;
  }
  const keys = Object.entries(JSON.parse(rest)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${keys.join(',')}]`;
}
