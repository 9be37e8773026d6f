/** Headers of HTTP/2 on their way through a proxy, and what gRPC says in them. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';

/** What belongs to one connection. The rest of HTTP/1.1's is no part of HTTP/2, and is refused before it comes here. */
const OF_CONNECTION = ['http2-settings', 'proxy-authenticate', 'proxy-authorization'];

/** gRPC's codes that stand for an HTTP status of 5xx: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const GRPC_SERVER_ERRORS = new Set(['2', '4', '12', '13', '14', '15']);
const SERVER_ERRORS = 500;
const FIELD_BYTES = 32;

/** @param client its address. */
export function requestHeaders(headers: IncomingHttpHeaders, client: string): OutgoingHttpHeaders {
  const sent = passedOn(headers);
  if (headers.te !== undefined && headers.te !== 'trailers') delete sent.te;
  const before = headers['x-forwarded-for'];
  sent['x-forwarded-for'] = before === undefined ? client : `${before}, ${client}`;
  sent['x-forwarded-proto'] ??= 'http';
  return sent;
}

/** Also of trailers, and of what comes before a response. */
export function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const sent: OutgoingHttpHeaders = { ...headers };
  for (const name of OF_CONNECTION) if (name in sent) delete sent[name];
  return sent;
}

/** As RFC 9113, 6.5.2, counts them. */
export function sizeOf(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === 'string') bytes += FIELD_BYTES + name.length + value.length;
    else if (Array.isArray(value)) for (const one of value) bytes += FIELD_BYTES + name.length + one.length;
  }
  return bytes;
}

export function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/grpc') ?? false;
}

/** Whether the endpoint is to blame. @param last the response's headers, or its trailers. */
export function isServerError(last: IncomingHttpHeaders): boolean {
  const code = last['grpc-status'];
  return Number(last[':status'] ?? 0) >= SERVER_ERRORS || (typeof code === 'string' && GRPC_SERVER_ERRORS.has(code));
}
