/**
 * Cutting a SPDY/3.1 byte stream into frames. Data passes through in pieces as it comes, so that no frame, however
 * long it says it is, is ever held whole. Source: SPDY protocol draft 3.1, section 2.
 */

export const SYN_STREAM = 1;
export const SYN_REPLY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const HEADERS = 8;
export const WINDOW_UPDATE = 9;

export const FLAG_FIN = 1;
const HEADER_BYTES = 8;
const VERSION = 3;
/** Control frames hold a header block at most; longer ones are no SPDY. */
export const CONTROL_LIMIT_BYTES = 64 * 1024;

export type Frame =
  | { control: true; type: number; flags: number; body: Buffer }
  /** A piece of a data frame; `fin` comes with the last piece only. */
  | { control: false; stream: number; fin: boolean; body: Buffer };

/** Feed it bytes; it gives the frames that are complete, and pieces of data. */
export class FrameCutter {
  private rest: Buffer = Buffer.alloc(0);
  private stream = 0;
  private remaining = 0;
  private fin = false;

  /** @throws Error when this is not SPDY/3. */
  cut(bytes: Buffer): Frame[] {
    const frames: Frame[] = [];
    let input = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    for (;;) {
      if (this.remaining > 0) {
        if (input.length === 0) break;
        const body = input.subarray(0, this.remaining);
        input = input.subarray(body.length);
        this.remaining -= body.length;
        frames.push({ control: false, stream: this.stream, fin: this.fin && this.remaining === 0, body });
        continue;
      }
      if (input.length < HEADER_BYTES) break;
      const length = input.readUIntBE(5, 3);
      const flags = input[4];
      if ((input[0] & 0x80) === 0) {
        input = this.startData(input, flags, length, frames);
        continue;
      }
      checkControl(input, length);
      if (input.length < HEADER_BYTES + length) break;
      const body = input.subarray(HEADER_BYTES, HEADER_BYTES + length);
      frames.push({ control: true, type: input.readUInt16BE(2), flags, body });
      input = input.subarray(HEADER_BYTES + length);
    }
    // A copy, so that a large chunk is not held for its last bytes.
    this.rest = Buffer.from(input);
    return frames;
  }

  private startData(input: Buffer, flags: number, length: number, frames: Frame[]): Buffer {
    this.stream = input.readUInt32BE(0);
    this.remaining = length;
    this.fin = (flags & FLAG_FIN) !== 0;
    if (length === 0) frames.push({ control: false, stream: this.stream, fin: this.fin, body: Buffer.alloc(0) });
    return input.subarray(HEADER_BYTES);
  }
}

function checkControl(input: Buffer, length: number): void {
  const version = input.readUInt16BE(0) & 0x7fff;
  if (version !== VERSION) throw new Error(`a SPDY frame of version ${version}, not ${VERSION}`);
  if (length > CONTROL_LIMIT_BYTES) throw new Error(`a SPDY control frame of ${length} bytes`);
}

export function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + body.length);
  frame.writeUInt16BE(0x8000 | VERSION, 0);
  frame.writeUInt16BE(type, 2);
  frame[4] = flags;
  frame.writeUIntBE(body.length, 5, 3);
  body.copy(frame, HEADER_BYTES);
  return frame;
}

export function dataHeader(stream: number, flags: number, length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(stream, 0);
  header[4] = flags;
  header.writeUIntBE(length, 5, 3);
  return header;
}

/** A body of 32-bit numbers, as RST_STREAM and GOAWAY have. */
export function numbers(...values: number[]): Buffer {
  const body = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    body.writeUInt32BE(value >>> 0, 4 * i);
  });
  return body;
}
