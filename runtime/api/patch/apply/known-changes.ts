/**
 * Objects by the thousand go through the same changes: a pod that runs sets the same fields of its status as all others.
 * What a change does to the owners is worked out once for all changes that touch the same fields of objects with the same
 * owners, and found again by that. The key of a list's only item may be another one each time (a pod's address).
 */
import { isMap, type ManagedFieldsEntry } from '../../object.ts';
import type { FieldsV1, MergeType } from '../faces.ts';
import type { ComparisonWords, OnlyItem } from './compare.ts';
import { fieldsText, rememberText, sharedNumber } from './field-set.ts';

/** What becomes of the owners. */
export interface Outcome {
  /** Of each entry there was: undefined where nothing is left to it. */
  kept: readonly (FieldsV1 | undefined)[];
  /** Of who makes the change: undefined where nothing was set. */
  own: FieldsV1 | undefined;
  /** Which of the entries there were is of who makes the change; -1: none. */
  ownAt: number;
}

/** An outcome for any keys of the lists' only items. */
interface Template extends Outcome {
  onlyItems: readonly OnlyItem[];
  /** Texts of `own` around the keys of these items. */
  pieces: readonly string[];
}

export interface ChangeKey {
  manager: string;
  apiVersion: string;
  subresource: string;
  /** As they stand in the object. */
  entries: readonly ManagedFieldsEntry[];
  comparison: ComparisonWords;
}

/** When there are more, all are forgotten, and come again as they are needed. */
const TEMPLATES_LIMIT = 1_000;
const TEXT_LIMIT = 16_384;

interface Known {
  byText: Map<string, Template>;
  /** The last ones asked for, the newest first: the same change comes in a row, and is known again without a text. */
  recent: { key: ChangeKey; template: Template }[];
}

const RECENT_LIMIT = 4;

const templates = new WeakMap<MergeType, Known>();

/** As `workOut` says it, which is asked only for what is not known. undefined for owners that are unusual: the long way. */
export function outcomeFor(type: MergeType, key: ChangeKey, workOut: () => Outcome | undefined): Outcome | undefined {
  const { onlyItems } = key.comparison;
  let known = templates.get(type);
  if (!known) templates.set(type, (known = { byText: new Map(), recent: [] }));
  const again = recentOf(known, key);
  if (again) return filledIn(again, onlyItems);
  const text = textOf(key);
  if (text === undefined) return undefined;
  const { byText } = known;
  const template = byText.get(text);
  if (template) {
    keepRecent(known, key, template);
    return filledIn(template, onlyItems);
  }
  const outcome = workOut();
  const made = outcome && templateOf(outcome, onlyItems);
  if (byText.size === TEMPLATES_LIMIT) byText.clear();
  if (made) {
    byText.set(text, made);
    keepRecent(known, key, made);
  }
  return outcome;
}

function recentOf({ recent }: Known, key: ChangeKey): Template | undefined {
  const at = recent.findIndex((one) => isSameKey(one.key, key));
  if (at < 0) return undefined;
  const found = recent[at];
  if (at > 0) {
    recent.splice(at, 1);
    recent.unshift(found);
  }
  return found.template;
}

function keepRecent({ recent }: Known, key: ChangeKey, template: Template): void {
  if (recent.length === RECENT_LIMIT) recent.pop();
  recent.unshift({ key, template });
}

/** Of keys of which one has a text, and so owners that are shared: whether the other has the same. */
function isSameKey(a: ChangeKey, b: ChangeKey): boolean {
  if (a.manager !== b.manager || a.apiVersion !== b.apiVersion || a.subresource !== b.subresource) return false;
  const [words, others] = [a.comparison.words, b.comparison.words];
  if (a.entries.length !== b.entries.length || words.length !== others.length) return false;
  for (let i = 0; i < a.entries.length; i++) if (!isSameOwner(a.entries[i], b.entries[i])) return false;
  for (let i = 0; i < words.length; i++) if (words[i] !== others[i]) return false;
  return true;
}

function isSameOwner(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  if (a.fieldsV1 !== b.fieldsV1 || a.manager !== b.manager || a.operation !== b.operation) return false;
  return a.apiVersion === b.apiVersion && (a.subresource ?? '') === (b.subresource ?? '');
}

/** undefined where nothing can be known of the owners, or one of them owns some of a list whose key is left open. */
function textOf({ manager, apiVersion, subresource, entries, comparison }: ChangeKey): string | undefined {
  let text = JSON.stringify([manager, apiVersion, subresource]);
  for (const entry of entries) {
    const { operation, apiVersion: version, manager: other, subresource: of = '', fieldsV1 } = entry;
    const number = isMap(fieldsV1) ? sharedNumber(fieldsV1) : undefined;
    if (number === undefined || (operation !== 'Update' && operation !== 'Apply')) return undefined;
    for (const { path } of comparison.onlyItems) if (reaches(fieldsV1 as FieldsV1, path)) return undefined;
    text += `${JSON.stringify([operation, version, other, of])}${number}`;
  }
  for (const word of comparison.words) text += `${word.length}${word}`;
  return text.length <= TEXT_LIMIT ? text : undefined;
}

function reaches(fields: FieldsV1, path: readonly string[]): boolean {
  let at: FieldsV1 | undefined = fields;
  for (const edge of path) if (!(at = at[edge])) return false;
  return true;
}

/** undefined where it could not be told which part of the text is an item's key. */
function templateOf(outcome: Outcome, onlyItems: readonly OnlyItem[]): Template | undefined {
  const { own } = outcome;
  if (onlyItems.length === 0 || own === undefined) return { ...outcome, onlyItems: [], pieces: [] };
  const text = fieldsText(own) ?? JSON.stringify(own);
  const found = onlyItems.map(({ edge }) => ({ edge, quoted: JSON.stringify(edge) }));
  const places = found.map(({ quoted }) => text.indexOf(quoted));
  if (found.some(({ quoted }, i) => places[i] < 0 || text.indexOf(quoted, places[i] + 1) >= 0)) return undefined;
  if (places.some((place, i) => i > 0 && place <= places[i - 1])) return undefined;
  const pieces: string[] = [];
  let from = 0;
  for (const [i, { quoted }] of found.entries()) {
    pieces.push(text.slice(from, places[i]));
    from = places[i] + quoted.length;
  }
  return { ...outcome, onlyItems, pieces: [...pieces, text.slice(from)] };
}

function filledIn(template: Template, onlyItems: readonly OnlyItem[]): Outcome {
  const { own, pieces } = template;
  if (own === undefined || template.onlyItems.length === 0) return template;
  let fields = own;
  let text = pieces[0];
  let isOther = false;
  for (let i = 0; i < onlyItems.length; i++) {
    const { path, edge } = onlyItems[i];
    const before = template.onlyItems[i].edge;
    text += JSON.stringify(edge) + pieces[i + 1];
    if (edge === before) continue;
    isOther = true;
    fields = renamed(fields, path, 0, before, edge);
  }
  if (isOther) rememberText(fields, text);
  return { kept: template.kept, own: fields, ownAt: template.ownAt };
}

/** With another edge at the end of the path; what lies beside is shared. */
function renamed(fields: FieldsV1, path: readonly string[], at: number, from: string, to: string): FieldsV1 {
  if (at < path.length) return { ...fields, [path[at]]: renamed(fields[path[at]], path, at + 1, from, to) };
  const copy: Record<string, FieldsV1> = {};
  for (const edge in fields) copy[edge === from ? to : edge] = fields[edge];
  return copy;
}
