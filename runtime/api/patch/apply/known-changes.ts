/**
 * Objects by the thousand go through the same changes: a pod that runs sets the same fields of its status as all others.
 * What a change does to the owners is worked out once for all changes that touch the same fields of objects with the same
 * owners, and found again by that.
 */
import { isMap, type ManagedFieldsEntry } from '../../object.ts';
import type { FieldsV1, MergeType } from '../faces.ts';

/** What becomes of the owners. */
export interface Outcome {
  /** Of each entry there was: undefined where nothing is left to it. */
  kept: readonly (FieldsV1 | undefined)[];
  /** Of who makes the change, where that is none of those: undefined where nothing was set. */
  own: FieldsV1 | undefined;
  /** Which of the entries there were is of who makes the change; -1: none. */
  ownAt: number;
}

export interface ChangeKey {
  manager: string;
  apiVersion: string;
  subresource: string;
  /** As they stand in the object. */
  entries: readonly ManagedFieldsEntry[];
  /** comparisonText */
  comparison: string;
}

/** When there are more, all are forgotten, and come again as they are needed. */
const OUTCOMES_LIMIT = 1_000;
const TEXT_LIMIT = 16_384;

const outcomes = new WeakMap<MergeType, Map<string, Outcome>>();
/** Numbers of field sets: equal ones are mostly one object (toFieldsV1). */
const numbers = new WeakMap<object, number>();
let count = 0;

/** undefined for owners of which something is unusual: these take the long way. */
export function changeText({ manager, apiVersion, subresource, entries, comparison }: ChangeKey): string | undefined {
  let text = JSON.stringify([manager, apiVersion, subresource]);
  for (const entry of entries) {
    const { operation, apiVersion: version, manager: other, subresource: of = '', fieldsV1 } = entry;
    if ((operation !== 'Update' && operation !== 'Apply') || !isMap(fieldsV1)) return undefined;
    text += `${JSON.stringify([operation, version, other, of])}${numberOf(fieldsV1)}`;
  }
  text += comparison;
  return text.length <= TEXT_LIMIT ? text : undefined;
}

export function knownOutcome(type: MergeType, text: string): Outcome | undefined {
  return outcomes.get(type)?.get(text);
}

export function rememberOutcome(type: MergeType, text: string, outcome: Outcome): void {
  let known = outcomes.get(type);
  if (!known) outcomes.set(type, (known = new Map()));
  if (known.size === OUTCOMES_LIMIT) known.clear();
  known.set(text, outcome);
}

function numberOf(fieldsV1: object): number {
  let number = numbers.get(fieldsV1);
  if (number === undefined) numbers.set(fieldsV1, (number = count++));
  return number;
}
