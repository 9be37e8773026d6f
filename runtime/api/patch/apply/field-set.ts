/**
 * Sets of field paths, as a tree whose edges are named as in FieldsV1: 'f:spec', 'k:{"name":"x"}', 'v:"x"'.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/fieldpath (Set, serialize).
 */
import type { FieldsV1 } from '../faces.ts';

export class FieldSet {
  /** The path that leads here is in the set. */
  member = false;
  readonly children: Map<string, FieldSet> = new Map();

  /** The set below an edge, made when it is not there. */
  below(edge: string): FieldSet {
    let child = this.children.get(edge);
    if (!child) {
      child = new FieldSet();
      this.children.set(edge, child);
    }
    return child;
  }

  get isEmpty(): boolean {
    if (this.member) return false;
    for (const child of this.children.values()) if (!child.isEmpty) return false;
    return true;
  }

  has(path: readonly string[]): boolean {
    let at: FieldSet | undefined = this;
    for (const edge of path) at = at?.children.get(edge);
    return at?.member ?? false;
  }

  insert(path: readonly string[]): void {
    let at: FieldSet = this;
    for (const edge of path) at = at.below(edge);
    at.member = true;
  }
}

/** In one of them. */
export function union(...sets: readonly FieldSet[]): FieldSet {
  const joined = new FieldSet();
  joined.member = sets.some((set) => set.member);
  for (const edge of new Set(sets.flatMap((set) => [...set.children.keys()]))) {
    joined.children.set(edge, union(...sets.flatMap((set) => set.children.get(edge) ?? [])));
  }
  return joined;
}

/** In `set`, and not in `without`. */
export function difference(set: FieldSet, without: FieldSet): FieldSet {
  return select(set, without, (held) => !held);
}

export function intersection(set: FieldSet, other: FieldSet): FieldSet {
  return select(set, other, (held) => held);
}

function select(set: FieldSet, other: FieldSet | undefined, keep: (held: boolean) => boolean): FieldSet {
  const kept = new FieldSet();
  kept.member = set.member && keep(other?.member ?? false);
  for (const [edge, child] of set.children) {
    const rest = select(child, other?.children.get(edge), keep);
    if (!rest.isEmpty) kept.children.set(edge, rest);
  }
  return kept;
}

/** Every path, in the order of FieldsV1. */
export function* paths(set: FieldSet, before: readonly string[] = []): Generator<readonly string[]> {
  if (set.member) yield before;
  for (const edge of [...set.children.keys()].sort()) yield* paths(set.children.get(edge)!, [...before, edge]);
}

// --- FieldsV1 ----------------------------------------------------------------------------------------------------------

const SELF = '.';

export function toFieldsV1(set: FieldSet): FieldsV1 {
  const fields: [string, FieldsV1][] = [];
  if (set.member && set.children.size > 0) fields.push([SELF, {}]);
  for (const edge of [...set.children.keys()].sort()) {
    const child = set.children.get(edge)!;
    if (!child.isEmpty) fields.push([edge, toFieldsV1(child)]);
  }
  return Object.fromEntries(fields);
}

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
