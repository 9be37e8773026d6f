/** Protocol buffers' wire format, as much of it as etcd's messages use: varints and length-delimited fields. */

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** Writes fields in the order of the calls. What is 0, false or empty is left out, as proto3 has it. */
export class MessageWriter {
  private readonly parts: Uint8Array[] = [];

  int(field: number, value: number): this {
    if (value !== 0) this.parts.push(Buffer.from([...varint(field * 8 + VARINT), ...varint(value)]));
    return this;
  }

  bool(field: number, value: boolean): this {
    return this.int(field, value ? 1 : 0);
  }

  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.message(field, value);
  }

  /** Written even when it is empty: that it is there says something. */
  message(field: number, value: Uint8Array): this {
    this.parts.push(Buffer.from([...varint(field * 8 + DELIMITED), ...varint(value.length)]), value);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.parts);
  }
}

/** Whole numbers from 0 to 2^53. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}

/** The handlers of those fields that matter; others are skipped, as they may come with a later version. */
export interface Fields {
  int?(field: number, value: number): void;
  /** The bytes are a part of the message's buffer. */
  bytes?(field: number, value: Buffer): void;
}

/** Throws where the bytes are no message. Integers above 2^53 lose their low bits. */
export function readMessage(message: Buffer, fields: Fields): void {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (at >= message.length || scale > 2 ** 63) throw new Error('a message of etcd ends within a number');
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = next();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === VARINT) {
      const value = next();
      fields.int?.(field, value);
    } else {
      const length = type === DELIMITED ? next() : type === FIXED64 ? 8 : type === FIXED32 ? 4 : Number.NaN;
      if (!(at + length <= message.length)) throw new Error('a message of etcd ends within a field');
      if (type === DELIMITED) fields.bytes?.(field, message.subarray(at, at + length));
      at += length;
    }
  }
}
