/** Findings of core's schemas as the causes of a 422. Source: Kubernetes v1.36, apimachinery/pkg/util/validation/field. */

import { type Finding, formatPath, type Segment } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';

export const required = (field: string, detail = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: detail ? `Required value: ${detail}` : 'Required value',
  field,
});

export const invalid = (field: string, value: unknown, detail: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${shown(value)}: ${detail}`,
  field,
});

export const forbidden = (field: string, detail: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${detail}`,
  field,
});

export const duplicate = (field: string, value: unknown): Cause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${shown(value)}`,
  field,
});

export const notFound = (field: string, value: unknown): Cause => ({
  reason: 'FieldValueNotFound',
  message: `Not found: ${shown(value)}`,
  field,
});

export const notSupported = (field: string, value: unknown, supported: readonly string[]): Cause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => `"${one}"`).join(', ')}`,
  field,
});

/** Values are quoted as JSON; a long one is cut, since the whole answer goes back to who sent it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/** Begins the findings about the key of a map; their path ends with it. */
export const OF_KEY = 'key: ';

const IS_REQUIRED = /^(is required|must not be null)/;
const DUPLICATE = /^duplicate /;
const NOT_ONE_OF = / is not one of (.+?)( here)?$/;

/** `object` is what the finding was made about. */
export function causeOf({ segments, message }: Finding, object: unknown): Cause {
  const field = formatPath(segments) || '<nil>';
  const value = valueAt(object, segments);
  if (message.startsWith(OF_KEY)) {
    const key = String(segments.at(-1));
    return invalid(`${formatPath(segments.slice(0, -1))}[${key}]`, key, message.slice(OF_KEY.length));
  }
  if (IS_REQUIRED.test(message)) return required(field, message.replace(IS_REQUIRED, '').trim());
  if (message === 'must not be empty' && (value === '' || value === undefined || Array.isArray(value)))
    return required(field);
  if (DUPLICATE.test(message)) return duplicate(field, value);
  const choice = NOT_ONE_OF.exec(message);
  if (choice) return notSupported(field, value, choice[1].split(', '));
  return invalid(field, value, message);
}

function valueAt(object: unknown, segments: readonly Segment[]): unknown {
  let value = object;
  for (const segment of segments) value = (value as Record<Segment, unknown> | undefined | null)?.[segment];
  return value;
}
