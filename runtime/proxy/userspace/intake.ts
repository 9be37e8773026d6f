/**
 * What a TCP relay's sockets read into: memory that is used over and over. Node allots 64 KiB for each read of an ordinary
 * socket, which in bulk keeps its collector busy for a quarter of the time. Here a direction has 4 KiB, and as long as they
 * are filled by every read 64 KiB, lent by the worker. What was read is written on before the next read.
 */
import type { Socket } from 'node:net';
import { DirectWriter } from './write-now.ts';

const SMALL_BYTES = 4096;
const LARGE_BYTES = 65_536;
/** Of each size, kept for later by a worker. */
const MAX_FREE = 256;

const NOTHING = Buffer.alloc(0);
const freeSmall: Buffer[] = [];
const freeLarge: Buffer[] = [];

export class Intake {
  /** For `connect`, and for `readInto`. */
  readonly onread: { buffer(): Buffer; callback(bytes: number, buffer: Uint8Array): boolean };
  readonly #to: Socket;
  readonly #direct: DirectWriter;
  readonly #moved: (bytes: number) => void;
  readonly #small = freeSmall.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
  #large: Buffer | undefined;
  /** Bytes of the last read. */
  #got = 0;
  /** The kernel has not taken yet all of what was read, and so it stays. */
  #held = false;

  /** @param to is written to. @param moved is told of every read. */
  constructor(to: Socket, moved: (bytes: number) => void) {
    this.#to = to;
    this.#direct = new DirectWriter(to);
    this.#moved = moved;
    this.onread = {
      buffer: () => this.#next(),
      callback: (bytes, buffer) => this.#onRead(bytes, buffer as Buffer),
    };
  }

  /** Resumes reading once there is room again. */
  from: Socket | undefined;

  /** The socket is closed: what it has read into may be another's. */
  release(): void {
    if (this.#held) return;
    if (freeSmall.length < MAX_FREE) freeSmall.push(this.#small);
    this.#giveBack();
  }

  #onRead(bytes: number, buffer: Buffer): boolean {
    const to = this.#to;
    this.#got = bytes;
    this.#moved(bytes);
    const written = this.#direct.write(buffer, bytes);
    if (written === bytes) return true;
    to.write(buffer.subarray(written, bytes));
    if (to.writableLength === 0) return true;
    this.#held = true;
    // Behind the rest, as a socket tells by itself of long waits only.
    to.write(NOTHING, () => this.#onWritten());
    return false;
  }

  #onWritten(): void {
    this.#held = false;
    this.from?.resume();
  }

  /** Where the next read goes; asked for after each one. */
  #next(): Buffer {
    if (this.#held) return this.#large ?? this.#small;
    if (this.#large === undefined) {
      if (this.#got === SMALL_BYTES) this.#large = freeLarge.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
    } else if (this.#got <= SMALL_BYTES) this.#giveBack();
    return this.#large ?? this.#small;
  }

  #giveBack(): void {
    if (this.#large !== undefined && freeLarge.length < MAX_FREE) freeLarge.push(this.#large);
    this.#large = undefined;
  }
}
