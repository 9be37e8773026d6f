/**
 * xxHash64 of short ASCII texts modulo a number, in WebAssembly, which has 64-bit words: a tenth of the time of two halves.
 * A Maglev table asks twice for each endpoint. Its check is xxHash64 itself.
 */
import { type Code, EMPTY, I32, name, PREAMBLE, section, signed, unsigned } from '../../wasm.ts';

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | {
      Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object, imports: object) => { readonly exports: { remainder: Remainder } };
    }
  | undefined;

type Remainder = (length: number, seed: number, divisor: number) => number;

/** From here on the hash goes by stripes, which are not here. */
const LONG = 32;

interface Hasher {
  bytes: Uint8Array;
  remainder: Remainder;
}

/** Made when first asked for; null where there is no WebAssembly. */
let hasher: Hasher | null | undefined;
/** Of the text in hand. */
let length = 0;

/** Takes a text in. False where it is too long, or not of ASCII, or there is no WebAssembly: then another has to hash it. */
export function takeShort(text: string): boolean {
  hasher ??= makeHasher();
  length = text.length;
  if (hasher === null || length >= LONG) return false;
  const { bytes } = hasher;
  let letters = 0;
  for (let i = 0; i < length; i++) {
    const letter = text.charCodeAt(i);
    bytes[i] = letter;
    letters |= letter;
  }
  return letters < 0x80;
}

/** The hash of the text that was taken in, modulo a number. @param seed 0 to 2^31 - 1. @param divisor 1 to 2^31 - 1. */
export function shortRemainder(seed: number, divisor: number): number {
  return (hasher as Hasher).remainder(length, seed, divisor);
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const I64 = 0x7e;
// Parameters first.
const LOCALS = ['length', 'seed', 'divisor', 'at', 'hash'];
const get = (local: string): Code => [0x20, ...unsigned(LOCALS.indexOf(local))];
const set = (local: string, value: Code): Code => [...value, 0x21, ...unsigned(LOCALS.indexOf(local))];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode];
const add32 = binary(0x6a);
const notAbove = binary(0x4d);
const below = binary(0x49);
const add = binary(0x7c);
const multiply = binary(0x7e);
const modulo = binary(0x82);
const xor = binary(0x85);
const shiftRight = binary(0x88);
const rotateLeft = binary(0x89);
const number = (value: number): Code => [0x41, ...signed(value)];
const word = (value: bigint): Code => [0x42, ...signed64(BigInt.asIntN(64, value))];
const widen = (value: Code): Code => [...value, 0xad];
const narrow = (value: Code): Code => [...value, 0xa7];
const load = (opcode: number): Code => [...get('at'), opcode, 0, 0];
const when = (condition: Code, body: Code): Code => [...condition, 0x04, EMPTY, ...body, 0x0b];
const repeatWhile = (condition: Code, body: Code): Code =>
  when(condition, [0x03, EMPTY, ...body, ...condition, 0x0d, 0, 0x0b]);

function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const last = rest >= -64n && rest < 64n;
    bytes.push(Number(rest & 0x7fn) | (last ? 0 : 0x80));
    if (last) return bytes;
  }
}

/** So many bytes more are there. */
const has = (bytes: number): Code => notAbove(add32(get('at'), number(bytes)), get('length'));
const advance = (bytes: number): Code => set('at', add32(get('at'), number(bytes)));
const fold = (bits: bigint): Code => set('hash', xor(get('hash'), shiftRight(get('hash'), word(bits))));
const mix = (value: Code, bits: bigint, factor: bigint): Code =>
  multiply(rotateLeft(xor(get('hash'), value), word(bits)), word(factor));

const BODY: Code = [
  ...set('hash', add(add(widen(get('seed')), word(P5)), widen(get('length')))),
  ...repeatWhile(has(8), [
    ...set(
      'hash',
      add(mix(multiply(rotateLeft(multiply(load(0x29), word(P2)), word(31n)), word(P1)), 27n, P1), word(P4)),
    ),
    ...advance(8),
  ]),
  ...when(has(4), [...set('hash', add(mix(multiply(load(0x35), word(P1)), 23n, P2), word(P3))), ...advance(4)]),
  ...repeatWhile(below(get('at'), get('length')), [
    ...set('hash', mix(multiply(load(0x31), word(P5)), 11n, P1)),
    ...advance(1),
  ]),
  ...fold(33n),
  ...set('hash', multiply(get('hash'), word(P2))),
  ...fold(29n),
  ...set('hash', multiply(get('hash'), word(P3))),
  ...fold(32n),
  ...narrow(modulo(get('hash'), widen(get('divisor')))),
];

function makeHasher(): Hasher | null {
  if (typeof WebAssembly === 'undefined') return null;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const code = [2, 1, I32, 1, I64, ...BODY, 0x0b];
  const bytes = Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]),
    ...section(2, [1, ...name('hash'), ...name('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('remainder'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
  const { remainder } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { hash: { memory } }).exports;
  return { bytes: new Uint8Array(memory.buffer), remainder };
}
