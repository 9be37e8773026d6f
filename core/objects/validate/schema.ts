/**
 * Schemas: small functions that look at one value and report every problem under it. A kind is a table of them.
 * A null field counts as absent everywhere, as in Kubernetes' JSON.
 */
import { assert } from '../../assert.ts';
import { type Context, type Segment, shorten } from './context.ts';

export type Schema = (value: unknown, context: Context) => void;
/** A rule about one string: the complaint, or undefined. */
export type TextRule = (text: string) => string | undefined;
export type Fields = ReadonlyMap<string, Schema>;
export type PlainObject = Record<string, unknown>;

/** Known and kept: nobody here reads it. */
export const anything: Schema = () => {};

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How a message shows a value: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : String(value);
}

export function text(...rules: TextRule[]): Schema {
  return (value, context) => {
    if (typeof value !== 'string') {
      const quotes = typeof value === 'number' || typeof value === 'boolean' ? '; write it in quotes' : '';
      context.error(`${show(value)} is not a string${quotes}`);
      return;
    }
    for (const rule of rules) {
      const complaint = rule(value);
      if (complaint !== undefined) {
        context.error(complaint);
        return;
      }
    }
  };
}

/** 'a', 'b' or 'c', and nothing else. */
export function oneOf(...allowed: string[]): Schema {
  const words = allowed.filter((word) => word !== '').join(', ');
  return text((value) => (allowed.includes(value) ? undefined : `${show(value)} is not one of ${words}`));
}

export const INT32_MAX = 2 ** 31 - 1;

export function int({ min = -INT32_MAX - 1, max = INT32_MAX }: { min?: number; max?: number } = {}): Schema {
  return (value, context) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) context.error(`${show(value)} is not a whole number`);
    else if (value < min) context.error(`${value} is less than ${min}`);
    else if (value > max) context.error(`${value} is more than ${max}`);
  };
}

/** A 64-bit count in the API; beyond 2^53 a JSON number is no longer the one that was written. */
export function int64({ min = Number.MIN_SAFE_INTEGER }: { min?: number } = {}): Schema {
  return int({ min, max: Number.MAX_SAFE_INTEGER });
}

export const bool: Schema = (value, context) => {
  if (typeof value !== 'boolean') context.error(`${show(value)} is not true or false`);
};

export interface ListOptions {
  min?: number;
  /** Of a longer list the items are not looked at. */
  max?: number;
  /** No two items may give the same key; undefined exempts an item. */
  unique?: (item: PlainObject) => string | undefined;
  /** The field that a duplicate is reported at. */
  uniqueAt?: string;
}

export function list(
  item: Schema,
  { min = 0, max = Number.POSITIVE_INFINITY, unique, uniqueAt }: ListOptions = {},
): Schema {
  return (value, context) => {
    if (!Array.isArray(value)) {
      context.error(`${show(value)} is not a list`);
      return;
    }
    if (value.length < min) context.error(min === 1 ? 'must not be empty' : `must have at least ${min} items`);
    if (value.length > max) {
      context.error(`has ${value.length} items; at most ${max} are allowed`);
      return;
    }
    for (let i = 0; i < value.length; i++) {
      context.push(i);
      if (value[i] === null || value[i] === undefined) context.error('must not be null');
      else item(value[i], context);
      context.pop();
    }
    if (unique) reportDuplicates(value, unique, uniqueAt, context);
  };
}

function reportDuplicates(
  items: readonly unknown[],
  unique: (item: PlainObject) => string | undefined,
  at: string | undefined,
  context: Context,
): void {
  const seen = new Set<string>();
  items.forEach((item, i) => {
    const key = isPlainObject(item) ? unique(item) : typeof item === 'string' ? item : undefined;
    if (key === undefined) return;
    const below: Segment[] = at === undefined ? [i] : [i, at];
    if (seen.has(key)) context.error(`duplicate ${show(key)}`, ...below);
    seen.add(key);
  });
}

/** `key` is asked of every key, `value` of every value. */
export function mapOf(value: Schema, key?: TextRule): Schema {
  return mapBy(() => value, key);
}

/** As mapOf, with a schema chosen by the key. */
export function mapBy(schemaOf: (name: string) => Schema, key?: TextRule): Schema {
  return (map, context) => {
    if (!isPlainObject(map)) {
      context.error(`${show(map)} is not a map`);
      return;
    }
    for (const name of Object.keys(map)) {
      const complaint = key?.(name);
      context.push(name);
      if (complaint !== undefined) context.error(complaint);
      if (map[name] === null || map[name] === undefined) context.error('must not be null');
      else schemaOf(name)(map[name], context);
      context.pop();
    }
  };
}

export interface ObjectOptions {
  required?: readonly string[];
  /** Fields that are not in the table are kept, not unknown. */
  open?: boolean;
  /** Rules between fields; runs on any object, so fields may still have the wrong type. */
  check?: (object: PlainObject, context: Context) => void;
}

/** An object whose known fields are in the table; others are unknown. */
export function object(fields: Fields, { required = [], open = false, check }: ObjectOptions = {}): Schema {
  return (value, context) => {
    if (!isPlainObject(value)) {
      context.error(`${show(value)} is not an object`);
      return;
    }
    for (const name of Object.keys(value)) {
      const schema = fields.get(name);
      const field = value[name];
      if (schema === undefined) {
        if (!open) context.unknownField(name);
      } else if (field === null || field === undefined) {
        context.sawNull = true;
      } else if (field !== context.trusted) {
        context.push(name);
        schema(field, context);
        context.pop();
      }
    }
    for (const name of required) if (isAbsent(value, name)) context.error('is required', name);
    check?.(value, context);
  };
}

export function isAbsent(object: PlainObject, name: string): boolean {
  return !Object.hasOwn(object, name) || object[name] === null || object[name] === undefined || object[name] === '';
}

/** A field as an object or a list when it is one; rules between fields use these, as types are checked elsewhere. */
export function objectAt(object: PlainObject, name: string): PlainObject | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return isPlainObject(value) ? value : undefined;
}

export function listAt(object: PlainObject, name: string): PlainObject[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return Array.isArray(value) ? value.map((item) => (isPlainObject(item) ? item : {})) : [];
}

export function textAt(object: PlainObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(object: PlainObject, name: string): number | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}

const SHORTHAND: Record<string, Schema> = {
  any: anything,
  text: text(),
  int: int(),
  int64: int64(),
  bool,
  texts: list(text()),
  ints: list(int64()),
  pairs: mapOf(text()),
};

/** A table of fields from words: 'name:text optional:bool items'; a bare name is known and kept. */
export function fields(words: string, more: Record<string, Schema> = {}): Fields {
  const table = new Map<string, Schema>();
  for (const word of words.split(/\s+/)) {
    if (word === '') continue;
    const [name, type = 'any'] = word.split(':');
    const schema = SHORTHAND[type];
    assert(schema, `a field of type '${type}' in a schema`);
    table.set(name, schema);
  }
  for (const name of Object.keys(more)) table.set(name, more[name]);
  return table;
}

/** `fields` and `object` in one. */
export function shape(words: string, more: Record<string, Schema> = {}, options: ObjectOptions = {}): Schema {
  return object(fields(words, more), options);
}
