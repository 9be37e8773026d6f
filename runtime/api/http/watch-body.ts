/**
 * The body of a watch's answer, a chunk for what is written at once. The chunk is made once for all who get the same bytes and
 * handed to the connection past the response, whose four writes a chunk cost more than what encrypts it.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { JSON_TYPE } from './respond.ts';

const LINE_END = '\r\n';
/** Larger ones are not copied into a chunk, nor kept beyond their own write. */
const SHARED_BYTES = 64 * 1024;

export class WatchBody {
  readonly #response: ServerResponse;
  /** undefined until the response has its connection, and where HTTP has no chunks (1.0, 2): all goes through the response. */
  #socket: Socket | undefined;
  readonly #onDrain: () => void;

  /** @param onDrain it takes more again. */
  constructor(response: ServerResponse, onDrain: () => void) {
    this.#response = response;
    this.#onDrain = onDrain;
    response.on('drain', onDrain);
  }

  /** Sends what comes before the body. */
  open(): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'Content-Type': JSON_TYPE });
    this.#response.flushHeaders();
  }

  /** @returns whether it takes more now. */
  write(bytes: Uint8Array): boolean {
    const socket = this.#socket ?? this.#connected();
    if (!socket || bytes.length > SHARED_BYTES) return this.#response.write(bytes);
    return socket.writable && socket.write(chunkOf(bytes));
  }

  #connected(): Socket | undefined {
    if (!this.#response.headersSent) this.open();
    const { socket, chunkedEncoding } = this.#response;
    if (!chunkedEncoding || !socket) return undefined;
    socket.on('drain', this.#onDrain);
    this.#response.once('close', () => socket.off('drain', this.#onDrain));
    this.#socket = socket;
    return socket;
  }
}

/** One line goes to all watchers in a row, so the last is enough to remember. */
let lastBytes: Uint8Array | undefined;
let lastChunk: Uint8Array = Buffer.alloc(0);

function chunkOf(bytes: Uint8Array): Uint8Array {
  if (bytes === lastBytes) return lastChunk;
  lastBytes = bytes;
  lastChunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}${LINE_END}`), bytes, Buffer.from(LINE_END)]);
  return lastChunk;
}
