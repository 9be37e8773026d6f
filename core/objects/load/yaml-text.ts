/**
 * YAML text → documents, by the yaml package: YAML 1.2 core schema with merge keys, string keys, no duplicate keys.
 * Nesting and aliases are bounded while parsing, so that no input costs more than its size.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type Document as YamlDocument } from 'yaml';
import { type Segment, shorten } from '../validate/context.ts';
import { type Document, type Documents, type Mistake, NESTING_LIMIT, positionOf, TOO_DEEP } from './documents.ts';

/** How many nodes one alias may stand for, all its nested aliases resolved. */
const ALIAS_LIMIT = 10_000;

export function parseYaml(text: string): Documents {
  const found: Documents = { documents: [], mistakes: [] };
  const parser = new Parser();
  const composer = new Composer({
    uniqueKeys: true,
    stringKeys: true,
    merge: true,
    prettyErrors: false,
    keepSourceTokens: false,
  });
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      for (const document of composer.next(token)) take(document, text, found);
    }
    if (parser.stack.length > NESTING_LIMIT) {
      // The parser keeps its stack until the document ends: composing it would recurse as deep.
      found.mistakes.push({ ...positionOf(text, Math.min(parser.offset, text.length)), message: TOO_DEEP });
      return found;
    }
  }
  for (const token of parser.end()) for (const document of composer.next(token)) take(document, text, found);
  for (const document of composer.end()) take(document, text, found);
  return found;
}

function take(document: YamlDocument.Parsed, text: string, found: Documents): void {
  const [error] = document.errors;
  if (error) {
    found.mistakes.push(mistakeOf(error.code, error.message, error.pos[0], text));
    return;
  }
  if (document.contents === null) return; // Only comments between two markers.
  const value = plainValue(document, text);
  if ('mistake' in value) found.mistakes.push(value.mistake);
  else if (value.plain !== null) found.documents.push(located(document, value.plain, text));
}

/** The library's first error of a document; those after it follow from it. */
function mistakeOf(code: string, message: string, offset: number, text: string): Mistake {
  const words: Record<string, string> = {
    DUPLICATE_KEY: `duplicate key ${quoted(text, offset)}`,
    TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  };
  const said = words[code] ?? message.replace(/\s+/g, ' ');
  return { ...positionOf(text, Math.min(offset, text.length)), message: said };
}

function quoted(text: string, offset: number): string {
  return `'${shorten(/^["']?([^\s:"',}]*)/.exec(text.slice(offset, offset + 300))?.[1] ?? '')}'`;
}

function plainValue(document: YamlDocument.Parsed, text: string): { plain: unknown } | { mistake: Mistake } {
  try {
    return { plain: document.toJS({ maxAliasCount: ALIAS_LIMIT }) };
  } catch (error) {
    // The library throws a ReferenceError for aliases that grow too large or refer to themselves.
    if (!(error instanceof ReferenceError)) throw error;
    const tooMany = error.message.startsWith('Excessive');
    const message = tooMany
      ? `an alias stands for more than ${ALIAS_LIMIT} nodes`
      : 'an alias refers to no finished node';
    return { mistake: { ...positionOf(text, document.range[0]), message } };
  }
}

function located(document: YamlDocument.Parsed, value: unknown, text: string): Document {
  return { value, locate: (path) => positionOf(text, locate(document, path)) };
}

/** Offset of the value at `path` (of its key, when it is a map or a list), or of the nearest existing ancestor. */
function locate(document: YamlDocument.Parsed, path: readonly Segment[]): number {
  let node: unknown = document.contents;
  let found = startOf(node) ?? document.range[0];
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === segment);
      if (!pair) break;
      key = pair.key;
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number' && segment < node.items.length) {
      node = node.items[segment];
    } else {
      break;
    }
    const collection = isMap(node) || isSeq(node);
    found = (key && (collection || startOf(node) === undefined) ? startOf(key) : startOf(node)) ?? found;
  }
  return found;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) ? Number(node.range[0]) : undefined;
}
