/**
 * Compares an answer with the recorded one, field by field. What is random in the real scheduler, or has no order, is
 * compared as a set; where any node of `argmax` is right, any will do.
 */

/** One field that is not as recorded. */
export interface Difference {
  /** 'filter.node-03.reasons' */
  path: string;
  expected: unknown;
  got: unknown;
}

type Fields = Record<string, unknown>;

/** Lists without an order, by the last part of their path. */
const SETS = new Set(['preFilterNodes', 'unschedulablePlugins', 'potentialNodes', 'bestAnyOf', 'reasons']);

/** @param expected a decision, or the list of answers to the steps of a sequence. */
export function differences(expected: unknown, got: unknown): Difference[] {
  const found: Difference[] = [];
  if (isFields(expected) && isFields(got) && expected.hostIsOneOfArgmax === true) {
    const { hostIsOneOfArgmax: _, ...rest } = expected;
    const { hostIsOneOfArgmax: __, host, ...gotRest } = got;
    const anyOf = expected.argmax;
    if (!Array.isArray(anyOf) || !anyOf.includes(host)) {
      found.push({ path: 'host', expected: `any of ${show(anyOf)}`, got: host });
    }
    compare('', rest, gotRest, found);
  } else {
    compare('', expected, hostOnly(got), found);
  }
  return found;
}

/** Our own mark that other nodes would be right too says nothing about the node itself. */
function hostOnly(got: unknown): unknown {
  if (!isFields(got) || !('hostIsOneOfArgmax' in got)) return got;
  const { hostIsOneOfArgmax: _, ...rest } = got;
  return rest;
}

function compare(path: string, expected: unknown, got: unknown, found: Difference[]): void {
  if (Array.isArray(expected) && Array.isArray(got)) compareLists(path, expected, got, found);
  else if (isFields(expected) && isFields(got)) compareFields(path, expected, got, found);
  else if (expected !== got) found.push({ path, expected, got });
}

function compareLists(path: string, expected: unknown[], got: unknown[], found: Difference[]): void {
  const isSet = SETS.has(path.slice(path.lastIndexOf('.') + 1));
  const [left, right] = isSet ? [[...expected].sort(), [...got].sort()] : [expected, got];
  if (left.every((item) => typeof item !== 'object')) {
    if (show(left) !== show(right)) found.push({ path, expected, got });
    return;
  }
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) compare(`${path}[${i}]`, left[i], right[i], found);
}

/** A field that one side lacks is a difference; undefined counts as lacking. */
function compareFields(path: string, expected: Fields, got: Fields, found: Difference[]): void {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    compare(path === '' ? key : `${path}.${key}`, expected[key], got[key], found);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
