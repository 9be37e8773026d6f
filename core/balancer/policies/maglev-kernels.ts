/**
 * What fills a Maglev table in WebAssembly, over the columns of maglev-walk.ts. Endpoints take turns, and each takes the next slot
 * of its permutation that is free. Whether a slot is free nobody can foresee, and a branch on it costs more than ten probes, so:
 *
 *   `twos`   while most slots are free: two are looked at together;
 *   `lists`  then: an endpoint looks ahead without a branch, and lists the free slots it passes for its next turns. What others
 *            took meanwhile it skips. The list ends with the slot after the last, which is always free;
 *   `last`   when few are free: those are compared by their place in the permutation, four at a time.
 */
import { type Code, unsigned } from '../../wasm.ts';
import {
  add,
  and,
  below,
  call,
  compile,
  divide,
  drop,
  equal,
  isZero,
  type Kernel,
  lanes,
  lanewise,
  loadByte,
  loadHalf,
  loadLanes,
  loadWord,
  locals,
  multiply,
  number,
  ofLanes,
  or,
  repeatWhile,
  select,
  shiftLeft,
  shiftRight,
  splat,
  storeByte,
  storeHalf,
  storeWord,
  subtract,
  when,
} from '../wasm-code.ts';

/** Where columns begin, in bytes; by turn or by slot as in MaglevWalk. */
export interface Places {
  /** A byte a slot, one more than the greatest table has. */
  free: number;
  slots: number;
  next: number;
  skip: number;
  owners: number;
  /** By turn: where in its list an endpoint stands, in bytes from 0. */
  cursors: number;
  lists: number;
  /** By turn: the inverse of the step, 0 where it was not asked for. */
  inverses: number;
  /** The slots that are free at last. */
  last: number;
}

export interface Kernels {
  /** So many turns of `count` endpoints, from this one on; gives whose turn is next. @param size of the table. */
  twos(turn: number, turns: number, count: number, size: number): number;
  /** The same. @param shift 2^shift words a list. @param ahead slots to list at least, at most 2^shift - 5. */
  lists(turn: number, turns: number, count: number, size: number, shift: number, ahead: number): number;
  /** All that are left. @param turns free slots: below 4096, and so many words are at `last`, and four more. */
  last(turn: number, turns: number, count: number, size: number): number;
}

const half = (index: Code): Code => shiftLeft(index, number(1));

// Four lanes of 32 bits.
const addLanes = lanewise(0xae);
const subtractLanes = lanewise(0xb1);
const multiplyLanes = lanewise(0xb5);
const leastOfLanes = lanewise(0xb7);
const multiplyReals = lanewise(0xe6);
const addReals = lanewise(0xe4);
const realsOf = ofLanes(0xfa);
const shiftLanes = (value: Code, by: number): Code => [...value, ...number(by), ...lanes(0xab)];
const anyByte = ofLanes(0x53);
const lane = (value: Code, i: number): Code => [...value, ...lanes(0x1b), i];
const storeLanes = (address: Code, value: Code, from: number): Code => [
  ...address,
  ...value,
  ...lanes(0x0b),
  2,
  ...unsigned(from),
];
const constantLanes = (words: readonly number[]): Code => [
  ...lanes(0x0c),
  ...new Uint8Array(Int32Array.from(words).buffer),
];

const allLanes = (word: number): Code => constantLanes([word, word, word, word]);

const TURN = ['turn', 'turns', 'count', 'size'];

/** Locals, and what kernels of turns say again and again. */
function over(...names: readonly (readonly string[])[]) {
  const { get, set } = locals(...names);
  return {
    get,
    set,
    /** A slot below 0 goes round. */
    setWrapped: (local: string, value: Code): Code => [
      ...set(local, value),
      ...set(local, add(get(local), and(shiftRight(get(local), number(31)), get('size')))),
    ],
    nextTurn: [
      ...set('turn', add(get('turn'), number(1))),
      ...set('turn', select(below(get('turn'), get('count')), get('turn'), number(0))),
      ...set('turns', subtract(get('turns'), number(1))),
    ] as Code,
  };
}

/** `p0` and `p1` are looked at together. */
function twos(places: Places): Kernel {
  const words = ['at', 'step', 'jump', 'full', 'found', 'slot', 'p0', 'p1'];
  const { get, set, setWrapped, nextTurn } = over(TURN, words);
  const look = set('full', or(loadByte(get('p0'), places.free), half(loadByte(get('p1'), places.free))));
  const noneFree = isZero(get('full'));
  const turn: Code = [
    ...set('at', shiftLeft(get('turn'), number(2))),
    ...set('step', subtract(loadWord(get('at'), places.skip), get('size'))),
    ...set('p0', loadWord(get('at'), places.next)),
    ...setWrapped('p1', add(get('p0'), get('step'))),
    ...look,
    ...when(noneFree, [
      // As many steps at once, from the first to where the last one would go next: a step back, as all are.
      ...setWrapped('jump', add(get('p1'), get('step'))),
      ...setWrapped('jump', subtract(get('jump'), get('p0'))),
      ...set('jump', subtract(get('jump'), get('size'))),
      ...repeatWhile(noneFree, [...['p0', 'p1'].flatMap((p) => setWrapped(p, add(get(p), get('jump')))), ...look]),
    ]),
    ...set('slot', select(and(get('full'), number(1)), get('p0'), get('p1'))),
    ...storeByte(get('slot'), number(0), places.free),
    ...storeHalf(half(get('slot')), loadHalf(half(get('turn')), places.owners), places.slots),
    ...setWrapped('slot', add(get('slot'), get('step'))),
    ...storeWord(get('at'), get('slot'), places.next),
    ...nextTurn,
  ];
  const body: Code = [...when(get('turns'), repeatWhile(get('turns'), turn)), ...get('turn')];
  return { name: 'twos', parameters: TURN, words, body };
}

/** Lists what is free before an endpoint: `ahead` slots at least, in the order of its permutation. */
function look(places: Places): Kernel {
  const parameters = ['turn', 'size', 'shift', 'ahead'];
  const slots = ['p0', 'p1', 'p2', 'p3'];
  const words = ['cursor', 'end', 'jump', ...slots];
  const { get, set, setWrapped } = over(parameters, words);
  const at = shiftLeft(get('turn'), number(2));
  const step = subtract(loadWord(at, places.skip), get('size'));
  const body: Code = [
    ...set('p0', loadWord(at, places.next)),
    ...set('jump', step),
    ...slots.slice(1).flatMap((slot, i) => setWrapped(slot, add(get(slots[i]), get('jump')))),
    // Four steps at once, from the first to where the last one would go next: a step back, as all are.
    ...setWrapped('jump', add(get('p3'), get('jump'))),
    ...set('jump', subtract(get('jump'), get('p0'))),
    ...setWrapped('jump', get('jump')),
    ...set('jump', subtract(get('jump'), get('size'))),
    ...set('cursor', shiftLeft(get('turn'), add(get('shift'), number(2)))),
    ...storeWord(at, get('cursor'), places.cursors),
    ...set('end', add(get('cursor'), shiftLeft(get('ahead'), number(2)))),
    ...repeatWhile(
      below(get('cursor'), get('end')),
      slots.flatMap((slot) => [
        ...storeWord(get('cursor'), get(slot), places.lists),
        ...set('cursor', add(get('cursor'), shiftLeft(loadByte(get(slot), places.free), number(2)))),
        ...setWrapped(slot, add(get(slot), get('jump'))),
      ]),
    ),
    ...storeWord(get('cursor'), get('size'), places.lists),
    ...storeWord(at, get('p0'), places.next),
    ...number(0),
  ];
  return { name: 'look', parameters, words, body };
}

function lists(places: Places): Kernel {
  const parameters = [...TURN, 'shift', 'ahead'];
  const words = ['at', 'slot', 'other', 'cursor', 'isFree'];
  const { get, set, nextTurn } = over(parameters, words);
  // The first function of the module.
  const lookAhead = drop(call(0, get('turn'), get('size'), get('shift'), get('ahead')));
  const take: Code = [
    ...set('slot', loadWord(get('cursor'), places.lists)),
    ...set('other', loadWord(get('cursor'), places.lists + 4)),
    ...set('isFree', loadByte(get('slot'), places.free)),
    ...set('slot', select(get('isFree'), get('slot'), get('other'))),
    ...set('cursor', add(get('cursor'), subtract(number(8), shiftLeft(get('isFree'), number(2))))),
  ];
  const taken = isZero(or(get('isFree'), loadByte(get('other'), places.free)));
  const turn: Code = [
    ...set('at', shiftLeft(get('turn'), number(2))),
    ...set('cursor', loadWord(get('at'), places.cursors)),
    ...repeatWhile(taken, take),
    ...when(equal(get('slot'), get('size')), [
      ...lookAhead,
      ...set('cursor', loadWord(get('at'), places.cursors)),
      ...take,
    ]),
    ...storeByte(get('slot'), number(0), places.free),
    ...storeHalf(half(get('slot')), loadHalf(half(get('turn')), places.owners), places.slots),
    ...storeWord(get('at'), get('cursor'), places.cursors),
    ...nextTurn,
  ];
  const body: Code = [...when(get('turns'), repeatWhile(get('turns'), turn)), ...get('turn')];
  return { name: 'lists', parameters, words, body };
}

/** Added to a real, it leaves the nearest whole number in the lower bits. */
const MAGIC = 1.5 * 2 ** 23;
const MAGIC_BITS = new Int32Array(Float32Array.of(MAGIC).buffer)[0];
/** Bits of a place in the list of free slots, below the steps to it. */
const PLACE_BITS = 12;

/**
 * Of those free, the one that is fewest steps away: (slot - next) × step^-1, modulo the size. Quotients are of single precision,
 * so that they are off by one at most, and the remainder is made good without a branch.
 */
function last(places: Places): Kernel {
  const words = ['at', 'k', 'end', 'from', 'slot', 'step', 'inverse', 'a', 'b', 'x', 'y', 'quotient', 'rest', 'least'];
  const vectors = ['starts', 'inverses', 'sizes', 'shares', 'places', 'best', 'distance', 'steps'];
  const { get, set, nextTurn } = over(TURN, words, vectors);
  const word = (index: Code): Code => shiftLeft(index, number(2));
  const f32 = (value: Code): Code => [...value, 0xb2];
  const gather: Code = [
    ...set('k', number(0)),
    ...set('slot', number(0)),
    ...repeatWhile(below(get('slot'), get('size')), [
      ...set('end', add(get('slot'), number(16))),
      // Nearly all are taken.
      ...when(anyByte(loadLanes(get('slot'), places.free)), [
        ...repeatWhile(below(get('slot'), get('end')), [
          ...storeWord(word(get('k')), get('slot'), places.last),
          ...set('k', add(get('k'), loadByte(get('slot'), places.free))),
          ...set('slot', add(get('slot'), number(1))),
        ]),
      ]),
      ...set('slot', get('end')),
    ]),
  ];
  const invert: Code = [
    ...set('a', get('step')),
    ...set('b', get('size')),
    ...set('x', number(1)),
    ...set('y', number(0)),
    ...repeatWhile(get('b'), [
      ...set('quotient', divide(get('a'), get('b'))),
      ...set('rest', subtract(get('a'), multiply(get('quotient'), get('b')))),
      ...set('a', get('b')),
      ...set('b', get('rest')),
      ...set('rest', subtract(get('x'), multiply(get('quotient'), get('y')))),
      ...set('x', get('y')),
      ...set('y', get('rest')),
    ]),
    ...set('inverse', add(get('x'), and(shiftRight(get('x'), number(31)), get('size')))),
    ...storeWord(get('at'), get('inverse'), places.inverses),
  ];
  const nearest: Code = [
    ...set('starts', splat(get('from'))),
    ...set('inverses', splat(get('inverse'))),
    // The share of the size that a step back is: inverse / size.
    ...set('shares', [...f32(get('inverse')), ...f32(get('size')), 0x95, ...lanes(0x13)]),
    ...set('places', constantLanes([0, 1, 2, 3])),
    ...set('best', allLanes(-1)),
    ...set('k', number(0)),
    ...repeatWhile(below(get('k'), get('turns')), [
      ...set('distance', subtractLanes(loadLanes(word(get('k')), places.last), get('starts'))),
      ...set(
        'steps',
        subtractLanes(
          multiplyLanes(get('distance'), get('inverses')),
          multiplyLanes(
            subtractLanes(
              addReals(multiplyReals(realsOf(get('distance')), get('shares')), allLanes(MAGIC_BITS)),
              allLanes(MAGIC_BITS),
            ),
            get('sizes'),
          ),
        ),
      ),
      ...set('steps', leastOfLanes(get('steps'), addLanes(get('steps'), get('sizes')))),
      ...set('best', leastOfLanes(get('best'), addLanes(shiftLanes(get('steps'), PLACE_BITS), get('places')))),
      ...set('places', addLanes(get('places'), allLanes(4))),
      ...set('k', add(get('k'), number(4))),
    ]),
    ...set('least', lane(get('best'), 0)),
    ...[1, 2, 3].flatMap((i) =>
      set('least', select(below(lane(get('best'), i), get('least')), lane(get('best'), i), get('least'))),
    ),
    ...set('k', word(and(get('least'), number(2 ** PLACE_BITS - 1)))),
  ];
  const turn: Code = [
    ...set('at', word(get('turn'))),
    ...set('from', loadWord(get('at'), places.next)),
    ...set('step', loadWord(get('at'), places.skip)),
    ...set('inverse', loadWord(get('at'), places.inverses)),
    ...when(isZero(get('inverse')), invert),
    // What stands behind the last free slot is the first one, which then comes first of equals.
    ...storeLanes(word(get('turns')), splat(loadWord(number(0), places.last)), places.last),
    ...nearest,
    ...set('slot', loadWord(get('k'), places.last)),
    ...storeWord(get('k'), loadWord(word(subtract(get('turns'), number(1))), places.last), places.last),
    ...storeByte(get('slot'), number(0), places.free),
    ...storeHalf(half(get('slot')), loadHalf(half(get('turn')), places.owners), places.slots),
    ...set('slot', subtract(add(get('slot'), get('step')), get('size'))),
    ...storeWord(get('at'), add(get('slot'), and(shiftRight(get('slot'), number(31)), get('size'))), places.next),
    ...nextTurn,
  ];
  const body: Code = [
    ...set('sizes', splat(get('size'))),
    ...gather,
    ...when(get('turns'), repeatWhile(get('turns'), turn)),
    ...get('turn'),
  ];
  return { name: 'last', parameters: TURN, words, vectors, body };
}

export function compileKernels(places: Places, memory: object): Kernels {
  return compile<Kernels>([look(places), twos(places), lists(places), last(places)], memory, false);
}
