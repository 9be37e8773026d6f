/**
 * JSON text → documents. JSON.parse makes the values; a scan of our own goes first and finds what JSON.parse does not
 * say: duplicate keys, too deep nesting, where a syntax error stands, where the next document of a stream begins.
 */
import type { Segment } from '../validate/context.ts';
import { shorten } from '../validate/context.ts';
import { NESTING_LIMIT } from '../validate/depth.ts';
import { type Documents, type Mistake, positionOf, TOO_DEEP } from './documents.ts';

/** One value after the other, as `kubectl get -o json` or a JSON stream gives them. */
export function parseJson(text: string): Documents {
  const documents: Documents = { documents: [], mistakes: [] };
  let at = skipSpace(text, text.charCodeAt(0) === BOM ? 1 : 0);
  while (at < text.length) {
    const start = at;
    const { end, fault } = scan(text, start);
    if (fault) {
      documents.mistakes.push(mistakeAt(text, fault.offset, fault.message));
      return documents;
    }
    const value = parseValue(text, start, end);
    if ('mistake' in value) documents.mistakes.push(value.mistake);
    else {
      documents.documents.push({
        value: value.parsed,
        locate: (path) => positionOf(text, locate(text, start, path)),
      });
    }
    at = skipSpace(text, end);
  }
  return documents;
}

function mistakeAt(text: string, offset: number, message: string): Mistake {
  return { ...positionOf(text, offset), message };
}

function parseValue(text: string, start: number, end: number): { parsed: unknown } | { mistake: Mistake } {
  const slice = start === 0 && end === text.length ? text : text.slice(start, end);
  try {
    return { parsed: JSON.parse(slice) };
  } catch (error) {
    // The scan lets bad escapes and control characters inside strings through; V8 gives their position.
    const message = error instanceof SyntaxError ? error.message : String(error);
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? 0);
    return { mistake: mistakeAt(text, start + offset, shorten(message.replace(/ in JSON at position.*/s, ''))) };
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

/** Offset of the value at `path` (of its key, when it is an object or a list), or of the nearest existing ancestor. */
function locate(text: string, start: number, path: readonly Segment[]): number {
  let found = start;
  let at = start;
  for (const segment of path) {
    const child = text.charCodeAt(at) === OPEN_LIST ? itemAt(text, at, segment) : fieldAt(text, at, segment);
    if (child === undefined) break;
    at = child.value;
    const opens = text.charCodeAt(at) === OPEN_OBJECT || text.charCodeAt(at) === OPEN_LIST;
    found = opens ? child.key : child.value;
  }
  return found;
}

interface Child {
  key: number;
  value: number;
}

function itemAt(text: string, open: number, segment: Segment): Child | undefined {
  let at = skipSpace(text, open + 1);
  for (let i = 0; text.charCodeAt(at) !== CLOSE_LIST; i++) {
    if (i === segment) return { key: at, value: at };
    at = skipSpace(text, valueEnd(text, at));
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return undefined;
}

function fieldAt(text: string, open: number, segment: Segment): Child | undefined {
  if (text.charCodeAt(open) !== OPEN_OBJECT) return undefined;
  let at = skipSpace(text, open + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const key = at;
    const end = stringEnd(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(key, end)) === segment) return { key, value };
    at = skipSpace(text, valueEnd(text, value));
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return undefined;
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
