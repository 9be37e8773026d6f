/** The head of a response of HTTP/1.1, and how it frames the body (RFC 9112, read strictly). */
import type { RawHeaders } from './http-headers.ts';

export interface ResponseHead {
  readonly status: number;
  readonly message: string;
  readonly headers: RawHeaders;
  /** Bytes of the body; UNTOLD where it is chunked or lasts until the connection ends. */
  readonly length: number;
  readonly chunked: boolean;
  /** The connection serves other requests for so long: 0 where it ends, Infinity where nothing else is said. */
  readonly keptSeconds: number;
}

export const UNTOLD = -1;

/** What an endpoint said is no HTTP/1.1. */
export class ResponseError extends Error {}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const DIGITS = /^\d{1,15}$/;

/**
 * @param text without the empty line that ends it.
 * @param bodiless it answers HEAD.
 * @throws ResponseError, also for what two readers could take for two lengths: the connection is to serve others yet.
 */
export function parseHead(text: string, bodiless: boolean): ResponseHead {
  const end = text.indexOf('\r\n');
  const line = STATUS_LINE.exec(end < 0 ? text : text.slice(0, end));
  if (line === null) throw new ResponseError('no status line');
  const headers = parseFields(text, end < 0 ? text.length : end + 2);
  const status = Number(line[2]);
  let length = UNTOLD;
  let chunked = false;
  let kept = line[1] === '1';
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i].toLowerCase();
    const value = headers[i + 1];
    if (name === 'content-length') {
      if (length !== UNTOLD || !DIGITS.test(value)) throw new ResponseError('not one content-length');
      length = Number(value);
    } else if (name === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked') throw new ResponseError('a transfer coding besides chunked');
      chunked = true;
    } else if (name === 'connection') kept = isKept(value.toLowerCase(), kept);
    else if (name === 'keep-alive') seconds = Number(/(?:^|[,\s])timeout=(\d{1,9})/i.exec(value)?.[1] ?? seconds);
  }
  if (chunked && length !== UNTOLD) throw new ResponseError('two lengths');
  if (bodiless || status < 200 || status === 204 || status === 304) {
    length = 0;
    chunked = false;
  }
  const keptSeconds = kept && (chunked || length !== UNTOLD) ? seconds : 0;
  return { status, message: line[3] ?? '', headers, length, chunked, keptSeconds };
}

/** Name, value, name, value, from `at` to the end of the text. */
export function parseFields(text: string, at: number): string[] {
  const fields: string[] = [];
  for (let from = at; from < text.length; ) {
    const next = text.indexOf('\r\n', from);
    const end = next < 0 ? text.length : next;
    const colon = text.indexOf(':', from);
    if (colon < 0 || colon >= end) throw new ResponseError('a field without a colon');
    const name = text.slice(from, colon);
    if (!TOKEN.test(name)) throw new ResponseError('a field whose name is none');
    const value = trimmed(text, colon + 1, end);
    if (!VALUE.test(value)) throw new ResponseError('a control character in a field');
    fields.push(name, value);
    from = end + 2;
  }
  return fields;
}

/** Without spaces and tabs around it; other white space is a byte of some text. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function isKept(options: string, otherwise: boolean): boolean {
  const said = options.split(',').map((option) => option.trim());
  if (said.includes('close')) return false;
  return otherwise || said.includes('keep-alive');
}
