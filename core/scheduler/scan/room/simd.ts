/**
 * The pass over the room of rows, two rows at a time (f64x2): step by step what plainPass does, which is its check. Four to
 * six times as fast as that (bench/README.md).
 */
import { ASKED, FOUND, foundAt, KEYS_AT, PAIR, pairsAt, RANKS, SLOT } from './layout.ts';
import { LESS, NEAR, type RoomPass } from './pass.ts';
import type { Raise, RaiseInputs } from './raise.ts';
import { RAISE_LOCALS, RAISE_PARAMETERS, raiseKernel } from './simd-raise.ts';
import {
  abs,
  add,
  advance,
  anyTrue,
  butNot,
  type Code,
  ceil,
  constant,
  div,
  floor,
  get,
  greater,
  isLess,
  lesser,
  load,
  loadBoth,
  moduleOf,
  mul,
  number,
  or,
  set,
  store,
  sub,
  when,
  whileBelow,
} from './wasm.ts';

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
};

const PAGE_BYTES = 65_536;
const DOUBLE = 8;

/** Memory of WebAssembly; shared memory may be posted to a worker. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Memory of so many bytes at least; undefined where there is no SIMD. */
export function simdMemory(bytes: number, shared: boolean): WasmMemory | undefined {
  if (compile(shared).length === 0) return undefined;
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** The pass over memory made by simdMemory, on this thread or another, laid out for `capacity` rows. */
export function simdPass(memory: WasmMemory, capacity: number, shared: boolean): RoomPass {
  const [least, most] = compile(shared)
    .slice(0, 2)
    .map((module) => instantiate(module, memory));
  const pairs = DOUBLE * pairsAt(capacity);
  const pairOf = (row: number): number => pairs + (row / 2) * PAIR * DOUBLE;
  return (from, to, ofMost, part) => {
    (ofMost ? most : least)(pairOf(from), DOUBLE * (KEYS_AT + from), pairOf(to), DOUBLE * foundAt(part));
  };
}

/** Raising keys in such memory. @param inputs are part of it. */
export function simdRaise(memory: WasmMemory, { scores, rejectedBy }: RaiseInputs, shared: boolean): Raise {
  const raise = instantiate(compile(shared)[2], memory);
  const keyAt = (row: number): number => DOUBLE * (KEYS_AT + row);
  return (from, to) => {
    raise(keyAt(from), scores.byteOffset, rejectedBy.byteOffset + from, keyAt(to), DOUBLE * foundAt(0));
  };
}

function instantiate(module: object, memory: WasmMemory): (...addresses: number[]) => void {
  const { exports } = new WebAssembly.Instance(module, { room: { memory } });
  return exports.pass as (...addresses: number[]) => void;
}

/** The pass for LeastAllocated, for MostAllocated, and raising; false where they would not run. */
interface Compiled {
  shared?: readonly object[] | false;
  own?: readonly object[] | false;
}
const compiled: Compiled = {};

/** None where there is no SIMD. */
function compile(shared: boolean): readonly object[] {
  const memory = shared ? 'shared' : 'own';
  if (compiled[memory] === undefined) {
    const codes = [false, true].map((most) => moduleOf(LOCALS, PARAMETERS.length, kernel(most), shared));
    codes.push(moduleOf(RAISE_LOCALS, RAISE_PARAMETERS.length, raiseKernel(), shared));
    const runs = codes.every((code) => WebAssembly.validate(code));
    compiled[memory] = runs && codes.map((code) => new WebAssembly.Module(code));
  }
  return compiled[memory] || [];
}

// --- the kernel ----------------------------------------------------------------------------------------------------------

const PARAMETERS = ['pair', 'key', 'end', 'found'] as const;
const ASKS = Object.keys(ASKED) as (keyof typeof ASKED)[];
const FINDINGS = Object.keys(FOUND) as (keyof typeof FOUND)[];
const OWN = ['unfit', 'leftCpu', 'leftMemory', 'about', 'after', 'sum'] as const;
const LOCALS = [...PARAMETERS, ...ASKS, ...FINDINGS, ...OWN];

type Local = (typeof PARAMETERS)[number] | keyof typeof ASKED | keyof typeof FOUND | (typeof OWN)[number];

function the(name: Local): Code {
  return get(LOCALS, name);
}

function keep(name: Local, value: Code): Code {
  return set(LOCALS, name, value);
}

function slot(name: keyof typeof SLOT): Code {
  return load(the('pair'), 2 * DOUBLE * SLOT[name]);
}

const ZERO = constant(0);
const ONE = constant(1);
const HALF = constant(0.5);
const HUNDRED = constant(100);

function kernel(most: boolean): Code {
  return [
    ...ASKS.flatMap((name) => keep(name, loadBoth(number(0), DOUBLE * ASKED[name]))),
    ...whileBelow(the('pair'), the('end'), [
      ...judgePair(most),
      ...keep('pair', advance(the('pair'), DOUBLE * PAIR)),
      ...keep('key', advance(the('key'), 2 * DOUBLE)),
    ]),
    ...FINDINGS.flatMap((name) => store(the('found'), DOUBLE * FOUND[name], the(name))),
  ];
}

function judgePair(most: boolean): Code {
  const short = or(isLess(slot('cpu'), the('filterCpu')), isLess(slot('memory'), the('filterMemory')));
  const about = sub(constant(100 + NEAR), mul(HALF, abs(sub(left('Cpu'), left('Memory')))));
  const near = isLess(sub(the('about'), the('after')), constant(2 * NEAR));
  const total = add(mul(the('shareWeight'), mean(most)), mul(the('evenWeight'), even()));
  return [
    ...keep('unfit', or(short, isLess(slot('pods'), the('filterPods')))),
    ...keep('leftCpu', sub(slot('cpu'), the('evenCpu'))),
    ...keep('leftMemory', sub(slot('memory'), the('evenMemory'))),
    ...keep('about', about),
    ...keep('after', floor(the('about'))),
    ...when(anyTrue(butNot(near, the('unfit'))), keep('after', balanceAsGo())),
    ...keep('sum', butNot(add(mul(total, constant(RANKS)), slot('rank')), the('unfit'))),
    ...store(the('key'), 0, the('sum')),
    ...keep('best', greater(the('best'), the('sum'))),
    ...keep('count', add(the('count'), butNot(ONE, the('unfit')))),
  ];
}

/** Percent left of the whole with the pod there; what is overcommitted has nothing left. */
function left(of: 'Cpu' | 'Memory'): Code {
  return mul(greater(ZERO, the(`left${of}`)), slot(`per${of}`));
}

function even(): Code {
  return floor(mul(HALF, add(the('after'), slot('uneven'))));
}

function mean(most: boolean): Code {
  const shares = add(mul(share('Cpu', most), the('cpuWeight')), mul(share('Memory', most), the('memoryWeight')));
  return floor(mul(shares, the('perWeight')));
}

function share(of: 'Cpu' | 'Memory', most: boolean): Code {
  const free = greater(ZERO, sub(slot(`nonZero${of}`), the(`share${of}`)));
  const percent = mul(free, slot(`per${of}`));
  return most ? sub(HUNDRED, ceil(sub(percent, constant(LESS)))) : floor(percent);
}

/** balanceOfTwo of the fractions used. */
function balanceAsGo(): Code {
  const used = (of: 'Cpu' | 'Memory'): Code =>
    lesser(ONE, div(sub(slot(`all${of}`), the(`left${of}`)), slot(`all${of}`)));
  const deviation = abs(mul(HALF, sub(used('Cpu'), used('Memory'))));
  return floor(mul(sub(ONE, deviation), HUNDRED));
}
