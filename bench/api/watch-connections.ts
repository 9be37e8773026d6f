/** Watchers over HTTP/1.1, each with a connection of its own. */
import type { NetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import type { OpenWatches } from './open-watches.ts';

/** Connections made at once. */
const AT_ONCE = 50;
const READ_INTO = Buffer.alloc(64 * 1024);
/** Of an event's line and its chunk. */
const LINE_END = Buffer.from('}\n\r\n');

export const watchConnections: OpenWatches = async (up, path, count, onEvent) => {
  const sockets: TLSSocket[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, () => watching(up, path, onEvent));
    sockets.push(...(await Promise.all(some)));
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
};

/**
 * Resolves when the watch is open. Each event comes in a piece of its own, as they are made one at a time; it is read into
 * one memory for all, as what a client costs is not what is measured.
 */
async function watching({ url, token, authority }: UpProcess, path: string, onEvent: () => void): Promise<TLSSocket> {
  const { hostname, port, host } = new URL(url);
  let headed = (_head: string): void => {};
  const head = new Promise<string>((resolve) => {
    headed = resolve;
  });
  let isOpen = false;
  const callback = (bytes: number, memory: Uint8Array): boolean => {
    const piece = (memory as Buffer).subarray(0, bytes);
    if (!isOpen) headed(piece.toString('latin1'));
    else if (piece.subarray(-LINE_END.length).equals(LINE_END)) onEvent();
    isOpen = true;
    return true;
  };
  const options: ConnectionOptions & Pick<NetConnectOpts, 'onread'> = {
    host: hostname,
    port: Number(port),
    ca: authority,
    ALPNProtocols: ['http/1.1'],
    onread: { buffer: READ_INTO, callback },
  };
  const socket = connect(options);
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  if (!(await head).startsWith('HTTP/1.1 200')) throw new Error(`answered with ${await head}`);
  return socket;
}
