/** Bytes both ways between two sockets: an end is passed on alone, and who reads slowly slows down who writes. */
import type { Socket } from 'node:net';
import type { Thread } from './thread.ts';

/** @param touch something moved. */
export function forward({ counters }: Thread, client: Socket, upstream: Socket, touch: () => void): void {
  client.on('data', (chunk: Buffer) => {
    counters.add('bytesIn', chunk.length);
    touch();
    if (!upstream.write(chunk)) client.pause();
  });
  upstream.on('data', (chunk: Buffer) => {
    counters.add('bytesOut', chunk.length);
    touch();
    if (!client.write(chunk)) upstream.pause();
  });
  upstream.on('drain', () => client.resume());
  client.on('drain', () => upstream.resume());
  // A client that said nothing may have ended before anybody listened.
  if (client.readableEnded) upstream.end();
  else client.on('end', () => upstream.end());
  upstream.on('end', () => client.end());
}
