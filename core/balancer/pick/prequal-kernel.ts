/**
 * Prequal in WebAssembly: choice and commitment in one, over the worker's pool of replies (tables/probe-pool.ts). The twin of
 * policies/prequal.ts, which says what is meant; what it does not do is left to that, and nothing is changed then.
 */
import type { Code } from '../../wasm.ts';
import { BUDGET, FOR_EVER, MAX_AGE_US, MIN_PROBES, RANKS } from '../policies/prequal.ts';
import { POOL_PLACES as AT, AUX, HEADER_WORDS, POOL, POOL_BYTES, VERSION } from '../tables/layout.ts';
import {
  aboveReal,
  add,
  and,
  below,
  call,
  drop,
  equal,
  isZero,
  type Kernel,
  leaveWith,
  less,
  lessLong,
  lessReal,
  loadLong,
  loadReal,
  loadWord,
  locals,
  multiply,
  number,
  real,
  repeatWhile,
  select,
  shiftLeft,
  shiftRightUnsigned,
  storeReal,
  storeWord,
  subtract,
  subtractReal,
  when,
  whileTrue,
} from '../wasm-code.ts';

const one = number(1);

/** Columns of the replies of the pool that the local `pool` is. */
function columns({ get, set }: ReturnType<typeof locals>) {
  const wordsAt = (entry: Code): Code => add(get('pool'), shiftLeft(entry, number(2)));
  const realsAt = (entry: Code): Code => add(get('pool'), shiftLeft(entry, number(3)));
  return {
    word: (entry: Code, column: number): Code => loadWord(wordsAt(entry), column),
    long: (entry: Code, column: number): Code => loadLong(realsAt(entry), column),
    real: (entry: Code, column: number): Code => loadReal(realsAt(entry), column),
    setWord: (entry: Code, column: number, value: Code): Code => storeWord(wordsAt(entry), value, column),
    setReal: (entry: Code, column: number, value: Code): Code => storeReal(realsAt(entry), value, column),
    /** The reply behind an entry comes to its place. */
    moveDown: (entry: Code): Code => [
      ...[AT.SLOTS, AT.RIFS, AT.USES].flatMap((column) =>
        storeWord(wordsAt(entry), loadWord(wordsAt(entry), column + 4), column),
      ),
      ...[AT.LATENCIES, AT.TIMES].flatMap((column) =>
        storeReal(realsAt(entry), loadReal(realsAt(entry), column + 8), column),
      ),
    ],
    next: (local: string): Code => set(local, add(get(local), one)),
  };
}

/** Takes a reply out of a pool. */
export function removeKernel(): Kernel {
  const parameters = ['pool', 'entry'];
  const words = ['count'];
  const own = locals(parameters, words);
  const { get, set } = own;
  const { moveDown, next } = columns(own);
  const body: Code = [
    ...set('count', subtract(loadWord(get('pool'), AT.COUNT), one)),
    ...storeWord(get('pool'), get('count'), AT.COUNT),
    ...whileTrue(below(get('entry'), get('count')), [...moveDown(get('entry')), ...next('entry')]),
    ...number(0),
  ];
  return { name: 'remove', parameters, words, body };
}

/** Where things are, in bytes; and the place of the function that removes a reply. */
export interface PrequalPlaces {
  pools: number;
  arena: number;
  remove: number;
  /** The answer that leaves the pick to policies/prequal.ts. */
  elsewhere: number;
}

const PARAMETER_WORDS = ['service', 'region'];
const TIME = ['nowUs'];
const WORDS = ['pool', 'count', 'added', 'i', 'best', 'threshold', 'slot', 'rif', 'used', 'budget'];
const LONGS = ['least', 'next'];
const REALS = ['latency', 'time'];
const own = locals(PARAMETER_WORDS, TIME, WORDS, LONGS, REALS);
const { get, set } = own;
const reply = columns(own);

/** The endpoint. Parameters: the service, its region in bytes of the arena, and the time. */
export function prequalKernel(places: PrequalPlaces): Kernel {
  const added = (word: number): Code => loadWord(get('added'), places.arena + 4 * word);
  const body: Code = [
    ...set('pool', add(multiply(get('service'), number(POOL_BYTES)), number(places.pools))),
    ...set('count', loadWord(get('pool'), AT.COUNT)),
    ...leaveOthers(places),
    ...set('added', shiftLeft(loadWord(get('region'), places.arena + 4 * (HEADER_WORDS + AUX)), number(2))),
    ...set('i', loadWord(add(get('added'), shiftLeft(get('count'), number(2))), places.arena + 4 * (RANKS - 1))),
    ...best(),
    ...raise(),
    ...set('budget', added(BUDGET)),
    ...when(less(get('budget'), number(FOR_EVER)), dropUsed(places.remove)),
    ...dropOne(places.remove),
    ...get('slot'),
  ];
  return {
    name: 'prequal',
    parameters: PARAMETER_WORDS,
    realParameters: TIME,
    words: WORDS,
    longs: LONGS,
    reals: REALS,
    body,
  };
}

/** Too few replies, or some that may be too old, or of endpoints that are not known to be there. */
function leaveOthers({ arena, elsewhere }: PrequalPlaces): Code {
  const leave = (condition: Code): Code => when(condition, leaveWith(number(elsewhere)));
  const version = loadWord(get('region'), arena + 4 * VERSION);
  const group = add(shiftRightUnsigned(get('region'), number(2)), number(HEADER_WORDS));
  return [
    ...leave(less(get('count'), number(MIN_PROBES))),
    ...leave(isZero(equal(loadWord(get('pool'), AT.VERSION), version))),
    ...leave(isZero(equal(loadWord(get('pool'), AT.GROUP), group))),
    ...leave(aboveReal(subtractReal(get('nowUs'), loadReal(get('pool'), AT.OLDEST_US)), real(MAX_AGE_US))),
  ];
}

/** Sets `best` and its `slot`: of those up to the `i`-th by requests in flight the one of least latency. */
function best(): Code {
  const isCold = isZero(less(get('threshold'), reply.word(get('i'), AT.RIFS)));
  return [
    ...set('threshold', reply.word(get('i'), AT.RIFS)),
    ...reply.next('i'),
    // As many in flight as the last cold one.
    ...whileTrue(and(less(get('i'), get('count')), isCold), reply.next('i')),
    ...set('used', get('i')),
    ...leastLatency(less(get('i'), get('used'))),
    ...set('slot', reply.word(get('best'), AT.SLOTS)),
  ];
}

/** Sets `best`, from latencies as long words: none is negative, and so they are in the order of their bits, and no branch is needed. */
function leastLatency(condition: Code): Code {
  const isLess = lessLong(get('next'), get('least'));
  return [
    ...set('best', number(0)),
    ...set('least', reply.long(number(0), AT.LATENCIES)),
    ...set('i', one),
    ...whileTrue(condition, [
      ...set('next', reply.long(get('i'), AT.LATENCIES)),
      ...set('best', select(isLess, get('i'), get('best'))),
      ...set('least', select(isLess, get('next'), get('least'))),
      ...reply.next('i'),
    ]),
  ];
}

/** One more request goes there: of its replies that with the least in flight tells so, and moves up. */
function raise(): Code {
  const next = add(get('i'), one);
  const isBehind = and(less(next, get('count')), less(reply.word(next, AT.RIFS), get('rif')));
  return [
    ...set('i', number(0)),
    ...whileTrue(isZero(equal(reply.word(get('i'), AT.SLOTS), get('slot'))), reply.next('i')),
    ...set('rif', add(reply.word(get('i'), AT.RIFS), one)),
    ...set('used', add(reply.word(get('i'), AT.USES), one)),
    ...when(isBehind, [
      ...set('latency', reply.real(get('i'), AT.LATENCIES)),
      ...set('time', reply.real(get('i'), AT.TIMES)),
      ...repeatWhile(isBehind, [...reply.moveDown(get('i')), ...reply.next('i')]),
      ...reply.setWord(get('i'), AT.SLOTS, get('slot')),
      ...reply.setReal(get('i'), AT.LATENCIES, get('latency')),
      ...reply.setReal(get('i'), AT.TIMES, get('time')),
    ]),
    ...reply.setWord(get('i'), AT.RIFS, get('rif')),
    ...reply.setWord(get('i'), AT.USES, get('used')),
  ];
}

/** Replies that were used as often as they may be, from the last to the first. */
function dropUsed(remove: number): Code {
  return [
    ...set('i', get('count')),
    ...whileTrue(get('i'), [
      ...set('i', subtract(get('i'), one)),
      ...when(isZero(less(reply.word(get('i'), AT.USES), get('budget'))), drop(call(remove, get('pool'), get('i')))),
    ]),
  ];
}

/** The oldest or the worst in turns; below half of the pool none. */
function dropOne(remove: number): Code {
  const isOlder = lessReal(reply.real(get('i'), AT.TIMES), reply.real(get('best'), AT.TIMES));
  return [
    ...set('count', loadWord(get('pool'), AT.COUNT)),
    ...when(less(number(POOL / 2), get('count')), [
      ...set('best', subtract(get('count'), one)),
      ...set('used', loadWord(get('pool'), AT.WORST_NEXT)),
      ...when(isZero(get('used')), [
        ...set('best', number(0)),
        ...set('i', one),
        ...whileTrue(less(get('i'), get('count')), [
          ...set('best', select(isOlder, get('i'), get('best'))),
          ...reply.next('i'),
        ]),
      ]),
      ...drop(call(remove, get('pool'), get('best'))),
      ...storeWord(get('pool'), isZero(get('used')), AT.WORST_NEXT),
    ]),
  ];
}
