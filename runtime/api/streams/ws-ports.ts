/**
 * port-forward over WebSocket channels, as clients other than kubectl speak it: for the port named as the i-th, data goes
 * over channel 2i and errors over 2i+1, and each begins with the port's number. One connection to each port.
 * Source: Kubernetes v1.36, kubelet/pkg/cri/streaming/portforward/websocket.go.
 */
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { badRequest } from '../http/status.ts';
import type { Forward } from './port-forward.ts';

export const PORT_CHANNEL_PROTOCOLS = ['v4.channel.k8s.io', 'channel.k8s.io', ''];

/** More would be a scan; a channel's number is a byte. */
const PORTS_LIMIT = 100;

/** '?ports=80&ports=443', or '?ports=80,443'. Throws the 400 that names what is wrong. */
export function portsOf(query: URLSearchParams): number[] {
  const texts = query.getAll('ports').flatMap((text) => text.split(','));
  if (texts.length === 0) throw badRequest('query parameter "ports" is required');
  if (texts.length > PORTS_LIMIT) throw badRequest(`at most ${PORTS_LIMIT} ports are forwarded at a time`);
  return texts.map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > 65_535) throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
    return port;
  });
}

/** Resolves when every port has ended, or the client has gone. */
export async function forwardChannels(socket: WebSocket, ports: readonly number[], forward: Forward): Promise<void> {
  const clients = ports.map((_, i) => channelOf(socket, 2 * i));
  socket.on('message', (data) => {
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    const client = bytes.length > 1 && bytes[0] % 2 === 0 ? clients[bytes[0] / 2] : undefined;
    if (client && !client.push(bytes.subarray(1))) socket.pause();
  });
  socket.on('close', () => {
    for (const client of clients) client.push(null);
  });
  socket.on('error', () => socket.terminate());
  await Promise.all(
    ports.map(async (port, i) => {
      const number = Buffer.of(port & 255, port >> 8);
      send(socket, 2 * i, number);
      send(socket, 2 * i + 1, number);
      try {
        await forward(port, clients[i]);
      } catch (error) {
        send(socket, 2 * i + 1, Buffer.from(error instanceof Error ? error.message : String(error)));
      }
    }),
  );
  socket.close(1000);
}

function channelOf(socket: WebSocket, channel: number): Duplex {
  return new Duplex({
    read() {
      socket.resume();
    },
    write(chunk: Buffer, _encoding, done) {
      if (!send(socket, channel, chunk, done)) done();
    },
  });
}

/** False where nobody listens any more: `sent` is not called then. */
function send(socket: WebSocket, channel: number, bytes: Buffer, sent?: (error?: Error | null) => void): boolean {
  if (socket.readyState !== socket.OPEN) return false;
  socket.send(Buffer.concat([Buffer.of(channel), bytes]), (error) => sent?.(error ?? null));
  return true;
}
