/**
 * As much of WebAssembly's binary format as one SIMD kernel takes: expressions over pairs of doubles, written as functions
 * that give their bytes. Source: WebAssembly 2.0, binary format; opcodes as in its instruction index.
 */

import { type Code, EMPTY, I32, name, PREAMBLE, section, signed, unsigned, V128 } from '../../../wasm.ts';

export type { Code };

/** Names of locals, in order; the parameters come first. */
export type Locals = readonly string[];

/** From 0 pages on; shared memory has an upper bound as well. */
const UNSHARED_LIMITS: Code = [0, 0];
const MAX_PAGES = 65_536;

function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)];
}

function binary(opcode: number): (a: Code, b: Code) => Code {
  return (a, b) => [...a, ...b, ...simd(opcode)];
}

function unary(opcode: number): (a: Code) => Code {
  return (a) => [...a, ...simd(opcode)];
}

// Pairs of doubles.
export const add = binary(0xf0);
export const sub = binary(0xf1);
export const mul = binary(0xf2);
export const div = binary(0xf3);
export const equals = binary(0x47);
/** Nothing equals what is no number. */
export const differs = binary(0x48);
/** b where b < a, else a. */
export const lesser = binary(0xf6);
/** b where a < b, else a. */
export const greater = binary(0xf7);
export const abs = unary(0xec);
export const ceil = unary(0x74);
export const floor = unary(0x75);
/** All bits of a lane set where true. */
export const isLess = binary(0x49);
/** a, but where b. */
export const butNot = binary(0x4f);
export const or = binary(0x50);
/** 1 as an i32 where some bit is set. */
export const anyTrue = unary(0x53);

/** Both lanes. */
export function constant(value: number): Code {
  const bytes = new Uint8Array(Float64Array.of(value, value).buffer);
  return [...simd(0x0c), ...bytes];
}

/** Two doubles from an address, `offset` bytes on. */
export function load(address: Code, offset: number): Code {
  return [...address, ...simd(0x00), 3, ...unsigned(offset)];
}

/** One double, in both lanes. */
export function loadBoth(address: Code, offset: number): Code {
  return [...address, ...simd(0x0a), 3, ...unsigned(offset)];
}

/** Two bytes from an address: all bits of a lane set where its byte is not 0. */
export function loadFlags(address: Code): Code {
  const both = [...address, ...simd(0x08), 1, 0];
  const lanes = Array.from({ length: 16 }, (_, i) => i >> 3);
  return [...both, ...both, ...simd(0x0d), ...lanes, ...constant(0), ...simd(0xd7)];
}

export function store(address: Code, offset: number, value: Code): Code {
  return [...address, ...value, ...simd(0x0b), 3, ...unsigned(offset)];
}

// Addresses and control.
export function number(value: number): Code {
  return [0x41, ...signed(value)];
}

export function advance(a: Code, by: number): Code {
  return [...a, ...number(by), 0x6a];
}

export function when(condition: Code, body: Code): Code {
  return [...condition, 0x04, EMPTY, ...body, 0x0b];
}

/** While a < b, unsigned. */
export function whileBelow(a: Code, b: Code, body: Code): Code {
  return when([...a, ...b, 0x49], [0x03, EMPTY, ...body, ...a, ...b, 0x49, 0x0d, 0, 0x0b]);
}

export function get(locals: Locals, name: string): Code {
  return [0x20, ...unsigned(locals.indexOf(name))];
}

export function set(locals: Locals, name: string, value: Code): Code {
  return [...value, 0x21, ...unsigned(locals.indexOf(name))];
}

/**
 * A module with one function `pass` of i32 parameters over memory `room.memory`; all other locals are pairs of doubles.
 * @param shared the memory is shared between threads.
 */
export function moduleOf(locals: Locals, parameters: number, body: Code, shared: boolean): Uint8Array<ArrayBuffer> {
  const own = locals.length - parameters;
  const code = [1, ...unsigned(own), V128, ...body, 0x0b];
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [1, 0x60, ...unsigned(parameters), ...new Array<number>(parameters).fill(I32), 0]),
    ...section(2, [1, ...name('room'), ...name('memory'), 2, ...(shared ? SHARED_LIMITS : UNSHARED_LIMITS)]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('pass'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

const SHARED_LIMITS: Code = [3, 0, ...unsigned(MAX_PAGES)];
