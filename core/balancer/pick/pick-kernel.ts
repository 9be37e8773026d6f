/**
 * The pick of a service that has one group and nothing before it, by the policies of O(1), as one function of WebAssembly: no
 * column is looked up, no index checked, no number converted. Each part is the twin of the policy's `choose`, which says
 * what is meant and explains it; this one gives the same endpoint from the same draws, or leaves the pick to it.
 */

import type { Code } from '../../wasm.ts';
import { leastRequest } from '../policies/least-request.ts';
import { maglev, TABLE } from '../policies/maglev.ts';
import { HALVING_US, peakEwma } from '../policies/peak-ewma.ts';
import { prequal } from '../policies/prequal.ts';
import { random } from '../policies/random.ts';
import { policyCode } from '../policies/registry.ts';
import { BUCKETS, GUARD, ringHash } from '../policies/ring-hash.ts';
import { roundRobin } from '../policies/round-robin.ts';
import { weighted } from '../policies/weighted.ts';
import {
  AUX,
  AUX_SIZE,
  COST_LOG,
  COST_TIME,
  GROUP_COUNT,
  HEADER_WORDS,
  LOGS,
  MARK_DOUBLES,
  ONLY,
  PARAMETERS,
  type SharedTables,
  SLOTS,
} from '../tables/layout.ts';
import {
  aboveReal,
  add,
  addReal,
  below,
  call,
  compile,
  equal,
  equalReal,
  isZero,
  type Kernel,
  leaveWith,
  less,
  lessReal,
  loadAtomic,
  loadHalf,
  loadReal,
  loadWord,
  locals,
  multiply,
  multiplyReal,
  number,
  or,
  real,
  realOf,
  remainder,
  repeatWhile,
  rotateLeft,
  select,
  shiftLeft,
  shiftRightUnsigned,
  storeWord,
  subtract,
  subtractReal,
  upperHalf,
  when,
  xor,
} from '../wasm-code.ts';
import { prequalKernel, removeKernel } from './prequal-kernel.ts';

/** The pick is another's: of stages, of a policy that is not here, of endpoints that nothing is known of. */
export const ELSEWHERE = -2;

export type PickKernel = (service: number, client: number, nowUs: number) => number;

/** The endpoint, -1 where the service has none, or ELSEWHERE with no draw made. */
export function makePickKernel({ memory, places }: SharedTables, worker: number): PickKernel {
  if (!('buffer' in memory)) return () => ELSEWHERE;
  const own: Own = {
    directory: places.directory,
    arena: places.arena,
    logs: places.logs,
    loads: places.loads[worker],
    marks: places.marks[worker],
    draws: places.draws[worker],
    cursors: places.cursors[worker],
  };
  const byProbes = prequalKernel({
    pools: places.pools[worker],
    arena: own.arena,
    remove: REMOVE,
    elsewhere: ELSEWHERE,
  });
  return compile<{ pick: PickKernel }>([removeKernel(), byProbes, pickKernel(own)], memory, true).pick;
}

// Functions of the module by their places.
const REMOVE = 0;
const PREQUAL = 1;

/** Where columns begin, in bytes. */
interface Own {
  directory: number;
  arena: number;
  logs: number;
  loads: number;
  marks: number;
  draws: number;
  cursors: number;
}

const PARAMETERS_IN = ['service', 'client'];
const TIME = ['nowUs'];
const WORDS = [
  'region',
  'code',
  'group',
  'count',
  'draw',
  'first',
  'second',
  'slots',
  'slot',
  'other',
  'at',
  'present',
  'otherPresent',
  's1',
  's2',
  's3',
];
const REALS = ['log', 'otherLog'];
const { get, set } = locals(PARAMETERS_IN, TIME, WORDS, REALS);

/** In bytes. */
const word = (index: Code): Code => shiftLeft(index, number(2));

function pickKernel(own: Own): Kernel {
  const header = (field: number): Code => loadWord(get('region'), own.arena + 4 * field);
  const group = (field: number): Code => header(HEADER_WORDS + field);
  const isOnly = (name: string): Code => equal(get('code'), number(policyCode(name)));
  const endpointAt = (index: Code): Code => loadWord(word(add(get('slots'), index)), own.arena);
  const body: Code = [
    ...set('region', loadAtomic(word(get('service')), own.directory)),
    ...when(isZero(get('region')), leaveWith(number(-1))),
    ...set('region', word(get('region'))),
    ...set('code', header(ONLY)),
    ...set('count', group(GROUP_COUNT)),
    ...set('slots', group(SLOTS)),
    ...when(isOnly(random.name), [...draw(own), ...leaveWith(endpointAt(upperHalf(get('draw'), get('count'))))]),
    ...when(isOnly(maglev.name), leaveWith(endpointAt(maglevIndex(own, group)))),
    ...when(isOnly(leastRequest.name), lessLoaded(own, endpointAt)),
    ...when(isOnly(peakEwma.name), cheaper(own, group, endpointAt)),
    ...when(isOnly(roundRobin.name), [...nextInTurn(own), ...leaveWith(endpointAt(get('first')))]),
    ...when(isOnly(weighted.name), [...draw(own), ...leaveWith(endpointAt(aliased(own, group)))]),
    ...when(isOnly(ringHash.name), leaveWith(endpointAt(ringIndex(own, group)))),
    ...when(isOnly(prequal.name), leaveWith(call(PREQUAL, get('service'), get('region'), get('nowUs')))),
    ...number(ELSEWHERE),
  ];
  return { name: 'pick', parameters: PARAMETERS_IN, realParameters: TIME, words: WORDS, reals: REALS, body };
}

/** tables/draws.ts: the next word, not yet taken. */
function nextDraw({ draws }: Own): Code {
  const state = (i: number): Code => loadWord(number(draws), 4 * i);
  return [...set('s1', state(1)), ...set('s3', state(3)), ...set('draw', add(add(state(0), get('s1')), get('s3')))];
}

/** It is taken: the state moves on. */
function takeDraw({ draws }: Own): Code {
  const put = (i: number, value: Code): Code => storeWord(number(draws), value, 4 * i);
  return [
    ...set('s2', loadWord(number(draws), 8)),
    ...put(0, xor(get('s1'), shiftRightUnsigned(get('s1'), number(9)))),
    ...put(1, add(get('s2'), shiftLeft(get('s2'), number(3)))),
    ...put(2, add(rotateLeft(get('s2'), number(21)), get('draw'))),
    ...put(3, add(get('s3'), number(1))),
  ];
}

function draw(own: Own): Code {
  return [...nextDraw(own), ...takeDraw(own)];
}

/** A cursor is beyond the last where the set has shrunk, or at the beginning. */
function nextInTurn({ cursors }: Own): Code {
  const after = add(get('first'), number(1));
  return [
    ...set('at', word(get('service'))),
    ...set('first', loadWord(get('at'), cursors)),
    ...when(isZero(below(get('first'), get('count'))), set('first', remainder(get('first'), get('count')))),
    ...storeWord(get('at'), select(below(after, get('count')), after, number(0)), cursors),
  ];
}

type Field = (field: number) => Code;

function maglevIndex({ arena }: Own, group: Field): Code {
  const slot = remainder(get('client'), group(AUX_SIZE));
  return loadHalf(add(word(group(AUX)), shiftLeft(slot, number(1))), arena + 4 * TABLE);
}

function aliased({ arena }: Own, group: Field): Code {
  return [
    ...set('first', upperHalf(get('draw'), get('count'))),
    ...set('at', word(add(group(AUX), shiftLeft(get('first'), number(1))))),
    ...select(
      below(loadWord(get('at'), arena), multiply(get('draw'), get('count'))),
      loadWord(get('at'), arena + 4),
      get('first'),
    ),
  ];
}

/** The first of three points that is not before the hash, or on to the next three. */
function ringIndex({ arena }: Own, group: Field): Code {
  const [shift, positions, point, passed] = ['present', 'other', 'second', 'first'];
  const before = (i: number): Code => below(loadWord(get('at'), arena + 4 * i), get('client'));
  return [
    ...set('slot', group(AUX)),
    ...set(shift, loadWord(word(get('slot')), arena)),
    ...set(positions, add(add(get('slot'), number(BUCKETS)), shiftLeft(number(1), subtract(number(32), get(shift))))),
    ...set(point, loadWord(word(add(get('slot'), shiftRightUnsigned(get('client'), get(shift)))), arena + 4 * BUCKETS)),
    ...repeatWhile(equal(get(passed), number(GUARD)), [
      ...set('at', word(add(get(positions), get(point)))),
      ...set(passed, add(add(before(0), before(1)), before(2))),
      ...set(point, add(get(point), get(passed))),
    ]),
    ...set('count', group(AUX_SIZE)),
    ...set(point, select(equal(get(point), get('count')), number(0), get(point))),
    ...loadWord(word(add(add(get(positions), get('count')), get(point))), arena + 4 * GUARD),
  ];
}

/** Both of two choices, from one draw: their endpoints are `slot` and `other`. */
function twoChoices(own: Own, endpointAt: (index: Code) => Code): Code {
  const drawn = upperHalf(multiply(get('draw'), get('count')), subtract(get('count'), number(1)));
  return [
    ...when(equal(get('count'), number(1)), leaveWith(endpointAt(number(0)))),
    ...nextDraw(own),
    ...set('first', upperHalf(get('draw'), get('count'))),
    ...set('second', drawn),
    // From one fewer: those from the first on move up.
    ...set('second', subtract(add(get('second'), number(1)), less(get('second'), get('first')))),
    ...set('slot', endpointAt(get('first'))),
    ...set('other', endpointAt(get('second'))),
  ];
}

const inFlight = ({ loads }: Own, slot: Code): Code => {
  const row = shiftLeft(slot, number(3));
  return add(loadWord(row, loads), loadWord(row, loads + 4));
};

function lessLoaded(own: Own, endpointAt: (index: Code) => Code): Code {
  const twoOnly = equalReal(loadReal(get('region'), own.arena + 8 * PARAMETERS), real(2));
  return [
    ...when(isZero(twoOnly), leaveWith(number(ELSEWHERE))),
    ...twoChoices(own, endpointAt),
    ...takeDraw(own),
    ...leaveWith(select(less(inFlight(own, get('other')), inFlight(own, get('slot'))), get('other'), get('slot'))),
  ];
}

/** Costs are compared by logarithms; where one is not known, the draw is left to `choose`. */
function cheaper(own: Own, group: Field, endpointAt: (index: Code) => Code): Code {
  const row = (slot: string): Code => multiply(get(slot), number(8 * MARK_DOUBLES));
  const mark = (slot: string, field: number): Code => loadReal(row(slot), own.marks + 8 * field);
  const logOf = (present: string): Code => loadReal(shiftLeft(get(present), number(3)), own.logs);
  const halvingUs = multiplyReal(real(HALVING_US), loadReal(get('region'), own.arena + 8 * PARAMETERS));
  const known = multiplyReal(multiplyReal(get('log'), get('otherLog')), realOf(group(AUX_SIZE)));
  return [
    ...twoChoices(own, endpointAt),
    ...set('present', add(inFlight(own, get('slot')), number(1))),
    ...set('otherPresent', add(inFlight(own, get('other')), number(1))),
    ...set('log', mark('slot', COST_LOG)),
    ...set('otherLog', mark('other', COST_LOG)),
    ...when(
      or(isZero(aboveReal(known, real(0))), isZero(below(or(get('present'), get('otherPresent')), number(LOGS)))),
      leaveWith(number(ELSEWHERE)),
    ),
    ...takeDraw(own),
    ...leaveWith(
      select(
        lessReal(
          addReal(
            multiplyReal(
              subtractReal(addReal(subtractReal(get('otherLog'), get('log')), logOf('otherPresent')), logOf('present')),
              halvingUs,
            ),
            subtractReal(mark('other', COST_TIME), mark('slot', COST_TIME)),
          ),
          real(0),
        ),
        get('other'),
        get('slot'),
      ),
    ),
  ];
}
