/** Headers on their way through a proxy: what belongs to one connection stays behind, and who asked is added. */

/** RFC 9110, 7.6.1; and `expect`, which is answered here. */
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
  if (chunked) headers.push('Transfer-Encoding', 'chunked');
  if (upgrade !== undefined) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade);
  else headers.push('Connection', 'keep-alive');
  return headers;
}

export function responseHeaders(raw: RawHeaders): string[] {
  const headers: string[] = [];
  const named = connectionOptions(raw);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!HOP_BY_HOP.has(name) && !named.has(name)) headers.push(raw[i], raw[i + 1]);
  }
  return headers;
}

/** Headers that `Connection` names belong to it. */
function connectionOptions(raw: RawHeaders): Set<string> {
  const named = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i].toLowerCase() !== 'connection') continue;
    for (const option of raw[i + 1].split(',')) named.add(option.trim().toLowerCase());
  }
  // A client may not make the proxy lose these.
  for (const kept of ['host', 'content-length', 'x-forwarded-for']) named.delete(kept);
  return named;
}
