/**
 * Makes an accepted socket read into memory of ours, as `connect` offers by its option `onread` and servers do not. It sets
 * what that option sets inside a socket of Node 12 to 24; where a socket looks otherwise, nothing is changed.
 */
import { type OnReadOpts, Socket } from 'node:net';

/** By the names of the fields that `onread` fills. */
const [BUFFER, GENERATE, CALLBACK] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
  Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name),
);

interface Inside {
  _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
  [field: symbol]: unknown;
}

/** False where it cannot be had, and the socket is as it was. Nothing that was read before may be left in the socket. */
export function readInto(socket: Socket, { buffer, callback }: OnReadOpts & { buffer: () => Uint8Array }): boolean {
  const inside = socket as unknown as Inside;
  const handle = inside._handle;
  if (BUFFER === undefined || GENERATE === undefined || CALLBACK === undefined) return false;
  if (typeof handle?.useUserBuffer !== 'function') return false;
  const first = buffer();
  inside[BUFFER] = first;
  inside[GENERATE] = buffer;
  inside[CALLBACK] = callback;
  handle.useUserBuffer(first);
  return true;
}
