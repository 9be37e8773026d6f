/** Raising keys by other scores, two rows at a time (f64x2): step by step what plainRaise does, which is its check. */
import { MAX_NODE_SCORE } from '../../framework.ts';
import { ASKED, FOUND } from './layout.ts';
import {
  add,
  advance,
  butNot,
  type Code,
  constant,
  differs,
  equals,
  floor,
  get,
  greater,
  isLess,
  load,
  loadBoth,
  loadFlags,
  mul,
  number,
  or,
  set,
  store,
  whileBelow,
} from './wasm.ts';

const DOUBLE = 8;

/** Addresses: of a row's key, its score and its flag in rejectedBy, where keys end, and where findings go. */
export const RAISE_PARAMETERS = ['key', 'score', 'rejected', 'end', 'found'] as const;
const FINDINGS = Object.keys(FOUND) as (keyof typeof FOUND)[];
const OWN = ['unit', 'now', 'made', 'out', 'sum'] as const;
export const RAISE_LOCALS = [...RAISE_PARAMETERS, ...FINDINGS, ...OWN];

type Local = (typeof RAISE_LOCALS)[number];

function the(name: Local): Code {
  return get(RAISE_LOCALS, name);
}

function keep(name: Local, value: Code): Code {
  return set(RAISE_LOCALS, name, value);
}

const ZERO = constant(0);

export function raiseKernel(): Code {
  return [
    ...keep('unit', loadBoth(number(0), DOUBLE * ASKED.unit)),
    ...whileBelow(the('key'), the('end'), [
      ...raisePair(),
      ...keep('key', advance(the('key'), 2 * DOUBLE)),
      ...keep('score', advance(the('score'), 2 * DOUBLE)),
      ...keep('rejected', advance(the('rejected'), 2)),
    ]),
    ...FINDINGS.flatMap((name) => store(the('found'), DOUBLE * FOUND[name], the(name))),
  ];
}

function raisePair(): Code {
  const isOutside = or(isLess(the('made'), ZERO), isLess(constant(MAX_NODE_SCORE), the('made')));
  const isBad = or(isOutside, differs(floor(the('made')), the('made')));
  return [
    ...keep('now', load(the('key'), 0)),
    ...keep('made', load(the('score'), 0)),
    ...keep('out', or(loadFlags(the('rejected')), equals(the('now'), ZERO))),
    ...keep('bad', or(the('bad'), butNot(isBad, the('out')))),
    ...keep('sum', butNot(add(the('now'), mul(the('made'), the('unit'))), the('out'))),
    ...store(the('key'), 0, the('sum')),
    ...keep('best', greater(the('best'), the('sum'))),
    ...keep('count', add(the('count'), butNot(constant(1), the('out')))),
  ];
}
