/**
 * The engine's frames of stdout and stderr, taken apart: 8 bytes of header (1: stdout, 2: stderr; length in the last four,
 * big-endian), then the bytes. Whoever is slow holds the engine up.
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

const HEADER_BYTES = 8;
const STDERR = 2;

/** What is left of a frame between two pieces of the wire. */
export class FrameReader {
  #header = Buffer.alloc(0);
  #left = 0;
  #stderr = false;

  *read(piece: Buffer): Generator<{ stderr: boolean; bytes: Buffer }> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#left === 0) {
        const taken = HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, taken)]);
        rest = rest.subarray(taken);
        if (this.#header.length < HEADER_BYTES) return;
        this.#stderr = this.#header[0] === STDERR;
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const bytes = rest.subarray(0, this.#left);
      this.#left -= bytes.length;
      rest = rest.subarray(bytes.length);
      yield { stderr: this.#stderr, bytes };
    }
  }
}

/** Resolves when the source has ended. A screen (`tty`) comes without frames. */
export async function passOutput(
  source: Readable,
  { stdout, stderr, tty, gone }: { stdout?: Writable; stderr?: Writable; tty: boolean; gone: AbortSignal },
): Promise<void> {
  const frames = new FrameReader();
  for await (const piece of source as AsyncIterable<Buffer>) {
    const parts = tty ? [{ stderr: false, bytes: piece }] : frames.read(piece);
    for (const { stderr: isError, bytes } of parts) {
      const target = isError ? stderr : stdout;
      if (!target || target.destroyed || target.write(bytes)) continue;
      await once(target, 'drain', { signal: gone });
    }
  }
}
