/** Files of a trace as text: plain or gzip'd, told by the content and not by the name. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ApiError } from '../../core/index.ts';

/** What fits one JavaScript string; a small gzip can hold far more. */
const TEXT_LIMIT = 500_000_000;
const TOO_LARGE = `holds more than ${TEXT_LIMIT / 1e6} MB of text; split it`;

/** @throws ApiError */
export function readText(path: string): string {
  return decodeText(readBytes(path), path);
}

/** @param path only names the file in problems. @throws ApiError */
export function decodeText(bytes: Uint8Array, path: string): string {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? inflate(bytes, path) : bytes;
  if (plain.length > TEXT_LIMIT) throw wrongFile(path, TOO_LARGE);
  if (plain.length === 0) throw wrongFile(path, 'the file is empty');
  const zero = plain.indexOf(0);
  if (zero >= 0) throw wrongFile(path, `not a text file (byte ${zero} is zero)`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (cause) {
    throw wrongFile(path, 'not a text file (not UTF-8)', cause);
  }
}

/** One problem of a file as a whole, or of a line of it. */
export function wrongFile(source: string, message: string, cause?: unknown, line?: number): ApiError {
  return new ApiError('Invalid', [{ source, line, path: '', message, severity: 'error' }], { cause });
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrongFile(path, `cannot be read: ${reason(error)}`, error);
  }
}

function inflate(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: TEXT_LIMIT });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw wrongFile(path, TOO_LARGE, error);
    throw wrongFile(path, `the gzip data is truncated or damaged: ${reason(error)}`, error);
  }
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return message;
}
