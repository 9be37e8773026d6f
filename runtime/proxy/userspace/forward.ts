/** Bytes between two sockets: an end is passed on alone, and who reads slowly slows down who writes. */
import type { Socket } from 'node:net';
import type { Thread } from './thread.ts';

/** Both ways. @param touch something moved. */
export function forward(thread: Thread, client: Socket, upstream: Socket, touch: () => void): void {
  forwardHalf(thread, client, upstream, touch);
  upstream.on('data', (chunk: Buffer) => {
    thread.counters.add('bytesOut', chunk.length);
    touch();
    if (!client.write(chunk)) upstream.pause();
  });
  client.on('drain', () => upstream.resume());
  upstream.on('end', () => client.end());
}

/** What the client says. */
export function forwardHalf({ counters }: Thread, client: Socket, upstream: Socket, touch: () => void): void {
  client.on('data', (chunk: Buffer) => {
    counters.add('bytesIn', chunk.length);
    touch();
    if (!upstream.write(chunk)) client.pause();
  });
  upstream.on('drain', () => client.resume());
  // A client that said nothing may have ended before anybody listened.
  if (client.readableEnded) upstream.end();
  else client.on('end', () => upstream.end());
}
