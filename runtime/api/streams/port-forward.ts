/**
 * port-forward: for each local client a pair of streams with one request id, first for errors, then for data.
 * Source: Kubernetes v1.36, kubelet/pkg/cri/streaming/portforward/httpstream.go.
 */
import type { Duplex } from 'node:stream';
import type { SpdyConnection, SpdyStream } from './spdy/connection.ts';

export const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** Brings one client to a port of the pod; ends when either side has ended. @throws Error that is told to the client. */
export type Forward = (port: number, client: Duplex) => Promise<void>;

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/** Resolves when the connection is over. */
export function forwardPorts(connection: SpdyConnection, forward: Forward): Promise<void> {
  const pairs = new Map<string, Pair>();
  connection.on('stream', (stream) => {
    const type = stream.headers.get('streamtype');
    const id = stream.headers.get('requestid') ?? '';
    const port = Number(stream.headers.get('port'));
    stream.on('error', () => stream.destroy());
    if ((type !== 'error' && type !== 'data') || !Number.isInteger(port) || port < 1 || port > 65_535) {
      stream.destroy();
      connection.close();
      return;
    }
    const pair = pairs.get(id) ?? {};
    pairs.set(id, pair);
    pair[type] = stream;
    stream.once('close', () => pairs.delete(id));
    if (pair.error && pair.data) void join(port, pair.error, pair.data, forward);
  });
  return new Promise((resolve) => connection.once('close', resolve));
}

async function join(port: number, error: SpdyStream, data: SpdyStream, forward: Forward): Promise<void> {
  error.resume();
  try {
    await forward(port, data);
  } catch (cause) {
    // kubectl prints it and ends the whole forward.
    error.write(cause instanceof Error ? cause.message : String(cause));
  }
  error.end();
  data.end();
}
