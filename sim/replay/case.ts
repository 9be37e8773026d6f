/**
 * Recorded decisions as they are written: one JSON object a line, plain or gzipped. Reads them one by one, so that a
 * file of any size fits; what is malformed is named with file and line.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ApiError, type KubeObject, type Node, type Pod, type Problem } from '../../core/index.ts';
import { profilesOf } from './profiles.ts';
import { quantityProblems } from './quantities.ts';

/** What happens in a sequence, one step after the other. */
export type Step =
  | { op: 'pod'; pod: Pod }
  | { op: 'nodeAdd' | 'nodeUpdate'; node: Node }
  | { op: 'nodeDelete'; name: string }
  | { op: 'podDelete'; namespace: string; name: string };

interface CaseHead {
  /** 'file:line' it was read from, for messages. */
  place?: string;
  id: string;
  suite: string;
  /** Fields of a KubeSchedulerConfiguration, without apiVersion and kind. */
  config?: Record<string, unknown> | null;
  /** In the order in which the scheduler learns of them. */
  objects: KubeObject[];
}
/** One incoming pod. */
export type DecisionCase = CaseHead & { pod: Pod };
/** Many steps on one cluster. */
export type SequenceCase = CaseHead & { steps: Step[] };
export type Case = DecisionCase | SequenceCase;

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

/** Of any object's name, as for a DNS subdomain. */
const MAX_NAME = 253;

type Wrong = Pick<Problem, 'path' | 'message'>;
type Fields = Record<string, unknown>;

/** Checks the frame that the replay relies on; what is inside the objects is checked where it is read. */
function checkCase({ id, suite, config, objects, pod, steps }: Fields, problems: Wrong[]): void {
  if (typeof id !== 'string') problems.push({ path: 'id', message: 'must be a string' });
  if (suite !== undefined && typeof suite !== 'string') problems.push({ path: 'suite', message: 'must be a string' });
  if (config !== undefined && config !== null && !isRecord(config)) {
    problems.push({ path: 'config', message: 'must be an object' });
  }
  checkEach(objects, 'objects', problems, checkObject);
  if (steps === undefined) checkObject(pod, 'pod', problems, 'Pod');
  else checkEach(steps, 'steps', problems, checkStep);
}

type Check = (item: unknown, path: string, problems: Wrong[]) => void;

function checkEach(list: unknown, path: string, problems: Wrong[], check: Check): void {
  if (!Array.isArray(list)) {
    problems.push({ path, message: 'must be a list' });
    return;
  }
  for (const [i, item] of list.entries()) check(item, `${path}[${i}]`, problems);
}

function checkStep(step: unknown, path: string, problems: Wrong[]): void {
  const { op, pod, node, name, namespace } = isRecord(step) ? step : {};
  if (op === 'pod') checkObject(pod, `${path}.pod`, problems, 'Pod');
  else if (op === 'nodeAdd' || op === 'nodeUpdate') checkObject(node, `${path}.node`, problems, 'Node');
  else if (op === 'nodeDelete' || op === 'podDelete') {
    if (typeof name !== 'string') problems.push({ path: `${path}.name`, message: 'must be a string' });
    if (op === 'podDelete' && typeof namespace !== 'string') {
      problems.push({ path: `${path}.namespace`, message: 'must be a string' });
    }
  } else problems.push({ path: `${path}.op`, message: 'must be pod, podDelete, nodeAdd, nodeUpdate or nodeDelete' });
}

/** @param wanted the only kind that will do. */
function checkObject(object: unknown, path: string, problems: Wrong[], wanted?: string): void {
  if (!isRecord(object)) {
    problems.push({ path, message: 'must be an object' });
    return;
  }
  const { kind, metadata, spec } = object;
  if (typeof kind !== 'string' || (wanted !== undefined && kind !== wanted)) {
    problems.push({ path: `${path}.kind`, message: wanted ? `must be ${wanted}` : 'must be a string' });
  }
  if (!isRecord(metadata) || typeof metadata.name !== 'string') {
    problems.push({ path: `${path}.metadata.name`, message: 'must be a string' });
  } else if (metadata.name.length > MAX_NAME) {
    problems.push({
      path: `${path}.metadata.name`,
      message: `has ${metadata.name.length} characters, more than ${MAX_NAME}`,
    });
  }
  if (kind !== 'Pod' && kind !== 'Node') return;
  for (const [field, message] of quantityProblems(object)) problems.push({ path: `${path}.${field}`, message });
  if (kind !== 'Pod') return;
  if (!isRecord(spec)) problems.push({ path: `${path}.spec`, message: 'must be an object' });
  else if (!Array.isArray(spec.containers)) {
    problems.push({ path: `${path}.spec.containers`, message: 'must be a list' });
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(problem: Omit<Problem, 'severity'>, cause?: unknown): ApiError {
  return new ApiError('Invalid', [{ severity: 'error', ...problem }], { cause });
}
