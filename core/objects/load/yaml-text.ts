/**
 * YAML text → documents, by the yaml package: YAML 1.2 core schema with merge keys, string keys, no duplicate keys.
 * Nesting and aliases are bounded while parsing, so that no input costs more than its size.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type Document as YamlDocument } from 'yaml';
import { type Segment, shorten } from '../validate/context.ts';
import { isTooDeep, NESTING_LIMIT } from '../validate/depth.ts';
import { type Documents, type Mistake, type Position, positionsIn, TOO_DEEP } from './documents.ts';

/** How many nodes one alias may stand for, all its nested aliases resolved. */
const ALIAS_LIMIT = 10_000;

export function parseYaml(text: string): Documents {
  // Syntax trees are large, so none is kept: asking for a position parses once more.
  let trees: YamlDocument.Parsed[] | undefined;
  const positionOf = positionsIn(text);
  const locateIn = (index: number, path: readonly Segment[]): Position => {
    trees ??= [...readTrees(text)].filter(isFilled);
    return positionOf(locate(trees[index], path));
  };
  const found: Documents = { documents: [], mistakes: [] };
  let index = 0;
  for (const tree of readTrees(text)) {
    if ('offset' in tree) {
      found.mistakes.push({ ...positionOf(tree.offset), message: tree.message });
    } else if (tree.errors.length > 0) {
      const [{ code, message, pos }] = tree.errors;
      found.mistakes.push({
        ...positionOf(Math.min(pos[0], text.length)),
        message: wordsFor(code, message, pos[0], text),
      });
    } else if (isFilled(tree)) {
      const value = plainValue(tree);
      const at = index++;
      if ('refused' in value) found.mistakes.push({ ...positionOf(tree.range[0]), message: value.refused });
      else found.documents.push({ value: value.plain, locate: (path) => locateIn(at, path) });
    }
  }
  return found;
}

export interface YamlBody {
  value: unknown;
  repeated: Segment[][];
  lines: number[];
  mistake?: Mistake;
}

/**
 * A text of one document whose keys may stand twice: the last one counts, as where an API reads without being strict.
 * `repeated`: where they stand, in the order of the text; `lines`: of each of them, from 1.
 */
export function parseYamlBody(text: string): YamlBody {
  const positionOf = positionsIn(text);
  const refused = (offset: number, message: string) => ({
    value: undefined,
    repeated: [],
    lines: [],
    mistake: { ...positionOf(Math.min(offset, text.length)), message },
  });
  let body: YamlBody | undefined;
  for (const tree of readTrees(text, false)) {
    if ('offset' in tree) return refused(tree.offset, tree.message);
    if (tree.errors.length > 0) {
      const [{ code, message, pos }] = tree.errors;
      return refused(pos[0], wordsFor(code, message, pos[0], text));
    }
    if (!isFilled(tree)) continue;
    if (body) return refused(tree.range[0], 'a second document');
    const value = plainValue(tree);
    if ('refused' in value) return refused(tree.range[0], value.refused);
    const found = [...repeatedKeys(tree.contents, [])];
    const lines = found.map(({ offset }) => positionOf(offset).line);
    body = { value: value.plain, repeated: found.map(({ path }) => path), lines };
  }
  return body ?? { value: undefined, repeated: [], lines: [] };
}

interface Repeated {
  path: Segment[];
  offset: number;
}

function* repeatedKeys(node: unknown, path: readonly Segment[]): Generator<Repeated> {
  if (isSeq(node)) {
    for (const [i, item] of node.items.entries()) yield* repeatedKeys(item, [...path, i]);
  } else if (isMap(node)) {
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (seen.has(name)) yield { path: [...path, name], offset: isScalar(key) ? (key.range?.[0] ?? 0) : 0 };
      seen.add(name);
      yield* repeatedKeys(value, [...path, name]);
    }
  }
}

/** How the lexer announces a document. */
const DOCUMENT_START = '\u0002';

/** False for nothing but comments between two markers. */
function isFilled(tree: YamlDocument.Parsed | Halt): tree is YamlDocument.Parsed {
  if ('offset' in tree || tree.errors.length > 0) return false;
  return tree.contents !== null && !(isScalar(tree.contents) && tree.contents.value === null);
}

/**
 * What one document may cost: a point for each token, three more for each bracket. A syntax tree takes up to 500 bytes
 * for a point, so this is 2 GB at worst; a dump in block style reaches it at about 14 MB.
 */
const COST_LIMIT = 4_000_000;
const TOO_LARGE = 'is too large for one YAML document; split it, or give it as JSON (kubectl get -o json)';

/** Where the text cannot be read on. */
interface Halt {
  offset: number;
  message: string;
}

/** One tree for each document, or a halt, and then no more. */
function* readTrees(text: string, uniqueKeys = true): Generator<YamlDocument.Parsed | Halt> {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys, stringKeys: true, merge: true, prettyErrors: false });
  let cost = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) yield* composer.next(token);
    cost = lexeme === DOCUMENT_START ? 0 : cost + (lexeme === '[' || lexeme === '{' ? 4 : 1);
    // The parser keeps its stack until the document ends: composing it would recurse as deep.
    const tooDeep = parser.stack.length > NESTING_LIMIT;
    if (tooDeep || cost > COST_LIMIT) {
      yield { offset: Math.min(parser.offset, text.length), message: tooDeep ? TOO_DEEP : TOO_LARGE };
      return;
    }
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end();
}

/** The library's first error of a document; those after it follow from it. */
function wordsFor(code: string, message: string, offset: number, text: string): string {
  const words: Record<string, string> = {
    DUPLICATE_KEY: `duplicate key ${quoted(text, offset)}`,
    TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  };
  return words[code] ?? message.replace(/\s+/g, ' ');
}

function quoted(text: string, offset: number): string {
  return `'${shorten(/^["']?([^\s:"',}]*)/.exec(text.slice(offset, offset + 300))?.[1] ?? '')}'`;
}

function plainValue(document: YamlDocument.Parsed): { plain: unknown } | { refused: string } {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: ALIAS_LIMIT });
    // Aliases nest further than the text does, and may contain themselves.
    if (!isTooDeep(plain)) return { plain };
    return { refused: `${TOO_DEEP}, its aliases resolved` };
  } catch (error) {
    // The library throws a ReferenceError for aliases that grow too large or refer to themselves.
    if (!(error instanceof ReferenceError)) throw error;
    const tooMany = error.message.startsWith('Excessive');
    return {
      refused: tooMany ? `an alias stands for more than ${ALIAS_LIMIT} nodes` : 'an alias refers to no finished node',
    };
  }
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
