/** What HTTP/2 has in the place of HTTP/1.1's connection. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** How long a client may go on to send a body that was answered without having been read. */
const PATIENCE_MS = 5_000;

/** undefined: HTTP/1.1. @param message a request or its response. */
export function streamOf(message: object): ServerHttp2Stream | undefined {
  const isStreams = message instanceof Http2ServerRequest || message instanceof Http2ServerResponse;
  return isStreams ? message.stream : undefined;
}

/** The connection that a request came by, shared with others or not: one and the same object for all of them. */
export function connectionOf(request: IncomingMessage): Socket {
  return (streamOf(request)?.session?.socket as Socket | undefined) ?? request.socket;
}

/** Whether nobody reads it any more. */
export function isGone(response: ServerResponse): boolean {
  return streamOf(response)?.destroyed ?? response.destroyed;
}

/**
 * Reads and drops what is left of an answered request's body: a connection of HTTP/2 may send again only what was read, so that
 * bodies nobody wanted would end in its standing still. (Node does so by itself for HTTP/1.1.)
 */
export function forgetBody(request: IncomingMessage, patienceMs = PATIENCE_MS): void {
  const stream = streamOf(request);
  if (!stream || stream.endAfterHeaders || request.complete) return;
  request.resume();
  const patience = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), patienceMs).unref();
  stream.once('close', () => clearTimeout(patience));
}

/** Every value of every header, by its name in lower case. */
export function distinctHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): NodeJS.Dict<string[]> {
  const distinct: NodeJS.Dict<string[]> = Object.create(null);
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const values = (distinct[rawHeaders[i].toLowerCase()] ??= []);
    values.push(rawHeaders[i + 1]);
  }
  return distinct;
}
