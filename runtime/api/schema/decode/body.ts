/** The bytes of a request's body → a plain value, by its content type. What the value means is not looked at here. */
import { isUtf8 } from 'node:buffer';
import { formatPath, isTooDeep, NESTING_LIMIT, parseYamlBody } from '../../../../core/objects/index.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../../http/status.ts';
import { duplicateKeys } from './duplicates.ts';
import { decodeProtobuf } from './protobuf/decode.ts';

/** Source: Kubernetes v1.36, apiserver/pkg/server/config.go (MaxRequestBodyBytes). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

export interface Body {
  value: unknown;
  /** Keys given twice: 'spec.replicas'. The last one counts. Looked for only when asked. */
  duplicates: string[];
  /** Of each duplicate, from 1. */
  lines: number[];
}

type Format = 'json' | 'yaml' | 'protobuf';

const FORMATS: Readonly<Record<string, Format>> = {
  '': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'json',
  'application/strategic-merge-patch+json': 'json',
  'application/apply-patch+yaml': 'yaml',
};

/**
 * @param contentType with its parameters, as in the header; none is JSON.
 * @param duplicates whether to look for keys given twice, as fieldValidation Strict and Warn do.
 * @throws ApiError 400 for bytes that cannot be read, 413 for too many, 415 for another content type.
 */
export function decodeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  { strict: duplicates = false }: { strict?: boolean } = {},
): Body {
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`);
  const mediaType = (contentType ?? '').split(';')[0].trim().toLowerCase();
  const format = Object.hasOwn(FORMATS, mediaType) ? FORMATS[mediaType] : undefined;
  switch (format) {
    case 'json':
      return readJson(textOf(bytes), duplicates);
    case 'yaml':
      return readYaml(textOf(bytes), duplicates);
    case 'protobuf':
      return { value: decodeProtobuf(bytes), duplicates: [], lines: [] };
  }
  throw unsupportedMediaType(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']);
}

function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw badRequest('the body is not text in UTF-8');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function readJson(text: string, duplicates: boolean): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`the object provided is unrecognized: couldn't get version/kind; json parse error: ${why}`);
  }
  if (isTooDeep(value)) throw badRequest(`the body is nested more than ${NESTING_LIMIT} levels deep`);
  const found = duplicates ? duplicateKeys(text) : [];
  const lines = found.map(({ offset }) => text.slice(0, offset).split('\n').length);
  return { value, duplicates: found.map(({ path }) => path), lines };
}

/** JSON is YAML, and JSON.parse is a hundred times faster: kubectl sends applied objects as JSON. */
function readYaml(text: string, duplicates: boolean): Body {
  if (/^\s*\{/.test(text)) {
    try {
      return readJson(text, duplicates);
    } catch {
      // A flow map that is no JSON.
    }
  }
  const { value, repeated, lines, mistake } = parseYamlBody(text);
  if (mistake) {
    const { line, message } = mistake;
    throw badRequest(`error converting YAML to JSON: yaml: line ${line}: ${message}`);
  }
  return duplicates ? { value, duplicates: repeated.map(formatPath), lines } : { value, duplicates: [], lines: [] };
}
