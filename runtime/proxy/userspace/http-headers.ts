/** Headers on their way through a proxy: what belongs to one connection stays behind, and who asked is added. */

/** RFC 9110, 7.6.1; and `expect`, which is answered here. `te` and `trailer` are said anew where trailers follow. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110, 6.5.1: these would change what came before them. */
const NEVER_LAST = new Set(['authorization', 'content-encoding', 'content-length', 'content-type', 'cookie', 'host']);

/** As they came: name, value, name, value. */
export type RawHeaders = readonly string[];

export interface Forwarded {
  readonly client: string;
  /** The request has a body of a length that is not told. */
  readonly chunked: boolean;
  /** What the connection is to become: 'websocket'. */
  readonly upgrade?: string;
}

export function requestHeaders(raw: RawHeaders, { client, chunked, upgrade }: Forwarded): string[] {
  const headers: string[] = [];
  const seen = { forwardedFor: '', proto: false, host: false };
  const named = connectionOptions(raw);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (HOP_BY_HOP.has(name) || named.has(name)) continue;
    if (name === 'x-forwarded-for') {
      seen.forwardedFor += `${raw[i + 1]}, `;
      continue;
    }
    if (name === 'x-forwarded-proto') seen.proto = true;
    if (name === 'host') seen.host = true;
    headers.push(raw[i], raw[i + 1]);
  }
  headers.push('X-Forwarded-For', seen.forwardedFor + client);
  if (!seen.proto) headers.push('X-Forwarded-Proto', 'http');
  if (chunked) headers.push('Transfer-Encoding', 'chunked', ...announcedTrailers(raw));
  if (upgrade !== undefined) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade);
  else if (takesTrailers(raw)) headers.push('TE', 'trailers', 'Connection', 'keep-alive, TE');
  else headers.push('Connection', 'keep-alive');
  return headers;
}

/** @param chunked trailers may follow: the names that the endpoint gave are said to the client. */
export function responseHeaders(raw: RawHeaders, chunked = false): string[] {
  const headers: string[] = [];
  const named = connectionOptions(raw);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!HOP_BY_HOP.has(name) && !named.has(name)) headers.push(raw[i], raw[i + 1]);
  }
  if (chunked) headers.push(...announcedTrailers(raw));
  return headers;
}

/** What follows a chunked body, as pairs. Fields that frame or route a message are none of a trailer's (RFC 9110, 6.5.1). */
export function trailers(raw: RawHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!HOP_BY_HOP.has(name) && !NEVER_LAST.has(name)) pairs.push([raw[i], raw[i + 1]]);
  }
  return pairs;
}

function announcedTrailers(raw: RawHeaders): string[] {
  const names = valuesOf(raw, 'trailer').filter((name) => !NEVER_LAST.has(name.toLowerCase()));
  return names.length > 0 ? ['Trailer', names.join(', ')] : [];
}

function takesTrailers(raw: RawHeaders): boolean {
  return valuesOf(raw, 'te').some((coding) => coding.toLowerCase().split(';')[0].trim() === 'trailers');
}

/** Of a header that is a list. */
function valuesOf(raw: RawHeaders, wanted: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i].toLowerCase() !== wanted) continue;
    for (const value of raw[i + 1].split(',')) if (value.trim() !== '') values.push(value.trim());
  }
  return values;
}

const NONE: ReadonlySet<string> = new Set();

/** Headers that `Connection` names belong to it. */
function connectionOptions(raw: RawHeaders): ReadonlySet<string> {
  const values = valuesOf(raw, 'connection');
  if (values.length === 0) return NONE;
  const named = new Set(values.map((option) => option.toLowerCase()));
  // A client may not make the proxy lose these.
  for (const kept of ['host', 'content-length', 'x-forwarded-for']) named.delete(kept);
  return named;
}
