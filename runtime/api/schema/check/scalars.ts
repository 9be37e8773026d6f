/** Which JSON values a scalar takes, and Go's words for those it does not. Source: Go's encoding/json, apimachinery. */
import type { ScalarType } from '../schemas.ts';
import { canonicalQuantity } from './quantity-text.ts';

/** True also means: stored as it stands. */
export function isScalar(type: ScalarType, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'int32':
      return isInt32(value);
    case 'int64':
      return Number.isInteger(value) && Math.abs(value as number) < 2 ** 63;
    case 'double':
      return typeof value === 'number';
    case 'int-or-string':
      return typeof value === 'string' || isInt32(value);
    case 'quantity':
      return typeof value === 'string' && canonicalQuantity(value) === value;
    case 'byte':
      return typeof value === 'string' && BASE64.test(value);
    case 'time':
    case 'micro-time':
      return typeof value === 'string' && isTime(value);
    case 'any':
      return true;
  }
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value >> 0 === value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const RFC3339 = /^\d{4}-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function isTime(text: string): boolean {
  const parts = RFC3339.exec(text);
  if (!parts) return false;
  const [month, day, hour, minute, second] = parts.slice(1).map(Number);
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  return day >= 1 && day <= new Date(Date.UTC(Number(text.slice(0, 4)), month, 0)).getUTCDate();
}

/** What is stored for a scalar that isScalar refuses and Go takes all the same; undefined when Go refuses it as well. */
export function settled(type: ScalarType, value: unknown): unknown {
  if (type === 'quantity') return canonicalQuantity(value);
  // Go's base64 reader skips line breaks.
  if (type === 'byte' && typeof value === 'string') {
    const joined = value.replace(/[\r\n]/g, '');
    return BASE64.test(joined) ? joined : undefined;
  }
  return undefined;
}

/** 'string', 'number', …: Go's name of a JSON value's type. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Go's words; `place` is the struct field, '' at the root or where Go does not say it. */
export function scalarRefusal(type: ScalarType, value: unknown, place: string): string {
  const into = (target: string, where: string): string =>
    `json: cannot unmarshal ${wordFor(value, target)} into Go ${where === '' ? 'value' : `struct field ${where}`} of type ${target}`;
  const isText = typeof value === 'string';
  switch (type) {
    case 'boolean':
      return into('bool', place);
    case 'double':
      return into('float64', place);
    case 'int-or-string':
      return into('int32', '');
    case 'quantity':
      return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    case 'byte':
      return isText ? `illegal base64 data at input byte ${firstBadByte(value)}` : into('[]uint8', place);
    case 'time':
      return isText ? timeRefusal(value, '2006-01-02T15:04:05Z07:00') : into('string', '');
    case 'micro-time':
      return isText ? timeRefusal(value, '2006-01-02T15:04:05.000000Z07:00') : into('string', '');
    default:
      return into(type, place);
  }
}

/** Go shows a number that does not fit, but only its type where no number is due. */
function wordFor(value: unknown, target: string): string {
  return typeof value === 'number' && /^u?int\d|^float/.test(target) ? `number ${value}` : jsonTypeOf(value);
}

function firstBadByte(text: string): number {
  const bad = /[^A-Za-z0-9+/]/.exec(text);
  return bad ? bad.index : text.length - (text.length % 4);
}

function timeRefusal(text: string, layout: string): string {
  return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as "2006"`;
}
