/**
 * Specs that many objects have, kept once: pods of one template differ in their names, and bound ones in their nodes. Who
 * has the same object has the same text, which is then not written anew. A spec that is handed out is never changed.
 */
import { type ApiObject, isMap } from '../object.ts';
import { isSameJson } from '../same-json.ts';

/** When there are more, all are forgotten, and come again as they are needed. */
const SPECS_LIMIT = 4_096;
const TEXT_LIMIT = 16_384;

/** Of one spec: objects that differ in more than their names. */
const KINDRED_LIMIT = 64;

type Spec = Record<string, unknown>;

const byText = new Map<string, Spec>();
const texts = new WeakMap<object, string>();
/** By spec, then by node. */
let bound = new WeakMap<object, Map<string, Spec>>();
let boundCount = 0;
/** By spec: what else objects said that were found faultless. */
const faultlessBeside = new WeakMap<object, Set<string>>();

/** The JSON of a spec that was handed out here; undefined: not one of those. */
export function sharedText(spec: object): string | undefined {
  return texts.get(spec);
}

/** An equal spec, the same one for all that are equal (in the order of their keys, too). */
export function shared(spec: object): object {
  if (texts.has(spec)) return spec;
  // Pods of one template come in a row.
  if (isSameJson(spec, lastShared)) return lastShared;
  const text = JSON.stringify(spec);
  const known = byText.get(text) ?? spec;
  if (known === spec) remember(spec as Spec, text);
  if (texts.has(known)) lastShared = known;
  return known;
}

let lastShared: object = {};

/** Of a spec's JSON at a place of bytes: what JSON.parse gives, shared with all of that text. Throws SyntaxError. */
export function sharedOfBytes(bytes: Buffer, from: number, to: number): object {
  // Pods of one template come in a row, each on a node: their bytes are alike up to its name.
  const open = from + lastOpen.length;
  if (open < to && lastOpen.compare(bytes, from, open) === 0) {
    const name = nodeIn(bytes.toString('utf8', open, to));
    if (name !== undefined) return boundSpec(lastBase, name);
  }
  const text = bytes.toString('utf8', from, to);
  const node = text.lastIndexOf(NODE);
  const name = node > 0 ? nodeIn(text.slice(node)) : undefined;
  if (name === undefined) return ofText(text);
  // What pods of one template have in common stays one object, on whatever node they are.
  const base = ofText(`${text.slice(0, node)}}`);
  lastOpen = Buffer.from(text.slice(0, node));
  lastBase = base;
  return boundSpec(base, name);
}

const NODE = ',"nodeName":"';

/** Of the end of a bound spec; undefined where it is another one, or a name that is written otherwise in JSON. */
function nodeIn(end: string): string | undefined {
  if (!end.startsWith(NODE) || !end.endsWith('"}')) return undefined;
  const name = end.slice(NODE.length, -2);
  return /["\\]/.test(name) ? undefined : name;
}

/** Without the brace at its end. */
let lastOpen = Buffer.from('{');
let lastBase: object = {};

function ofText(text: string): object {
  const known = byText.get(text);
  if (known) return known;
  const spec = JSON.parse(text) as Spec;
  if (isMap(spec)) remember(spec, text);
  return spec;
}

function remember(spec: Spec, text: string): void {
  if (text.length > TEXT_LIMIT) return;
  if (byText.size === SPECS_LIMIT) byText.clear();
  byText.set(text, spec);
  texts.set(spec, text);
}

/** The spec of a pod on that node; of one that is shared it is shared, too. */
export function boundSpec(spec: object, nodeName: string): Spec {
  const text = texts.get(spec);
  if (text === undefined || 'nodeName' in spec) return { ...spec, nodeName };
  let byNode = bound.get(spec);
  if (!byNode) bound.set(spec, (byNode = new Map()));
  const known = byNode.get(nodeName);
  if (known) return known;
  if (boundCount === SPECS_LIMIT) {
    bound = new WeakMap();
    bound.set(spec, (byNode = new Map()));
    boundCount = 0;
  }
  const made = { ...spec, nodeName };
  byNode.set(nodeName, made);
  boundCount++;
  texts.set(made, `${text.slice(0, -1)}${text === '{}' ? '' : ','}"nodeName":${JSON.stringify(nodeName)}}`);
  return made;
}

/** Of metadata: what metadata's own rules check, or the server sets. */
const NOBODYS = {
  name: undefined,
  namespace: undefined,
  uid: undefined,
  creationTimestamp: undefined,
  managedFields: undefined,
};

/**
 * Whether another object was found faultless that has the same shared spec and differs only in what metadata's own rules
 * check, or the server sets. undefined for objects whose spec is not shared.
 */
export function faultless(object: ApiObject): { known: boolean; remember(): void } | undefined {
  const { spec } = object;
  if (!isMap(spec) || !texts.has(spec)) return undefined;
  const text = JSON.stringify({ ...object, spec: undefined, metadata: { ...object.metadata, ...NOBODYS } });
  const before = faultlessBeside.get(spec);
  return {
    known: before?.has(text) ?? false,
    remember() {
      const kindred = before ?? new Set();
      if (kindred.size === KINDRED_LIMIT) kindred.clear();
      faultlessBeside.set(spec, kindred.add(text));
    },
  };
}
