/**
 * Recorded decisions as they are written: one JSON object a line, plain or gzipped. Reads them one by one, so that a
 * file of any size fits; what is malformed is named with file and line.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ApiError, type Problem } from '../../core/index.ts';
import type { Case } from './case.ts';
import { checkCase, type Fields, isRecord, type Wrong } from './check-case.ts';
import { profilesOf } from './profiles.ts';

export interface ReadCase {
  case: Case;
  /** The recorded answer, untouched; for those who compare. */
  expect?: unknown;
}

/** @throws ApiError naming file and line, for a file that cannot be read, or holds no case, or a malformed one. */
export async function* readCases(file: string): AsyncGenerator<ReadCase> {
  let line = 0;
  let cases = 0;
  for await (const text of readLines(file)) {
    line++;
    if (text.trim() === '') continue;
    yield parseCase(text, file, line);
    cases++;
  }
  if (cases === 0) throw invalid({ source: file, path: '', message: 'there is no case in it' });
}

/** Lines of a text file, without their ends. A name that ends in .gz is unpacked. */
async function* readLines(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  try {
    for await (const chunk of openFile(file)) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw invalid({ source: file, path: '', message: whyUnreadable(cause) }, cause);
  }
  yield rest + decoder.decode();
}

function openFile(file: string): NodeJS.ReadableStream {
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!file.endsWith('.gz')) return source;
  // The error goes to the one who reads; the callback only keeps it from being thrown a second time.
  return pipeline(source, createGunzip(), () => {});
}

function whyUnreadable(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'is a directory, not a file of cases';
  if (code === 'Z_BUF_ERROR') return 'the gzip data is cut off';
  if (code?.startsWith('Z_')) return `not gzip data (${message})`;
  return `cannot be read (${message})`;
}

function parseCase(text: string, file: string, line: number): ReadCase {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const { message } = cause as SyntaxError;
    throw invalid({ source: file, line, path: '', message: `not JSON (${printable(message)})` }, cause);
  }
  if (!isRecord(value)) throw invalid({ source: file, line, path: '', message: 'a case is a JSON object' });
  const { expect, ...written } = value;
  if (deeperThan(MAX_DEPTH, written)) {
    throw invalid({ source: file, line, path: '', message: `is nested more than ${MAX_DEPTH} levels deep` });
  }
  const fields = /:\s*null/.test(text) ? (withoutNulls(written) as Fields) : written;
  const problems: Wrong[] = [];
  checkCase(fields, problems);
  if (problems.length > 0) {
    throw new ApiError(
      'Invalid',
      problems.map((wrong) => ({ source: file, line, severity: 'error', ...wrong })),
    );
  }
  const recorded = { suite: '', ...fields, place: `${file}:${line}` } as unknown as Case;
  profilesOf(recorded); // A configuration that is refused is refused before anything is decided.
  return { case: recorded, expect };
}

/** Binary input shows up in the parser's message. */
function printable(message: string): string {
  return message.replace(/[^\x20-\x7e]+/g, '?').slice(0, 200);
}

/** Deeper than any object that means something; what walks a case can then be plain recursion. */
const MAX_DEPTH = 100;

function deeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (deeperThan(levels - 1, item)) return true;
  return false;
}

/** A field that is null counts as absent, as it does to the API server. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([name, field]) => [name, withoutNulls(field)]));
}

function invalid(problem: Omit<Problem, 'severity'>, cause?: unknown): ApiError {
  return new ApiError('Invalid', [{ severity: 'error', ...problem }], { cause });
}
