/**
 * Writes to a socket by one call of the system, past Node's streams: of a small message's way through a relay they are a third.
 * What the kernel does not take at once is for the stream, which waits for room.
 */
import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

interface Inside {
  /** Null once the socket is closed: from then on its descriptor may be another's. */
  readonly _handle?: { readonly fd?: number } | null;
}

/** One for each socket that is written to. */
export class DirectWriter {
  readonly #socket: Socket;
  /** Whose descriptor `#fd` is; read once, as asking for it is a call out of JavaScript. */
  #handle: Inside['_handle'];
  #fd = -1;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** How many of the first bytes the kernel has taken; 0 where the stream has to write, be it to tell of an error. */
  write(bytes: Uint8Array, length: number): number {
    const socket = this.#socket;
    const handle = (socket as Inside)._handle;
    // What the stream holds goes first; a socket that has ended or not connected yet says so by itself.
    if (!handle || socket.writableLength > 0 || socket.writableEnded || socket.connecting) return 0;
    if (handle !== this.#handle) {
      this.#handle = handle;
      this.#fd = handle.fd ?? -1;
    }
    if (this.#fd < 0) return 0;
    try {
      return writeSync(this.#fd, bytes, 0, length);
    } catch {
      return 0; // No room, or an error that the stream is told as well.
    }
  }
}
