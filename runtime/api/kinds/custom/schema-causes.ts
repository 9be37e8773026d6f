/**
 * What is wrong with the schema of a CustomResourceDefinition. What stands below items and additionalProperties has no type
 * in Kubernetes' models, so the shape of every keyword is looked at here.
 * Source: Kubernetes v1.36, apiextensions-apiserver/pkg/apiserver/schema/validation.go.
 */
import { isMap } from '../../object.ts';
import type { Cause } from '../kind.ts';
import type { JsonSchema } from './schema.ts';

export type Add = (reason: Cause['reason'], field: string, message: string) => void;

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** A schema says the type of everything it names. */
export function structuralCauses(given: unknown, path: string, add: Add, isRoot = false): void {
  const schema = shaped(given, path, add);
  if (!schema) return;
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-int-or-string'];
  if (isRoot && schema.type !== 'object') {
    const message = `Invalid value: ${JSON.stringify(schema.type ?? '')}: must be object at the root`;
    add('FieldValueInvalid', `${path}.type`, message);
  } else if (!schema.type && !open) {
    add('FieldValueRequired', `${path}.type`, 'Required value: must not be empty for specified object fields');
  } else if (schema.type && !TYPES.includes(schema.type)) {
    const message = `Unsupported value: ${JSON.stringify(schema.type)}: supported values: ${TYPES.map((type) => `"${type}"`).join(', ')}`;
    add('FieldValueNotSupported', `${path}.type`, message);
  }
  if (schema.type === 'array' && !schema.items)
    add('FieldValueRequired', `${path}.items`, 'Required value: must be specified');
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    // What metadata holds is not the schema's to say: it may be left as it is.
    structuralCauses(child, `${path}.properties[${name}]`, add);
  }
  if (schema.items) structuralCauses(schema.items, `${path}.items`, add);
  if (isMap(schema.additionalProperties)) {
    structuralCauses(schema.additionalProperties, `${path}.additionalProperties`, add);
  }
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    schema[junctor]?.forEach((branch, i) => {
      branchCauses(branch, `${path}.${junctor}[${i}]`, add);
    });
  }
  if (schema.not) branchCauses(schema.not, `${path}.not`, add);
}

/** A branch only narrows what the schema around it has said: types are said there. */
function branchCauses(given: unknown, path: string, add: Add): void {
  const schema = shaped(given, path, add);
  if (!schema) return;
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    branchCauses(child, `${path}.properties[${name}]`, add);
  }
  if (schema.items) branchCauses(schema.items, `${path}.items`, add);
  if (isMap(schema.additionalProperties))
    branchCauses(schema.additionalProperties, `${path}.additionalProperties`, add);
  for (const junctor of ['allOf', 'anyOf', 'oneOf'] as const) {
    schema[junctor]?.forEach((branch, i) => {
      branchCauses(branch, `${path}.${junctor}[${i}]`, add);
    });
  }
  if (schema.not) branchCauses(schema.not, `${path}.not`, add);
}

type Shape = (value: unknown) => boolean;

const isText: Shape = (value) => typeof value === 'string';
const isNumber: Shape = (value) => typeof value === 'number';
const isTruth: Shape = (value) => typeof value === 'boolean';
const areTexts: Shape = (value) => Array.isArray(value) && value.every(isText);
const areMaps: Shape = (value) => Array.isArray(value) && value.every(isMap);

const SHAPES: Readonly<Record<Exclude<keyof JsonSchema, 'default'>, Shape>> = {
  type: isText,
  format: isText,
  nullable: isTruth,
  enum: Array.isArray,
  pattern: isText,
  minLength: isNumber,
  maxLength: isNumber,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isTruth,
  exclusiveMaximum: isTruth,
  multipleOf: isNumber,
  items: isMap,
  minItems: isNumber,
  maxItems: isNumber,
  uniqueItems: isTruth,
  properties: isMap,
  additionalProperties: (value) => isTruth(value) || isMap(value),
  required: areTexts,
  minProperties: isNumber,
  maxProperties: isNumber,
  allOf: areMaps,
  anyOf: areMaps,
  oneOf: areMaps,
  not: isMap,
  'x-kubernetes-preserve-unknown-fields': isTruth,
  'x-kubernetes-int-or-string': isTruth,
  'x-kubernetes-embedded-resource': isTruth,
  'x-kubernetes-list-type': isText,
  'x-kubernetes-list-map-keys': areTexts,
  'x-kubernetes-validations': areMaps,
};

/** undefined where it cannot be read as a schema; then that has been said. */
function shaped(given: unknown, path: string, add: Add): JsonSchema | undefined {
  if (!isMap(given)) {
    add('FieldValueInvalid', path, `Invalid value: ${JSON.stringify(given)}: must be a schema`);
    return undefined;
  }
  let fits = true;
  for (const [keyword, hasShape] of Object.entries(SHAPES)) {
    if (!Object.hasOwn(given, keyword) || hasShape(given[keyword])) continue;
    const message = `Invalid value: ${JSON.stringify(given[keyword])}: has the wrong type`;
    add('FieldValueInvalid', `${path}.${keyword}`, message);
    fits = false;
  }
  return fits ? given : undefined;
}
