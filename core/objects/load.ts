/**
 * Text → Kubernetes objects, or every problem with file, line and column. YAML (several documents) and JSON (several
 * values); lists are taken apart. No files are read here and no defaults filled in (defaults.ts).
 */
import type { Problem } from '../errors.ts';
import { type Document, type Documents, positionsIn } from './load/documents.ts';
import { parseJson } from './load/json-text.ts';
import { parseYaml } from './load/yaml-text.ts';
import type { KubeObject } from './types.ts';
import { formatPath, type Segment } from './validate/context.ts';
import { listedKind } from './validate/kinds.ts';
import { isAbsent, isPlainObject, type PlainObject, show } from './validate/schema.ts';
import { problemOf, validateValue } from './validate/validate.ts';

export interface LoadOptions {
  /** Unknown fields are errors. */
  strict?: boolean;
  /** A document that is no Kubernetes object, or a text without any, is left out with a warning, not refused. */
  tolerateForeign?: boolean;
}

export interface Loaded {
  objects: KubeObject[];
  problems: Problem[];
  /** Where a field of one of `objects` stands, or the nearest ancestor of it that exists. */
  locate(object: KubeObject, path: readonly Segment[]): Place;
}

/** Line and column count from 1. */
export interface Place {
  source: string;
  line?: number;
  column?: number;
}

/** `source` names the text in problems. An object with an error is left out; the others are there all the same. */
export function loadText(text: string, source: string, options: LoadOptions = {}): Loaded {
  const { documents, problems } = parseDocuments(text, source);
  const loaded = createLoading(source, problems);
  for (const document of documents) takeDocument(document, document.value, [], source, options, loaded);
  if (documents.length === 0 && loaded.problems.length === 0) {
    const severity = options.tolerateForeign ? 'warning' : 'error';
    loaded.problems.push({ source, path: '', message: 'holds only comments, no object', severity });
  }
  return loaded;
}

interface Loading extends Loaded {
  origins: Map<KubeObject, { document: Document; at: readonly Segment[] }>;
}

function createLoading(source: string, problems: readonly Problem[]): Loading {
  const origins: Loading['origins'] = new Map();
  return {
    objects: [],
    problems: [...problems],
    origins,
    locate(object, path) {
      const origin = origins.get(object);
      return { source, ...origin?.document.locate([...origin.at, ...path]) };
    },
  };
}

/** As loadText for bytes, which must be UTF-8. */
export function loadBytes(bytes: Uint8Array, source: string, options: LoadOptions = {}): Loaded {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return loadText(text, source, options);
  return createLoading(source, [{ source, path: '', message: BINARY, severity: 'error' }]);
}

const BINARY = 'is not text in UTF-8';

/** undefined when the bytes are no UTF-8, or hold a NUL and so no text. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Texts above this are not tried as YAML once they have failed as JSON: that would take minutes. */
const RETRY_LIMIT = 1_000_000;

/** The plain values of a text, with their positions, whatever they are. */
export function parseDocuments(text: string, source: string): { documents: Document[]; problems: Problem[] } {
  const refused = (message: string, line?: number, column?: number) => ({
    documents: [],
    problems: [{ source, line, column, path: '', message, severity: 'error' as const }],
  });
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const { line, column } = positionsIn(text)(nul);
    return refused(BINARY, line, column);
  }
  const first = /[^\s\uFEFF]/.exec(text)?.[0];
  if (first === undefined) return refused('is empty');
  const { documents, mistakes } = first === '{' || first === '[' ? parseBraces(text, source) : parseYaml(text);
  const problems = mistakes.map(
    ({ line, column, message }): Problem => ({ source, line, column, path: '', message, severity: 'error' }),
  );
  return { documents, problems };
}

/** JSON, or else YAML that begins with a brace. */
function parseBraces(text: string, source: string): Documents {
  const json = parseJson(text);
  if (json.mistakes.length === 0 || text.length > RETRY_LIMIT || /\.json(\.gz)?$/.test(source)) return json;
  const yaml = parseYaml(text);
  return yaml.mistakes.length === 0 ? yaml : json;
}

// --- documents → objects -------------------------------------------------------------------------------------------

function takeDocument(
  document: Document,
  value: unknown,
  at: readonly Segment[],
  source: string,
  options: LoadOptions,
  loaded: Loading,
): void {
  const report = (message: string, segments: readonly Segment[], severity: Problem['severity']): void => {
    const { line, column } = document.locate([...at, ...segments]);
    loaded.problems.push({ source, line, column, path: formatPath([...at, ...segments]), message, severity });
  };
  if (!isPlainObject(value) || (isAbsent(value, 'kind') && isAbsent(value, 'apiVersion'))) {
    const what = isPlainObject(value) ? 'has neither apiVersion nor kind' : `is ${show(value)}`;
    report(`no Kubernetes object: ${what}`, [], options.tolerateForeign ? 'warning' : 'error');
    return;
  }
  const items = listItems(value);
  if (items === undefined) {
    takeObject(document, value, at, source, options, loaded);
  } else if (Array.isArray(items)) {
    items.forEach((item, i) => {
      takeDocument(document, withType(item, value), [...at, 'items', i], source, options, loaded);
    });
  } else {
    report(`${show(items)} is not a list`, ['items'], 'error');
  }
}

/** undefined when the object is no list; its items, whatever they are, when it is one. */
function listItems(value: PlainObject): unknown {
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return undefined;
  if (!(kind === 'List' && apiVersion === 'v1') && listedKind(apiVersion, kind) === undefined) return undefined;
  return value.items ?? [];
}

/** The API leaves apiVersion and kind out of the items of a typed list. */
function withType(item: unknown, { apiVersion, kind }: PlainObject): unknown {
  const itemKind = listedKind(String(apiVersion), String(kind));
  if (itemKind === undefined || !isPlainObject(item)) return item;
  return { apiVersion, kind: itemKind, ...item };
}

function takeObject(
  document: Document,
  value: PlainObject,
  at: readonly Segment[],
  source: string,
  options: LoadOptions,
  loaded: Loading,
): void {
  const { object, findings } = validateValue(value, options);
  for (const finding of findings) {
    const { line, column } = document.locate([...at, ...finding.segments]);
    const problem = problemOf(finding, value, source);
    problem.line = line;
    problem.column = column;
    loaded.problems.push(problem);
  }
  if (!object) return;
  loaded.objects.push(object);
  loaded.origins.set(object, { document, at });
}
