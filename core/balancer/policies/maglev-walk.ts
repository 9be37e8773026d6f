/**
 * The walk that fills a Maglev table: endpoints in turn take the next slot of their permutation that is free. In WebAssembly it
 * takes a third of the time of the plain loop, its twin and check: slots are looked at by twos or fours, next to none of the
 * branches is guessed wrong, and no index is checked.
 */
import { type Code, EMPTY, I32, name, PREAMBLE, section, signed, unsigned } from '../../wasm.ts';

/** Slots and endpoints of the greatest table. */
export const MAX_SLOTS = 131_072;
export const MAX_WALKERS = 65_535;

export interface MaglevWalk {
  /** By turn: the next slot to try, and the step to the one after. */
  readonly next: Int32Array;
  readonly skip: Int32Array;
  /** By turn: what is written into the slots that are taken. */
  readonly owners: Uint16Array;
  /** By slot: 1 where it is taken, and by whom. */
  readonly taken: Uint8Array;
  readonly slots: Uint16Array;
  /** So many turns of `count` endpoints, from this one on; gives whose turn is next. @param size of the table. */
  take(turn: number, turns: number, count: number, size: number): number;
}

/** @param plain the twin in JavaScript, even where there is WebAssembly. */
export function makeWalk(plain = typeof WebAssembly === 'undefined'): MaglevWalk {
  if (plain || WebAssembly === undefined) {
    const views = viewsOf(new ArrayBuffer(BYTES));
    return { ...views, take: (turn, turns, count, size) => takePlainly(views, turn, turns, count, size) };
  }
  const memory = new WebAssembly.Memory({ initial: BYTES / PAGE_BYTES });
  const views = viewsOf(memory.buffer);
  const [byTwos, byFours] = [2, 4].map((width) => compile(width, memory));
  return {
    ...views,
    take(turn, turns, count, size) {
      // Up to here one of two slots is free nearly always, and a second pair would be looked at in vain.
      const early = Math.min(turns, Math.floor(size * 0.4));
      return byFours(byTwos(turn, early, count, size), turns - early, count, size);
    },
  };
}

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | {
      Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
      Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
      Instance: new (module: object, imports: object) => { readonly exports: { take: MaglevWalk['take'] } };
    }
  | undefined;

const PAGE_BYTES = 65_536;
// Where the columns begin, in bytes.
const TAKEN = 0;
const SLOTS = TAKEN + MAX_SLOTS;
const NEXT = SLOTS + 2 * MAX_SLOTS;
const SKIP = NEXT + 4 * MAX_WALKERS;
const OWNERS = SKIP + 4 * MAX_WALKERS;
const BYTES = PAGE_BYTES * Math.ceil((OWNERS + 2 * MAX_WALKERS) / PAGE_BYTES);

function viewsOf(buffer: ArrayBuffer): Omit<MaglevWalk, 'take'> {
  return {
    next: new Int32Array(buffer, NEXT, MAX_WALKERS),
    skip: new Int32Array(buffer, SKIP, MAX_WALKERS),
    owners: new Uint16Array(buffer, OWNERS, MAX_WALKERS),
    taken: new Uint8Array(buffer, TAKEN, MAX_SLOTS),
    slots: new Uint16Array(buffer, SLOTS, MAX_SLOTS),
  };
}

function takePlainly(
  walk: Omit<MaglevWalk, 'take'>,
  first: number,
  turns: number,
  count: number,
  size: number,
): number {
  let turn = first;
  for (let left = turns; left > 0; left--) {
    takeSlot(walk, turn, size);
    turn = turn + 1 === count ? 0 : turn + 1;
  }
  return turn;
}

/** One slot for whose turn it is. A step goes back by size - skip and, below 0, forth by the size, without a branch. */
export function takeSlot(walk: Omit<MaglevWalk, 'take'>, turn: number, size: number): void {
  const { next, skip, owners, taken, slots } = walk;
  const step = skip[turn] - size;
  let slot = next[turn];
  while (taken[slot] !== 0) {
    slot += step;
    slot += (slot >> 31) & size;
  }
  taken[slot] = 1;
  slots[slot] = owners[turn];
  slot += step;
  next[turn] = slot + ((slot >> 31) & size);
}

// The kernel. Its locals, parameters first; `p0` to `p3` are the slots looked at.
const PARAMETERS = ['turn', 'turns', 'count', 'size'];
const LOCALS = [...PARAMETERS, 'at', 'step', 'jump', 'full', 'found', 'slot', 'p0', 'p1', 'p2', 'p3'];

const get = (local: string): Code => [0x20, ...unsigned(LOCALS.indexOf(local))];
const set = (local: string, value: Code): Code => [...value, 0x21, ...unsigned(LOCALS.indexOf(local))];
const number = (value: number): Code => [0x41, ...signed(value)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode];
const add = binary(0x6a);
const subtract = binary(0x6b);
const and = binary(0x71);
const or = binary(0x72);
const shiftLeft = binary(0x74);
const shiftRight = binary(0x75);
const equal = binary(0x46);
const below = binary(0x49);
const trailingOnes = (value: Code): Code => [...value, ...number(-1), 0x73, 0x68];
const when = (condition: Code, body: Code): Code => [...condition, 0x04, EMPTY, ...body, 0x0b];
const repeatWhile = (condition: Code, body: Code): Code => [0x03, EMPTY, ...body, ...condition, 0x0d, 0, 0x0b];
const select = (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b];
const loadByte = (address: Code, from: number): Code => [...address, 0x2d, 0, ...unsigned(from)];
const loadHalf = (address: Code, from: number): Code => [...address, 0x2f, 1, ...unsigned(from)];
const loadWord = (address: Code, from: number): Code => [...address, 0x28, 2, ...unsigned(from)];
const storeByte = (address: Code, value: Code, from: number): Code => [
  ...address,
  ...value,
  0x3a,
  0,
  ...unsigned(from),
];
const storeHalf = (address: Code, value: Code, from: number): Code => [
  ...address,
  ...value,
  0x3b,
  1,
  ...unsigned(from),
];
const storeWord = (address: Code, value: Code, from: number): Code => [
  ...address,
  ...value,
  0x36,
  2,
  ...unsigned(from),
];

/** A slot below 0 goes round. */
const setWrapped = (local: string, value: Code): Code => [
  ...set(local, value),
  ...set(local, add(get(local), and(shiftRight(get(local), number(31)), get('size')))),
];

/** @param width how many slots are looked at together, up to four. */
function kernel(width: number): Code {
  const slots = Array.from({ length: width }, (_, i) => `p${i}`);
  const look = set(
    'full',
    slots.map((slot, i) => shiftLeft(loadByte(get(slot), TAKEN), number(i))).reduce((a, b) => or(a, b)),
  );
  const allTaken = equal(get('full'), number(2 ** width - 1));
  const last = slots[width - 1];
  const turn: Code = [
    ...set('at', shiftLeft(get('turn'), number(2))),
    ...set('step', subtract(loadWord(get('at'), SKIP), get('size'))),
    ...set('p0', loadWord(get('at'), NEXT)),
    ...slots.slice(1).flatMap((slot, i) => setWrapped(slot, add(get(slots[i]), get('step')))),
    ...look,
    ...when(allTaken, [
      // As many steps at once, from the first to where the last one would go next: a step back, as all are.
      ...setWrapped('jump', add(get(last), get('step'))),
      ...setWrapped('jump', subtract(get('jump'), get('p0'))),
      ...set('jump', subtract(get('jump'), get('size'))),
      ...repeatWhile(allTaken, [...slots.flatMap((slot) => setWrapped(slot, add(get(slot), get('jump')))), ...look]),
    ]),
    ...set('found', trailingOnes(get('full'))),
    ...set('slot', get('p0')),
    ...slots.slice(1).flatMap((slot, i) => set('slot', select(below(number(i), get('found')), get(slot), get('slot')))),
    ...storeByte(get('slot'), number(1), TAKEN),
    ...storeHalf(shiftLeft(get('slot'), number(1)), loadHalf(shiftLeft(get('turn'), number(1)), OWNERS), SLOTS),
    ...setWrapped('slot', add(get('slot'), get('step'))),
    ...storeWord(get('at'), get('slot'), NEXT),
    ...set('turn', add(get('turn'), number(1))),
    ...set('turn', select(below(get('turn'), get('count')), get('turn'), number(0))),
    ...set('turns', subtract(get('turns'), number(1))),
  ];
  return [...when(get('turns'), repeatWhile(get('turns'), turn)), ...get('turn')];
}

function compile(width: number, memory: object): MaglevWalk['take'] {
  const own = LOCALS.length - PARAMETERS.length;
  const code = [1, ...unsigned(own), I32, ...kernel(width), 0x0b];
  const bytes = Uint8Array.from([
    ...PREAMBLE,
    ...section(1, [1, 0x60, PARAMETERS.length, ...PARAMETERS.map(() => I32), 1, I32]),
    ...section(2, [1, ...name('maglev'), ...name('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('take'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
  if (WebAssembly === undefined) throw new Error('no WebAssembly to compile for');
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { maglev: { memory } }).exports.take;
}
