/** What the answers to requests for objects share: what the client asked for, read; what it gets, written. */
import type { ApiKind } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import { checked } from '../registry/check.ts';
import { keeperOf, type RequestContext } from '../registry/parts.ts';
import { decodeBody } from '../schema/decode/body.ts';
import { readBody } from './body.ts';
import type { Call, Services } from './call.ts';
import { deleteQuery } from './delete-options.ts';
import { negotiate } from './negotiate.ts';
import { patchTypeOf } from './patch-type.ts';
import { writeQuery } from './query.ts';
import { objectBytes, type Rendering, renderObject } from './render.ts';
import { JSON_TYPE, sendBytes, sendJson, setWarnings } from './respond.ts';
import { type ApiError, badRequest } from './status.ts';

const OPTIONS_KIND: Readonly<Record<string, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

/** @param transforms false for what is no object that is kept. Throws the 406. */
export function renderingOf({ parts }: Services, call: Call, kind: ApiKind, transforms = true): Rendering {
  const accepted = negotiate(call.request.headers.accept, transforms);
  const include = call.query.get('includeObject') || 'Metadata';
  return { kind, keeper: keeperOf(parts, kind), accepted, include, cache: parts.cache, now: parts.now };
}

/** @param stored in the stored version: tables are made of that. */
export function sendStored(call: Call, rendering: Rendering, stored: ApiObject, code: number): void {
  setWarnings(call.response, call.warnings);
  const bytes = objectBytes(rendering, stored);
  if (bytes) sendBytes(call.response, code, bytes, JSON_TYPE);
  else sendJson(call.response, code, renderObject(rendering, stored));
}

/** Throws the 422 of a wrong query. */
export function contextOf({ info, query, user, request, warnings, allow }: Call): RequestContext {
  const options = writeQuery(query, OPTIONS_KIND[info.verb] ?? 'DeleteOptions', request.headers['user-agent']);
  return { ...options, user, warn: (text) => void warnings.push(text), allowCreate: () => allow('create') };
}

/** The body as an object of the kind. Throws 400, 413 and 415. */
export async function readObject(
  services: Services,
  call: Call,
  kind: ApiKind,
  context: RequestContext,
): Promise<ApiObject> {
  const bytes = await readBody(call.request);
  const { value, duplicates } = decodeBody(bytes, call.request.headers['content-type'], {
    strict: context.fieldValidation !== 'Ignore',
  });
  return checked(services.parts, { ...context, duplicates }, kind, value);
}

export async function readPatch(call: Call, kind: ApiKind) {
  const type = patchTypeOf(call.request.headers['content-type'], kind);
  const bytes = await readBody(call.request);
  const decodedAs = type === 'apply' ? 'application/yaml' : JSON_TYPE;
  const validation = call.query.get('fieldValidation');
  const { value, duplicates, lines } = decodeBody(bytes, decodedAs, { strict: validation !== 'Ignore' });
  if (type === 'apply' && validation === 'Strict' && duplicates.length > 0) throw repeatedInYaml(duplicates, lines);
  return { type, body: value, duplicates, force: call.query.get('force') === 'true' };
}

function repeatedInYaml(duplicates: readonly string[], lines: readonly number[]): ApiError {
  const keyOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const problems = duplicates.map((path, i) => `\n  line ${lines[i]}: key "${keyOf(path)}" already set in map`);
  return badRequest(
    `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${problems.join('')}`,
  );
}

export async function readDelete(call: Call) {
  const bytes = await readBody(call.request);
  const decoded = bytes.length === 0 ? {} : decodeBody(bytes, call.request.headers['content-type']).value;
  return deleteQuery(decoded, call.query);
}
