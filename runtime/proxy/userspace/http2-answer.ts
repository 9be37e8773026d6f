/** Answers of the proxy's own over HTTP/2. A gRPC client hears them as a status of its own, with the reason. */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';

const { NGHTTP2_NO_ERROR } = constants;
const GRPC = 'application/grpc';
/** gRPC's codes, for statuses of HTTP; the others are UNAVAILABLE. */
const GRPC_CODES: Readonly<Record<number, string>> = { 431: '8', 501: '12' };
const UNAVAILABLE = '14';

export interface Asker {
  readonly grpc: boolean;
  readonly method: string;
}

/** Nothing may have been answered yet. @param status of HTTP. */
export function answer(stream: ServerHttp2Stream, { grpc, method }: Asker, status: number, reason: string): void {
  if (grpc) {
    const code = GRPC_CODES[status] ?? UNAVAILABLE;
    stream.respond({ ':status': 200, 'content-type': GRPC, ...grpcStatus(code, reason) }, { endStream: true });
  } else {
    const body = `${reason}\n`;
    const endStream = method === 'HEAD';
    const headers = { ':status': status, 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) };
    stream.respond(headers, { endStream });
    if (!endStream) stream.end(body);
  }
  letGo(stream);
}

/** As trailers, where a response breaks off. */
export function unavailable(reason: string): OutgoingHttpHeaders {
  return grpcStatus(UNAVAILABLE, reason);
}

function grpcStatus(code: string, reason: string): OutgoingHttpHeaders {
  return { 'grpc-status': code, 'grpc-message': encodeURIComponent(reason) };
}

/** The whole answer was said: the rest of a request's body is wanted no more. Unread, it would keep the stream. */
export function letGo(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  if (!stream.closed) stream.close(NGHTTP2_NO_ERROR);
  stream.resume();
}
