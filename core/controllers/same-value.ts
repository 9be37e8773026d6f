/**
 * Whether two plain values say the same: absent, null, {} and [] are one, and the order of fields does not matter.
 * Source: Kubernetes v1.36, apimachinery/pkg/api/equality (Semantic.DeepEqual).
 */
import { isPlainObject } from '../objects/validate/schema.ts';

export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, i) => sameValue(value, b[i]));
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  for (const name of Object.keys(a)) if (!sameValue(a[name], own(b, name))) return false;
  for (const name of Object.keys(b)) if (!Object.hasOwn(a, name) && !isEmpty(b[name])) return false;
  return true;
}

function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlainObject(value) && Object.keys(value).length === 0;
}

/** JSON with the fields of every object in order and empty ones left out: equal for what says the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isPlainObject(value)) return JSON.stringify(value) ?? 'null';
  const fields = Object.keys(value)
    .filter((name) => !isEmpty(value[name]))
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
  return `{${fields.join()}}`;
}
