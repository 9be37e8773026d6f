/** How a Table's cells are written. Source: Kubernetes v1.36, apimachinery/pkg/util/duration, pkg/printers/internalversion. */
import { isPlainObject, type KubeObject, type PlainObject } from '../../../../core/objects/index.ts';
import type { Column } from '../kind.ts';

export type Cell = string | number | boolean | null;

/** What a dotted path leads to; list indexes are numbers: 'status.conditions'. */
export function at(object: unknown, path: string): unknown {
  let value = object;
  for (const field of path.split('.')) value = isPlainObject(value) ? value[field] : undefined;
  return value;
}

export function listOf(object: unknown, path: string): PlainObject[] {
  const value = at(object, path);
  return Array.isArray(value) ? value.filter(isPlainObject) : [];
}

export function textOf(object: unknown, path: string): string {
  const value = at(object, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function numberOf(object: unknown, path: string): number {
  const value = at(object, path);
  return typeof value === 'number' ? value : 0;
}

export const NONE = '<none>';
export const orNone = (text: string): string => (text === '' ? NONE : text);

/** 'a=1,b=2' */
export function pairsText(pairs: unknown): string {
  if (!isPlainObject(pairs)) return NONE;
  return orNone(
    Object.keys(pairs)
      .sort()
      .map((key) => `${key}=${pairs[key]}`)
      .join(','),
  );
}

/** A label selector as kubectl prints it: 'a=b,c in (d,e),!f'. */
export function selectorText(selector: unknown): string {
  if (!isPlainObject(selector)) return NONE;
  const parts: string[] = [];
  const pairs = isPlainObject(selector.matchLabels) ? selector.matchLabels : {};
  for (const key of Object.keys(pairs).sort()) parts.push(`${key}=${pairs[key]}`);
  for (const { key, operator, values } of listOf(selector, 'matchExpressions')) {
    const list = Array.isArray(values) ? values.join(',') : '';
    if (operator === 'In') parts.push(`${key} in (${list})`);
    else if (operator === 'NotIn') parts.push(`${key} notin (${list})`);
    else parts.push(operator === 'Exists' ? `${key}` : `!${key}`);
  }
  return orNone(parts.join(','));
}

/** '45s', '3m20s', '5h10m', '2d4h', '40d', '1y20d': never more than two units, and fewer as it grows. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 ? `${days}d${hours % 24}h` : `${days}d`;
  if (days < 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  if (days < 365 * 8) return days % 365 ? `${years}y${days % 365}d` : `${years}y`;
  return `${years}y`;
}

/** How long ago; '<unknown>' when it never was. */
export function age(time: unknown, nowMs: number): string {
  const then = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? '<unknown>' : duration(nowMs - then);
}

type Draw = (object: KubeObject, nowMs: number) => Cell;

/** A column of text that always shows. */
export function column(name: string, draw: Draw, description = ''): Column {
  return { name, type: 'string', description: description || describe(name), priority: 0, cell: draw };
}

/** A column of `-o wide`. */
export function wide(name: string, draw: Draw, description = ''): Column {
  return { ...column(name, draw, description), priority: 1 };
}

export function counted(name: string, draw: (object: KubeObject) => number): Column {
  return { ...column(name, draw), type: 'integer' };
}

function describe(name: string): string {
  return `${name} of the object.`;
}

export const AGE: Column = column(
  'Age',
  (object, nowMs) => age(object.metadata.creationTimestamp, nowMs),
  'How long ago the object was created.',
);
