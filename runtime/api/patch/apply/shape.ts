/**
 * How a value stands in field sets: a leaf, owned as a whole, or something with parts, each with its own owner.
 * Source: Kubernetes v1.36, sigs.k8s.io/structured-merge-diff/typed.
 */
import { badRequest } from '../../http/status.ts';
import { isMap } from '../../object.ts';
import type { ListKey, ListType, MergeType } from '../faces.ts';
import { DEDUCED } from '../merge-types.ts';

export interface Part {
  value: unknown;
  type: MergeType;
  /** Key of the map, or index in the list. */
  at: string | number;
}

/** Parts by their edge; undefined for a leaf. An empty map or list is a leaf, too. */
export function partsOf(value: unknown, type: MergeType): Map<string, Part> | undefined {
  if (isMap(value)) return mapParts(value, type);
  if (Array.isArray(value) && type.kind === 'list' && type.apply) return listParts(value, type, type.apply);
  return undefined;
}

/** Whether the fields of a map of this type have owners of their own. */
export function hasFields(type: MergeType): boolean {
  return type.kind === 'deduced' || ((type.kind === 'struct' || type.kind === 'map') && !type.atomic);
}

function mapParts(value: Record<string, unknown>, type: MergeType): Map<string, Part> | undefined {
  if (!hasFields(type)) return undefined;
  const parts = new Map<string, Part>();
  for (const [key, held] of Object.entries(value)) {
    if (held !== undefined) parts.set(fieldEdge(key), { value: held, type: fieldType(type, key), at: key });
  }
  return parts.size === 0 ? undefined : parts;
}

/** 'f:spec'. The same string each time, whose hash is known: field sets are maps by it. */
export function fieldEdge(key: string): string {
  const known = edges.get(key);
  if (known !== undefined) return known;
  const edge = `f:${key}`;
  if (edges.size < EDGES_LIMIT) edges.set(key, edge);
  return edge;
}

/** Names of fields are few; keys of maps (labels, data) are not. */
const EDGES_LIMIT = 4_000;
const edges = new Map<string, string>();

export function fieldType(type: MergeType, key: string): MergeType {
  if (type.kind === 'struct') return type.fields.get(key) ?? DEDUCED;
  return type.kind === 'map' ? type.values : DEDUCED;
}

function listParts(
  value: readonly unknown[],
  type: ListType,
  apply: 'set' | readonly ListKey[],
): Map<string, Part> | undefined {
  const parts = new Map<string, Part>();
  value.forEach((item, at) => {
    const edge = edgeOf(item, apply);
    // Of doubles in a live list the first one counts.
    if (edge !== undefined && !parts.has(edge)) parts.set(edge, { value: item, type: type.items, at });
  });
  return parts.size === 0 ? undefined : parts;
}

/** undefined for an item that holds none of the keys. */
export function edgeOf(item: unknown, apply: 'set' | readonly ListKey[]): string | undefined {
  if (apply === 'set') return `v:${JSON.stringify(item)}`;
  if (!isMap(item)) return undefined;
  const value = apply.length === 1 ? item[apply[0].name] : undefined;
  return typeof value === 'string' ? edgeOfText(value, apply) : edgeOfKeys(item, apply);
}

/** The same string each time where one text is the key: names and types are few. */
function edgeOfText(value: string, apply: readonly ListKey[]): string {
  let known = itemEdges.get(apply);
  if (!known) itemEdges.set(apply, (known = new Map()));
  const before = known.get(value);
  if (before !== undefined) return before;
  const edge = `k:{"${apply[0].name}":${JSON.stringify(value)}}`;
  if (known.size < ITEM_EDGES_LIMIT) known.set(value, edge);
  return edge;
}

/** Of each list. */
const ITEM_EDGES_LIMIT = 200;
const itemEdges = new WeakMap<readonly ListKey[], Map<string, string>>();

function edgeOfKeys(item: Record<string, unknown>, apply: readonly ListKey[]): string | undefined {
  let text = '';
  let named = false;
  for (const { name, default: otherwise } of apply) {
    const value = item[name] ?? otherwise;
    if (item[name] !== undefined) named = true;
    if (value !== undefined) text += `${text === '' ? '' : ','}"${name}":${JSON.stringify(value)}`;
  }
  return named ? `k:{${text}}` : undefined;
}

/** An applied object's items must be told apart. @throws ApiError 400 */
export function checkItems(value: unknown, type: MergeType, path: string): void {
  if (Array.isArray(value)) {
    if (type.kind === 'list' && type.apply) checkEdges(value, type.apply, path);
    value.forEach((item, i) => {
      checkItems(item, type.kind === 'list' ? type.items : DEDUCED, `${path}[${i}]`);
    });
  } else if (isMap(value)) {
    for (const [key, held] of Object.entries(value)) checkItems(held, fieldType(type, key), `${path}.${key}`);
  }
}

function checkEdges(list: readonly unknown[], apply: 'set' | readonly ListKey[], path: string): void {
  const seen = new Set<string>();
  list.forEach((item, i) => {
    const edge = edgeOf(item, apply);
    if (edge === undefined) {
      const [key] = apply === 'set' ? [] : apply;
      throw badRequest(
        `failed to create typed patch object: ${path}: element ${i}: associative list with keys has an element that omits key field "${key?.name}" (and doesn't have default value)`,
      );
    }
    if (seen.has(edge)) {
      throw badRequest(`failed to create typed patch object: ${path}: duplicate entries for key ${edge.slice(2)}`);
    }
    seen.add(edge);
  });
}
