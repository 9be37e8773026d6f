/**
 * JSON text → documents. JSON.parse makes the values; a scan of our own goes first and finds what JSON.parse does not
 * say: duplicate keys, too deep nesting, where a syntax error stands, where the next document of a stream begins.
 */
import type { Segment } from '../validate/context.ts';
import { shorten } from '../validate/context.ts';
import { NESTING_LIMIT } from '../validate/depth.ts';
import { type Documents, positionsIn, TOO_DEEP } from './documents.ts';

/** One value after the other, as `kubectl get -o json` or a JSON stream gives them. */
export function parseJson(text: string): Documents {
  const documents: Documents = { documents: [], mistakes: [] };
  const positionOf = positionsIn(text);
  const childrenOf = rememberChildren(text);
  let at = skipSpace(text, text.charCodeAt(0) === BOM ? 1 : 0);
  while (at < text.length) {
    const start = at;
    const { end, fault } = scan(text, start);
    if (fault) {
      documents.mistakes.push({ ...positionOf(fault.offset), message: fault.message });
      return documents;
    }
    const value = parseValue(text, start, end);
    if ('refused' in value) documents.mistakes.push({ ...positionOf(value.offset), message: value.refused });
    else {
      documents.documents.push({
        value: value.parsed,
        locate: (path) => positionOf(locate(text, start, path, childrenOf)),
      });
    }
    at = skipSpace(text, end);
  }
  return documents;
}

function parseValue(
  text: string,
  start: number,
  end: number,
): { parsed: unknown } | { refused: string; offset: number } {
  const slice = start === 0 && end === text.length ? text : text.slice(start, end);
  try {
    return { parsed: JSON.parse(slice) };
  } catch (error) {
    // The scan lets bad escapes and control characters inside strings through; V8 gives their position.
    const message = error instanceof SyntaxError ? error.message : String(error);
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
    return { refused: shorten(message.replace(/ in JSON at position.*/s, '')), offset: start + offset };
  }
}

// --- the scan ----------------------------------------------------------------------------------------------------

const BOM = 0xfeff;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const LITERAL = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

interface Scanned {
  /** One past the value. */
  end: number;
  fault?: { offset: number; message: string };
}

function scan(text: string, start: number): Scanned {
  // One set of keys per open object, undefined per open list; sets are reused.
  const open: (Set<string> | undefined)[] = [];
  const spare: Set<string>[] = [];
  const fault = (offset: number, message: string): Scanned => ({ end: offset, fault: { offset, message } });
  let at = start;
  for (;;) {
    // A value is due.
    at = skipSpace(text, at);
    const first = text.charCodeAt(at);
    if (first === OPEN_OBJECT || first === OPEN_LIST) {
      if (open.length === NESTING_LIMIT) return fault(at, TOO_DEEP);
      open.push(first === OPEN_OBJECT ? (spare.pop() ?? new Set()) : undefined);
      at = skipSpace(text, at + 1);
      const empty = text.charCodeAt(at) === (first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST);
      if (!empty && first === OPEN_LIST) continue;
    } else {
      const end = first === QUOTE ? stringEnd(text, at) : literalEnd(text, at);
      if (end < 0) return fault(at, at >= text.length ? 'ends too early' : unexpected(text, at));
      at = end;
      if (open.length === 0) return { end: at };
    }
    // After a value, or inside a new object: close what ends here, then find the next value.
    for (;;) {
      at = skipSpace(text, at);
      const keys = open[open.length - 1];
      const next = text.charCodeAt(at);
      const isNew = keys !== undefined && keys.size === 0;
      if (next === (keys ? CLOSE_OBJECT : CLOSE_LIST)) {
        open.pop();
        if (keys) {
          keys.clear();
          spare.push(keys);
        }
        at++;
        if (open.length === 0) return { end: at };
        continue;
      }
      if (!isNew) {
        if (next !== COMMA) return fault(at, at >= text.length ? 'ends too early' : unexpected(text, at));
        at = skipSpace(text, at + 1);
      }
      if (!keys) break;
      const end = text.charCodeAt(at) === QUOTE ? stringEnd(text, at) : -1;
      if (end < 0)
        return fault(at, at >= text.length ? 'ends too early' : `${unexpected(text, at)} where a key is due`);
      const key = text.slice(at + 1, end - 1);
      if (keys.has(key)) return fault(at, `duplicate key '${shorten(key)}'`);
      keys.add(key);
      at = skipSpace(text, end);
      if (text.charCodeAt(at) !== COLON) return fault(at, at >= text.length ? 'ends too early' : unexpected(text, at));
      at++;
      break;
    }
  }
}

function unexpected(text: string, at: number): string {
  return `unexpected '${shorten(text[at])}'`;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; ) {
    code = text.charCodeAt(++at);
  }
  return at;
}

/** One past the closing quote, or -1. */
function stringEnd(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (text.charCodeAt(escapes) === BACKSLASH) escapes--;
    if ((at - escapes) % 2 === 1) return at + 1;
  }
  return -1;
}

function literalEnd(text: string, at: number): number {
  LITERAL.lastIndex = at;
  return LITERAL.test(text) ? LITERAL.lastIndex : -1;
}

// --- positions -----------------------------------------------------------------------------------------------------

interface Child {
  key: number;
  value: number;
}
/** Offset of an opening bracket → what stands in it, by key or index. */
type ChildrenOf = (open: number) => ReadonlyMap<Segment, Child>;

/** Offset of the value at `path` (of its key, when it is an object or a list), or of the nearest existing ancestor. */
function locate(text: string, start: number, path: readonly Segment[], childrenOf: ChildrenOf): number {
  let found = start;
  let at = start;
  for (const segment of path) {
    const child = opens(text, at) ? childrenOf(at).get(segment) : undefined;
    if (child === undefined) break;
    at = child.value;
    found = opens(text, at) ? child.key : child.value;
  }
  return found;
}

function opens(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === OPEN_OBJECT || code === OPEN_LIST;
}

/** A dump may have a problem in each of its many thousand items, so no bracket is walked twice. */
function rememberChildren(text: string): ChildrenOf {
  const known = new Map<number, ReadonlyMap<Segment, Child>>();
  return (open) => {
    const before = known.get(open);
    if (before) return before;
    const children = text.charCodeAt(open) === OPEN_LIST ? itemsOf(text, open) : fieldsOf(text, open);
    known.set(open, children);
    return children;
  };
}

function itemsOf(text: string, open: number): Map<Segment, Child> {
  const items = new Map<Segment, Child>();
  let at = skipSpace(text, open + 1);
  while (text.charCodeAt(at) !== CLOSE_LIST) {
    items.set(items.size, { key: at, value: at });
    at = skipComma(text, valueEnd(text, at));
  }
  return items;
}

function fieldsOf(text: string, open: number): Map<Segment, Child> {
  const fields = new Map<Segment, Child>();
  let at = skipSpace(text, open + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const end = stringEnd(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    fields.set(JSON.parse(text.slice(at, end)), { key: at, value });
    at = skipComma(text, valueEnd(text, value));
  }
  return fields;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

/** One past a value that has been parsed before, so it is well formed. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      depth++;
      at++;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      depth--;
      at++;
    } else if (code === COMMA || code === COLON || code <= 0x20) at++;
    else at = literalEnd(text, at);
  } while (depth > 0);
  return at;
}
