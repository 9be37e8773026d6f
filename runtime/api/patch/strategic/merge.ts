/**
 * Strategic merge patch: a merge patch that merges lists whose items have a key, told what to do by directives.
 * Source: Kubernetes v1.36, apimachinery/pkg/util/strategicpatch/patch.go (mergeMap, mergeSlice).
 *
 *     $patch: replace | delete | merge      in a map: of this map; in a list item: of this item, or the list
 *     $retainKeys: [k]                      of the map it stands in only these keys stay
 *     $deleteFromPrimitiveList/LIST: [v]    values taken out of a merged list of scalars
 *     $setElementOrder/LIST: [k]            the order of a merged list
 */
import { badRequest } from '../../http/status.ts';
import { isMap, shownText } from '../../object.ts';
import type { ListType, MergeType } from '../faces.ts';
import { DEDUCED } from '../merge-types.ts';
import { mergeList, plainList } from './lists.ts';
import { orderedList } from './order.ts';

const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';
const RETAIN_KEYS = '$retainKeys';
const PATCH = '$patch';

/** @throws ApiError 400 for a directive or a list item that cannot be followed. */
export function strategicMerge(current: unknown, body: unknown, type: MergeType): unknown {
  if (!isMap(body)) throw badRequest('cannot unmarshal the patch into a map');
  return mergeValue(isMap(current) ? current : {}, body, type);
}

/** Of two maps or of any two values; `patch` is not null. */
function mergeValue(current: unknown, patch: unknown, type: MergeType): unknown {
  if (isMap(patch)) {
    if (type.kind === 'struct' && type.replace && patch[PATCH] === undefined) return withoutDirectives(patch);
    return mergeMaps(isMap(current) ? current : {}, patch, type);
  }
  if (Array.isArray(patch)) {
    if (type.kind !== 'list' || !type.strategic) return plainList(patch, withoutDirectives);
    return mergeList(Array.isArray(current) ? current : [], patch, type, mergeValue);
  }
  return patch;
}

function mergeMaps(current: Record<string, unknown>, patch: Record<string, unknown>, type: MergeType): unknown {
  const directive = patch[PATCH];
  if (directive === 'delete') return {};
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type: "${shownText(directive)}" in ${JSON.stringify(patch)}`);
  }
  const merged = new Map(Object.entries(current));
  retainKeys(merged, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM)) deleteFromList(merged, key.slice(DELETE_FROM.length), value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key)) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergeValue(merged.get(key), value, fieldOf(type, key)));
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(SET_ORDER)) orderList(merged, current, patch, key.slice(SET_ORDER.length), order, type);
  }
  return Object.fromEntries(merged);
}

/** A field the schema does not know is merged as if it had none; the check of the result names it. */
function fieldOf(type: MergeType, key: string): MergeType {
  if (type.kind === 'struct') return type.fields.get(key) ?? DEDUCED;
  return type.kind === 'map' ? type.values : DEDUCED;
}

/** What a patch holds where there is nothing to merge it into. */
function withoutDirectives(patch: unknown): unknown {
  if (Array.isArray(patch)) return plainList(patch, withoutDirectives);
  if (!isMap(patch)) return patch;
  const kept = Object.entries(patch).filter(([key, value]) => value !== null && !isDirective(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutDirectives(value)]));
}

function isDirective(key: string): boolean {
  return key === PATCH || key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER);
}

function retainKeys(merged: Map<string, unknown>, patch: Record<string, unknown>): void {
  const retained = patch[RETAIN_KEYS];
  if (retained === undefined) return;
  if (!Array.isArray(retained)) throw badRequest('invalid patch: $retainKeys is not a list');
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !retained.includes(key)) {
      throw badRequest('invalid patch: the patch has a key that $retainKeys does not list');
    }
  }
  for (const key of [...merged.keys()]) if (!retained.includes(key)) merged.delete(key);
}

function deleteFromList(merged: Map<string, unknown>, key: string, values: unknown): void {
  if (!Array.isArray(values)) throw badRequest(`invalid patch: ${DELETE_FROM}${key} is not a list`);
  const list = merged.get(key);
  if (Array.isArray(list))
    merged.set(
      key,
      list.filter((item: unknown) => !values.includes(item)),
    );
}

function orderList(
  merged: Map<string, unknown>,
  current: Record<string, unknown>,
  patch: Record<string, unknown>,
  key: string,
  order: unknown,
  type: MergeType,
): void {
  const list = merged.get(key);
  if (!Array.isArray(order)) throw badRequest(`invalid patch: ${SET_ORDER}${key} is not a list`);
  const listType = fieldOf(type, key);
  if (!Array.isArray(list) || listType.kind !== 'list' || !listType.strategic) return;
  const live = current[key];
  const sent = patch[key];
  merged.set(
    key,
    orderedList(list, {
      order,
      live: Array.isArray(live) ? live : [],
      sent: Array.isArray(sent) ? sent : [],
      key: (listType as ListType).strategic?.key,
      name: key,
    }),
  );
}
