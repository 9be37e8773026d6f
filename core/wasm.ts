/** What all modules of WebAssembly that are written here share: numbers and sections of its binary format (2.0). */

/** Instructions as bytes. */
export type Code = readonly number[];

/** Before the first section: the magic number and the version. */
export const PREAMBLE: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** The types of values. */
export const I32 = 0x7f;
export const V128 = 0x7b;
/** The type of a block that leaves nothing. */
export const EMPTY = 0x40;

/** LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** LEB128 of a 32-bit integer. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const last = rest >= -64 && rest < 64;
    bytes.push((rest & 0x7f) | (last ? 0 : 0x80));
    if (last) return bytes;
  }
}

export function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

/** @param text of ASCII, shorter than 128. */
export function name(text: string): Code {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}
