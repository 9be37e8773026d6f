/** Texts and addresses as hashes: UTF-8 bytes in one reused buffer, and the 32-bit words that policies take for a client. */
import { low } from './word64.ts';
import { xxHash64 } from './xx-hash64.ts';

const encoder = new TextEncoder();
let buffer = new Uint8Array(256);

/** Longer texts are the encoder's, whose call costs as much as a short one takes letter by letter. */
const SHORT = 64;

/** The UTF-8 bytes of a text are [0, result) of `encoded()`, until the next call. */
export function encode(text: string): number {
  if (text.length <= SHORT && writeAscii(text)) return text.length;
  if (text.length * 3 > buffer.length) buffer = new Uint8Array(text.length * 6);
  return encoder.encodeInto(text, buffer).written;
}

/** False where a letter is not of one byte. */
function writeAscii(text: string): boolean {
  let letters = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    buffer[i] = letter;
    letters |= letter;
  }
  return letters < 0x80;
}

export function encoded(): Uint8Array {
  return buffer;
}

/** A client as policies and affinity take it: an int32, so that passing it on allocates nothing. */
export function clientHash(text: string, seed = 0): number {
  const length = encode(text);
  xxHash64(buffer, length, seed);
  return low;
}

/** Murmur3's finisher: every bit of the word touches every bit of the result. An int32. */
export function mix32(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
