/** unknown → object, or every problem at once with its field path. */
import type { Problem } from '../../errors.ts';
import type { KubeObject } from '../types.ts';
import { Context, type Finding, formatPath, shorten } from './context.ts';
import { isTooDeep, NESTING_LIMIT } from './depth.ts';
import { lookUpKind } from './kinds.ts';
import { isAbsent, isPlainObject, object, type PlainObject, show, text } from './schema.ts';

export interface ValidateOptions {
  /** Unknown fields are errors. */
  strict?: boolean;
  source?: string;
  /** A field's value that has passed before without a finding: it is not looked at again. */
  trusted?: object;
}

export interface Validated {
  /** Absent when there is an error. The value itself, unless fields that were null had to be taken out. */
  object?: KubeObject;
  findings: Finding[];
}

/** An object is refused by one error and kept with any number of warnings. */
export function validate(value: unknown, options: ValidateOptions = {}): { object?: KubeObject; problems: Problem[] } {
  if (isTooDeep(value)) {
    const finding: Finding = {
      segments: [],
      message: `is nested more than ${NESTING_LIMIT} levels deep`,
      severity: 'error',
    };
    return { problems: [problemOf(finding, value, options.source)] };
  }
  const { object, findings } = validateValue(value, options);
  return { object, problems: findings.map((finding) => problemOf(finding, value, options.source)) };
}

/** As validate, with paths in segments, for a loader that knows where each stands and has bounded the nesting. */
export function validateValue(value: unknown, { strict, trusted }: ValidateOptions = {}): Validated {
  const context = new Context(strict, trusted);
  if (!isPlainObject(value)) {
    context.error(`${show(value)} is not a Kubernetes object`);
    return { findings: context.findings };
  }
  checkObject(value, context);
  const { findings } = context;
  if (findings.some(({ severity }) => severity === 'error')) return { findings };
  const clean = context.sawNull ? (withoutNulls(value) as PlainObject) : value;
  return { object: withName(clean) as unknown as KubeObject, findings };
}

/** A kept object may lack its name or all metadata, and a generated name is yet to come: the name is then empty. */
function withName(value: PlainObject): PlainObject {
  const { metadata } = value;
  if (isPlainObject(metadata) && typeof metadata.name === 'string') return value;
  return { ...value, metadata: { ...(isPlainObject(metadata) && metadata), name: '' } };
}

function checkObject(value: PlainObject, context: Context): void {
  for (const field of ['apiVersion', 'kind']) {
    if (isAbsent(value, field)) context.error('is required', field);
    else if (typeof value[field] !== 'string') context.error(`${show(value[field])} is not a string`, field);
  }
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '') return;
  const verdict = lookUpKind(apiVersion, kind);
  if ('known' in verdict) {
    verdict.known.schema(value, context);
    if (!verdict.known.namespaced) checkGlobal(value, context);
  } else if ('unknown' in verdict) {
    context.error(shorten(verdict.unknown), 'kind');
  } else {
    keptKind(value, context);
  }
}

/** Kept unread, yet everyone may ask for its name. */
const keptKind = object(
  new Map([
    [
      'metadata',
      object(new Map(['name', 'generateName', 'namespace', 'uid'].map((name) => [name, text()])), { open: true }),
    ],
  ]),
  { open: true },
);

function checkGlobal(value: PlainObject, context: Context): void {
  if (isPlainObject(value.metadata) && !isAbsent(value.metadata, 'namespace')) {
    context.warn(`a ${String(value.kind)} does not live in a namespace; it is left out`, 'metadata', 'namespace');
  }
}

/** A copy without the fields that are null: Kubernetes' JSON reads those as absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field)]));
}

/** A finding with the file and the object it belongs to. */
export function problemOf({ segments, message, severity }: Finding, value: unknown, source?: string): Problem {
  const problem: Problem = { path: formatPath(segments), message, severity };
  const object = nameObject(value);
  if (object !== undefined) problem.object = object;
  if (source !== undefined) problem.source = source;
  return problem;
}

/** 'pod default/web', for messages; undefined when the value does not say what it is. */
export function nameObject(value: unknown): string | undefined {
  if (!isPlainObject(value) || typeof value.kind !== 'string' || value.kind === '') return undefined;
  const kind = shorten(value.kind).toLowerCase();
  const metadata = isPlainObject(value.metadata) ? value.metadata : {};
  const name = [metadata.name, metadata.generateName].find((text) => typeof text === 'string' && text !== '');
  if (typeof name !== 'string') return kind;
  const namespace = namespaceShown(value, metadata.namespace);
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${shorten(name)}`;
}

function namespaceShown({ apiVersion, kind }: PlainObject, namespace: unknown): string {
  if (typeof namespace === 'string' && namespace !== '') return shorten(namespace);
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return '';
  const verdict = lookUpKind(apiVersion, kind);
  const namespaced = 'known' in verdict ? verdict.known.namespaced : 'kept' in verdict ? verdict.namespaced : false;
  return namespaced ? 'default' : '';
}
