/**
 * Reads the project's sources as text: what each file imports, and its code without comments and strings.
 * Text is enough: sources are formatted by biome, imports are static or `import('…')` of a literal.
 */
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Source {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
  /** Project files by path, packages and node: modules as written. In order, without repeats. */
  imports: string[];
}

/** Every TypeScript file of the project's five folders. */
export function readSources(): Source[] {
  const paths = globSync('{core,runtime,sim,bench,test}/**/*.ts', { cwd: ROOT }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  return paths.sort().map((path) => sourceOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function sourceOf(path: string, text: string): Source {
  const code = withoutComments(text);
  const found = new Set<string>();
  const patterns = [
    /\b(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'/g,
    /^\s*import\s*'([^']+)'/gm,
    /\bimport\(\s*'([^']+)'\s*\)/g,
    /\bnew URL\(\s*'(\.[^']+\.ts)'\s*,\s*import\.meta\.url/g,
  ];
  for (const pattern of patterns) for (const [, name] of code.matchAll(pattern)) found.add(resolveImport(path, name));
  return { path, text, imports: [...found] };
}

function resolveImport(from: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(from), name) : name;
}

/** Comments become spaces; strings and templates stay, so that import paths can be read. */
export function withoutComments(text: string): string {
  return text.replace(TOKENS, (token) => (token.startsWith('/*') || token.startsWith('//') ? ' ' : token));
}

/** Comments and the contents of strings are gone; what stands in `${…}` goes with its template. */
export function codeOnly(text: string): string {
  return text.replace(TOKENS, (token) => (/^['"`]/.test(token) ? "''" : token.startsWith('/') ? ' ' : token));
}

/** A comment or a string, whichever begins first. A regular expression that holds a quote would mislead it. */
const TOKENS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** One cycle of imports among the given files, first file repeated at the end; undefined when there is none. */
export function findCycle(sources: readonly Source[]): string[] | undefined {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    const source = byPath.get(name);
    if (!source || done.has(name)) return undefined;
    path.push(name);
    for (const next of source.imports) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const { path: name } of sources) {
    const cycle = visit(name);
    if (cycle) return cycle;
  }
  return undefined;
}
