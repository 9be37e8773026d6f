/** HTTPS for clients of HTTP/2, whose requests share a connection, and of HTTP/1.1, who need it for upgrades. */
import type { Server } from 'node:http';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';

export interface Certificates {
  /** PEM. */
  certificate: string;
  key: string;
  /** PEM of the authority whose client certificates are believed. */
  authority: string;
}

export interface HttpSettings {
  maxHeaderSize: number;
  headersTimeout: number;
  requestTimeout: number;
  keepAliveTimeout: number;
  noDelay: boolean;
}

/** Requests of one connection that are under way; more wait with the client. As Kubernetes' default. */
export const MAX_STREAMS = 100;
/** Bytes of requests that may be on their way, of one and of all of a connection: a body of the largest size in a few turns. */
const STREAM_WINDOW = 256 * 1024;
const CONNECTION_WINDOW = 4 * 1024 * 1024;
/** What a connection may hold before it is refused more: a piece of a list for each of its requests, and as much again. */
const SESSION_MEMORY_MB = 64;

/**
 * Requests of HTTP/2 come as Node's compatibility classes, which have what is used of a request of HTTP/1.1 but `headersDistinct`,
 * `chunkedEncoding` and `destroyed`: who needs these asks `streamOf`.
 */
export function createHttpsServer({ certificate, key, authority }: Certificates, settings: HttpSettings): Server {
  const server = createSecureServer({
    ...settings,
    allowHTTP1: true,
    cert: certificate,
    key,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false, // Whoever brings none may bring a token; the handler asks whether it was verified.
    minVersion: 'TLSv1.2',
    maxSessionMemory: SESSION_MEMORY_MB,
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: settings.maxHeaderSize,
      enablePush: false,
    },
  });
  server.on('session', (session) => {
    session.setLocalWindowSize(CONNECTION_WINDOW);
    closeWhenIdle(session, settings.keepAliveTimeout);
  });
  return server as unknown as Server;
}

/** Ends a session without requests after `ms` in which nothing came or went. One with a quiet watch stays. */
export function closeWhenIdle(session: ServerHttp2Session, ms: number): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => {
      streams--;
      if (!session.destroyed) session.setTimeout(ms); // A client that gives up its request does not start the time anew.
    });
  });
  session.setTimeout(ms);
  session.on('timeout', () => {
    if (streams === 0) session.close();
  });
}
