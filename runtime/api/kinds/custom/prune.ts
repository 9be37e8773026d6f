/** Custom objects as their schema has them: without fields it does not know, with the defaults it names. */
import { isMap } from '../../object.ts';
import { childPath, type JsonSchema, propertyOf } from './schema.ts';

/** Of every embedded resource, and of the object itself: not the schema's to say. */
const IDENTITY = new Set(['apiVersion', 'kind', 'metadata']);

/** The value without unknown fields; itself when it has none. @param unknown takes their paths. */
export function pruned(schema: JsonSchema, value: unknown, unknown: string[], path = '', isResource = true): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return value;
    return mapped(value, (item, i) => pruned(items, item, unknown, `${path}[${i}]`, isEmbedded(items)));
  }
  if (!isMap(value)) return value;
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const next: Record<string, unknown> = {};
  let changed = false;
  for (const [key, before] of Object.entries(value)) {
    const child = propertyOf(schema, key);
    const known = child !== undefined || keeps || (isResource && IDENTITY.has(key));
    if (!known) {
      unknown.push(childPath(path, key));
      changed = true;
      continue;
    }
    const whole = child === undefined || (isResource && IDENTITY.has(key));
    const after = whole ? before : pruned(child, before, unknown, childPath(path, key), isEmbedded(child));
    changed ||= after !== before;
    Object.defineProperty(next, key, { value: after, enumerable: true, configurable: true, writable: true });
  }
  return changed ? next : value;
}

function isEmbedded(schema: JsonSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

/** The value with its defaults, without nulls that the schema does not allow; itself when there is nothing to fill in. */
export function withDefaults(schema: JsonSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? mapped(value, (item) => withDefaults(items, item)) : value;
  }
  if (!isMap(value)) return value;
  let next = value;
  const put = (key: string, field: unknown): void => {
    if (next === value) next = { ...value };
    Object.defineProperty(next, key, { value: field, enumerable: true, configurable: true, writable: true });
  };
  for (const [key, child] of Object.entries(schema.properties ?? {})) {
    const present = Object.hasOwn(value, key) ? value[key] : undefined;
    const absent = present === undefined || (present === null && !child.nullable);
    if (absent && child.default !== undefined) put(key, withDefaults(child, structuredClone(child.default)));
    else if (present !== undefined) {
      const filled = withDefaults(child, present);
      if (filled !== present) put(key, filled);
    }
  }
  const { additionalProperties } = schema;
  if (!isMap(additionalProperties)) return next;
  for (const [key, present] of Object.entries(value)) {
    if (schema.properties && Object.hasOwn(schema.properties, key)) continue;
    const filled = withDefaults(additionalProperties, present);
    if (filled !== present) put(key, filled);
  }
  return next;
}

function mapped(list: readonly unknown[], change: (item: unknown, i: number) => unknown): unknown {
  const next = list.map(change);
  return next.some((item, i) => item !== list[i]) ? next : list;
}
