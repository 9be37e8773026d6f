/**
 * The walk that fills a Maglev table: endpoints in turn take the next slot of their permutation that is free. In WebAssembly
 * (maglev-kernels.ts) it takes a fifth of the time of the plain loop, its twin and check.
 */
import { compileKernels, type Kernels, type Places } from './maglev-kernels.ts';

/** Slots and endpoints of the greatest table. */
export const MAX_SLOTS = 131_072;
export const MAX_WALKERS = 65_535;

/** Columns by turn and by slot, and what fills the table. */
export interface MaglevWalk {
  /** By turn: the next slot to try, and the step to the one after. */
  readonly next: Int32Array;
  readonly skip: Int32Array;
  /** By turn: what is written into the slots that are taken. */
  readonly owners: Uint16Array;
  /** By slot: 1 where it is free, and whose it is. Behind the last slot of a table there is 0. */
  readonly free: Uint8Array;
  readonly slots: Uint16Array;
  /** Fills the table by turns of `count` endpoints, from the first on. @param size of the table; all of it is free. */
  takeAll(count: number, size: number): void;
}

type Columns = Omit<MaglevWalk, 'takeAll'>;

/** @param plain the twin in JavaScript, even where there is WebAssembly. */
export function makeWalk(plain = typeof WebAssembly === 'undefined'): MaglevWalk {
  if (plain || WebAssembly === undefined) {
    const columns = columnsOf(new ArrayBuffer(BYTES));
    return { ...columns, takeAll: (count, size) => takePlainly(columns, count, size) };
  }
  const memory = new WebAssembly.Memory({ initial: BYTES / PAGE_BYTES });
  const columns = columnsOf(memory.buffer);
  const lists: Lists = {
    cursors: new Int32Array(memory.buffer, PLACES.cursors, MAX_WALKERS),
    words: new Int32Array(memory.buffer, PLACES.lists, 2 ** LIST_WORDS),
    inverses: new Int32Array(memory.buffer, PLACES.inverses, MAX_WALKERS),
  };
  const kernels = compileKernels(PLACES, memory);
  return { ...columns, takeAll: (count, size) => takeByKernels(kernels, columns, lists, count, size) };
}

/** What of JavaScript's WebAssembly is used here; no library of types in use declares it. */
declare const WebAssembly:
  | { Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer } }
  | undefined;

interface Lists {
  cursors: Int32Array;
  words: Int32Array;
  inverses: Int32Array;
}

const PAGE_BYTES = 65_536;
/** Words of all lists, as a power of two. */
const LIST_WORDS = 19;
/** Free slots that are compared at last, at most: there are some 1.2 × the root of all. */
const MAX_LAST = 512;
const [PLACES, BYTES] = placesOf();

/** By sixteens. */
function placesOf(): [Places, number] {
  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / 16) * 16;
    return at;
  };
  const places: Places = {
    free: place(MAX_SLOTS + 16),
    slots: place(2 * MAX_SLOTS),
    next: place(4 * MAX_WALKERS),
    skip: place(4 * MAX_WALKERS),
    owners: place(2 * MAX_WALKERS),
    cursors: place(4 * MAX_WALKERS),
    lists: place(4 * 2 ** LIST_WORDS),
    inverses: place(4 * MAX_WALKERS),
    last: place(4 * (MAX_LAST + 4)),
  };
  return [places, PAGE_BYTES * Math.ceil(end / PAGE_BYTES)];
}

function columnsOf(buffer: ArrayBuffer): Columns {
  return {
    next: new Int32Array(buffer, PLACES.next, MAX_WALKERS),
    skip: new Int32Array(buffer, PLACES.skip, MAX_WALKERS),
    owners: new Uint16Array(buffer, PLACES.owners, MAX_WALKERS),
    free: new Uint8Array(buffer, PLACES.free, MAX_SLOTS + 1),
    slots: new Uint16Array(buffer, PLACES.slots, MAX_SLOTS),
  };
}

/** Of all slots: up to here one of two is free nearly always. */
const EARLY = 0.4;
/** A list is made for as many turns as take this part of the free slots: others take so many of those that are listed. */
const LISTED = 0.5;
const MIN_LISTED = 2;
/** From stage to stage lists get shorter with what is free. */
const STAGE = 0.6;

function takeByKernels(kernels: Kernels, columns: Columns, lists: Lists, count: number, size: number): void {
  // Where so few are free, to compare all takes no longer than to look for one.
  const few = Math.floor(1.2 * Math.sqrt(size));
  let free = Math.ceil(size * (1 - EARLY));
  let turn = kernels.twos(0, size - free, count, size);
  const shift = Math.min(6, LIST_WORDS - 32 + Math.clz32(count - 1));
  openLists(lists, columns, count, size, shift);
  while (free > few) {
    const ahead = Math.max(MIN_LISTED, Math.min(2 ** shift - 5, Math.round((LISTED * free) / count)));
    const until = Math.max(few, Math.floor(STAGE * free));
    turn = kernels.lists(turn, free - until, count, size, shift, ahead);
    free = until;
  }
  closeLists(lists, columns, count, size);
  lists.inverses.fill(0, 0, count);
  kernels.last(turn, few, count, size);
}

/** All lists are empty: they say where they end. */
function openLists({ words, cursors }: Lists, { free }: Columns, count: number, size: number, shift: number): void {
  free[size] = 1;
  for (let turn = 0; turn < count; turn++) {
    words[turn << shift] = size;
    cursors[turn] = turn << (shift + 2);
  }
}

/** What is left of a list stands before the slot to look at next. */
function closeLists({ words, cursors }: Lists, { free, next }: Columns, count: number, size: number): void {
  free[size] = 0;
  for (let turn = 0; turn < count; turn++) {
    const slot = words[cursors[turn] >> 2];
    if (slot !== size) next[turn] = slot;
  }
}

function takePlainly(columns: Columns, count: number, size: number): void {
  for (let n = 0, turn = 0; n < size; n++) {
    takeSlot(columns, turn, size);
    turn = turn + 1 === count ? 0 : turn + 1;
  }
}

/** One slot for whose turn it is. A step goes back by size - skip and, below 0, forth by the size, without a branch. */
export function takeSlot({ next, skip, owners, free, slots }: Columns, turn: number, size: number): void {
  const step = skip[turn] - size;
  let slot = next[turn];
  while (free[slot] === 0) {
    slot += step;
    slot += (slot >> 31) & size;
  }
  free[slot] = 0;
  slots[slot] = owners[turn];
  slot += step;
  next[turn] = slot + ((slot >> 31) & size);
}
