/** Filling absent fields of a decoded object in place. The object is a copy by then: see defaults.ts. */
import { isPlainObject, type PlainObject } from '../../../../core/objects/index.ts';

/** Absent is what Go's decoder leaves at its zero for a string, and nil for everything else. */
export function put(object: PlainObject, field: string, value: unknown): void {
  const current = object[field];
  if (current === undefined || current === null || current === '') object[field] = value;
}

/** The object under a field, made when it is absent. */
export function within(object: PlainObject, field: string): PlainObject {
  const current = object[field];
  if (isPlainObject(current)) return current;
  const made: PlainObject = {};
  object[field] = made;
  return made;
}

/** A JSON value with nothing shared; much cheaper than structuredClone for plain data. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPlainObject(value)) return value;
  const copy: PlainObject = {};
  for (const field of Object.keys(value)) copy[field] = copyOf(value[field]);
  return copy as T;
}
