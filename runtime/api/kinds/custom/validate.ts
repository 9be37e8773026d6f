/**
 * Custom objects against their schema: every problem, as a cause of a 422. Rules in CEL are not evaluated.
 * Source: Kubernetes v1.36, apiextensions-apiserver/pkg/apiserver/validation, kube-openapi/pkg/validation.
 */
import { isDeepStrictEqual } from 'node:util';
import { isMap } from '../../object.ts';
import type { Cause } from '../kind.ts';
import { childPath, type JsonSchema, propertyOf } from './schema.ts';

type Report = (reason: Cause['reason'], message: string, path?: string) => void;

export function schemaCauses(schema: JsonSchema, value: unknown, path = ''): Cause[] {
  const causes: Cause[] = [];
  check(schema, value, path, causes);
  return causes;
}

function check(schema: JsonSchema, value: unknown, path: string, causes: Cause[]): void {
  const report: Report = (reason, message, field = path) => void causes.push({ reason, message, field });
  if (value === null && schema.nullable) return;
  if (!hasType(schema, value)) {
    const found = typeOf(value);
    report(
      'FieldValueTypeInvalid',
      `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${schema.type}: ${JSON.stringify(found)}`,
    );
    return;
  }
  if (schema.enum && !schema.enum.some((choice) => isDeepStrictEqual(choice, value))) {
    const supported = schema.enum.map((choice) => JSON.stringify(choice)).join(', ');
    report('FieldValueNotSupported', `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
  }
  if (typeof value === 'string') checkText(schema, value, path, report);
  else if (typeof value === 'number') checkNumber(schema, value, path, report);
  else if (Array.isArray(value)) checkList(schema, value, path, causes, report);
  else if (isMap(value)) checkMap(schema, value, path, causes, report);
  checkJunctors(schema, value, path, causes, report);
}

function hasType(schema: JsonSchema, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case undefined:
    case '':
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    default:
      return typeof value === schema.type;
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function checkText(schema: JsonSchema, value: string, path: string, report: Report): void {
  const { minLength = 0, maxLength = Infinity, pattern, format } = schema;
  const length = [...value].length;
  if (length > maxLength) report('FieldValueTooLong', `Too long: may not be more than ${maxLength} bytes`);
  if (length < minLength) {
    report(
      'FieldValueInvalid',
      `Invalid value: ${JSON.stringify(value)}: ${path} in body should be at least ${minLength} chars long`,
    );
  }
  if (pattern !== undefined && !matcher(pattern).test(value)) {
    report('FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body should match '${pattern}'`);
  }
  if (format !== undefined && FORMATS.get(format)?.test(value) === false) {
    report(
      'FieldValueInvalid',
      `Invalid value: ${JSON.stringify(value)}: ${path} in body must be of type ${format}: ${JSON.stringify(value)}`,
    );
  }
}

const FORMATS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    'date-time': /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
    date: /^\d{4}-\d\d-\d\d$/,
    uuid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
    ipv4: /^(\d{1,3}\.){3}\d{1,3}$/,
    byte: /^[A-Za-z0-9+/]*={0,2}$/,
    duration: /^-?(\d+(\.\d+)?\s*(ns|us|µs|ms|s|m|h|d|w)?\s*)+$/,
  }),
);

const matchers = new Map<string, RegExp>();

/** A pattern that only Go can read lets everything pass. */
function matcher(pattern: string): RegExp {
  let known = matchers.get(pattern);
  if (!known) {
    try {
      known = new RegExp(pattern, 'u');
    } catch {
      known = /(?:)/;
    }
    if (matchers.size > 10_000) matchers.clear();
    matchers.set(pattern, known);
  }
  return known;
}

function checkNumber(schema: JsonSchema, value: number, path: string, report: Report): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const wrong = (rule: string): void =>
    report('FieldValueInvalid', `Invalid value: ${value}: ${path} in body should be ${rule}`);
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    wrong(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    wrong(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && Math.abs(value / multipleOf - Math.round(value / multipleOf)) > 1e-9) {
    wrong(`a multiple of ${multipleOf}`);
  }
}

function checkList(schema: JsonSchema, list: unknown[], path: string, causes: Cause[], report: Report): void {
  const { items, minItems = 0, maxItems = Infinity, uniqueItems } = schema;
  if (list.length > maxItems)
    report('FieldValueInvalid', `Too many: ${list.length}: must have at most ${maxItems} items`);
  if (list.length < minItems) {
    report(
      'FieldValueInvalid',
      `Invalid value: ${list.length}: ${path} in body should have at least ${minItems} items`,
    );
  }
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (uniqueItems || listType === 'set' || listType === 'map') {
    const seen = new Set<string>();
    list.forEach((item, i) => {
      const identity = listType === 'map' && isMap(item) ? keys.map((key) => item[key]) : item;
      const text = JSON.stringify(identity) ?? '';
      if (seen.has(text)) report('FieldValueDuplicate', `Duplicate value: ${text}`, `${path}[${i}]`);
      seen.add(text);
    });
  }
  if (items) list.forEach((item, i) => void check(items, item, `${path}[${i}]`, causes));
}

function checkMap(
  schema: JsonSchema,
  map: Record<string, unknown>,
  path: string,
  causes: Cause[],
  report: Report,
): void {
  const { required = [], minProperties = 0, maxProperties = Infinity } = schema;
  for (const key of required) {
    if (!Object.hasOwn(map, key)) report('FieldValueRequired', 'Required value', childPath(path, key));
  }
  const count = Object.keys(map).length;
  if (count > maxProperties)
    report('FieldValueInvalid', `Too many: ${count}: must have at most ${maxProperties} items`);
  if (count < minProperties) {
    report(
      'FieldValueInvalid',
      `Invalid value: ${count}: ${path} in body should have at least ${minProperties} properties`,
    );
  }
  for (const [key, value] of Object.entries(map)) {
    const child = propertyOf(schema, key);
    if (child && value !== undefined) check(child, value, childPath(path, key), causes);
  }
}

function checkJunctors(schema: JsonSchema, value: unknown, path: string, causes: Cause[], report: Report): void {
  const { allOf = [], anyOf, oneOf, not } = schema;
  const holds = (other: JsonSchema): boolean => schemaCauses(other, value, path).length === 0;
  for (const other of allOf) check(other, value, path, causes);
  const invalid = (rule: string): void =>
    report('FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body ${rule}`);
  if (anyOf && !anyOf.some(holds)) invalid('must validate at least one schema (anyOf)');
  if (oneOf && oneOf.filter(holds).length !== 1) invalid('must validate one and only one schema (oneOf)');
  if (not && holds(not)) invalid('must not validate the schema (not)');
}
