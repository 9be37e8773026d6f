/** Instructions of WebAssembly as the balancer's kernels are written: by name, over locals that have names. */
import { type Code, EMPTY, I32, name, PREAMBLE, section, signed, unsigned, V128 } from '../wasm.ts';

const I64 = 0x7e;
const F64 = 0x7c;

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode];
const unary =
  (opcode: number) =>
  (value: Code): Code => [...value, opcode];

export const number = (value: number): Code => [0x41, ...signed(value)];
export const add = binary(0x6a);
export const subtract = binary(0x6b);
export const multiply = binary(0x6c);
export const divide = binary(0x6d);
/** Unsigned. */
export const remainder = binary(0x70);
export const and = binary(0x71);
export const or = binary(0x72);
export const xor = binary(0x73);
export const shiftLeft = binary(0x74);
export const shiftRight = binary(0x75);
export const shiftRightUnsigned = binary(0x76);
export const rotateLeft = binary(0x77);
export const equal = binary(0x46);
export const less = binary(0x48);
/** Unsigned. */
export const below = binary(0x49);
export const isZero = unary(0x45);

export const when = (condition: Code, body: Code): Code => [...condition, 0x04, EMPTY, ...body, 0x0b];
export const repeatWhile = (condition: Code, body: Code): Code => [0x03, EMPTY, ...body, ...condition, 0x0d, 0, 0x0b];
/** As `repeatWhile`, but the condition is asked first. */
export const whileTrue = (condition: Code, body: Code): Code => [
  ...[0x02, EMPTY, 0x03, EMPTY],
  ...isZero(condition),
  ...[0x0d, 1],
  ...body,
  ...[0x0c, 0, 0x0b, 0x0b],
];
export const select = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b];
export const leaveWith = (value: Code): Code => [...value, 0x0f];
/** A function of the same module, by its place. */
export const call = (place: number, ...values: readonly Code[]): Code => [...values.flat(), 0x10, ...unsigned(place)];
export const drop = (value: Code): Code => [...value, 0x1a];

const read =
  (opcode: number, align: number) =>
  (address: Code, from = 0): Code => [...address, opcode, align, ...unsigned(from)];
const write =
  (opcode: number, align: number) =>
  (address: Code, value: Code, from = 0): Code => [...address, ...value, opcode, align, ...unsigned(from)];
export const loadByte = read(0x2d, 0);
export const loadHalf = read(0x2f, 1);
export const loadWord = read(0x28, 2);
export const loadReal = read(0x2b, 3);
export const loadAtomic = (address: Code, from: number): Code => [...address, 0xfe, 0x10, 2, ...unsigned(from)];
export const storeByte = write(0x3a, 0);
export const storeHalf = write(0x3b, 1);
export const storeWord = write(0x36, 2);
export const storeReal = write(0x39, 3);

/** The upper word of the product of two unsigned words. */
export const upperHalf = (a: Code, b: Code): Code => [
  ...[...a, 0xad, ...b, 0xad, 0x7e],
  ...[0x42, 32, 0x88], // i64.const 32, i64.shr_u
  0xa7,
];

// Words of 64 bits.
export const loadLong = read(0x29, 3);
export const lessLong = binary(0x53);

// Doubles.
export const addReal = binary(0xa0);
export const subtractReal = binary(0xa1);
export const multiplyReal = binary(0xa2);
export const equalReal = binary(0x61);
export const lessReal = binary(0x63);
export const aboveReal = binary(0x64);
export const realOf = unary(0xb7);
export const real = (value: number): Code => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)];

// Lanes: four words, two doubles.
export const lanes = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
export const lanewise =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, ...lanes(opcode)];
export const ofLanes =
  (opcode: number) =>
  (value: Code): Code => [...value, ...lanes(opcode)];
export const splat = ofLanes(0x11);
export const loadLanes = (address: Code, from: number): Code => [...address, ...lanes(0), 2, ...unsigned(from)];

export interface Kernel {
  name: string;
  /** Words first, then doubles; the answer is a word. */
  parameters: readonly string[];
  realParameters?: readonly string[];
  /** By type. */
  words?: readonly string[];
  longs?: readonly string[];
  reals?: readonly string[];
  vectors?: readonly string[];
  body: Code;
}

/** Reads and writes locals by name; `names` in the order of parameters, real ones, words, longs, reals and vectors. */
export function locals(...names: readonly (readonly string[])[]) {
  const all = names.flat();
  return {
    get: (local: string): Code => [0x20, ...unsigned(all.indexOf(local))],
    set: (local: string, value: Code): Code => [...value, 0x21, ...unsigned(all.indexOf(local))],
  };
}

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object, imports: object) => { readonly exports: object };
    }
  | undefined;

/** Compiles functions over one memory. @param shared whether it is shared between threads. */
export function compile<T extends object>(kernels: readonly Kernel[], memory: object, shared: boolean): T {
  if (WebAssembly === undefined) throw new Error('no WebAssembly to compile for');
  const codes = kernels.map(({ words = [], longs = [], reals = [], vectors = [], body }) => {
    const groups = (
      [
        [words, I32],
        [longs, I64],
        [reals, F64],
        [vectors, V128],
      ] as const
    ).filter(([names]) => names.length > 0);
    const code = [
      groups.length,
      ...groups.flatMap(([names, type]) => [...unsigned(names.length), type]),
      ...body,
      0x0b,
    ];
    return [...unsigned(code.length), ...code];
  });
  const types = kernels.flatMap(({ parameters, realParameters = [] }) => [
    ...[0x60, parameters.length + realParameters.length],
    ...parameters.map(() => I32),
    ...realParameters.map(() => F64),
    ...[1, I32],
  ]);
  // Shared memory of up to 65,536 pages, or memory of any size.
  const limits = shared ? [3, 0, 0x80, 0x80, 4] : [0, 0];
  const bytes = Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [kernels.length, ...types]),
    ...section(2, [1, ...name('balancer'), ...name('memory'), 2, ...limits]),
    ...section(3, [kernels.length, ...kernels.map((_, i) => i)]),
    ...section(7, [kernels.length, ...kernels.flatMap((kernel, i) => [...name(kernel.name), 0, i])]),
    ...section(10, [kernels.length, ...codes.flat()]),
  ]);
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { balancer: { memory } }).exports as T;
}
