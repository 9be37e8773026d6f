/** How PreFilter answers of several plugins become one (semantics 3, General). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { PreFilterOutcome } from '../../../../core/scheduler/framework.ts';
import { defaultArgs } from '../../../../core/scheduler/profile.ts';
import {
  type AnyReferencePlugin,
  type Context,
  SKIP,
  unresolvable,
  unschedulable,
} from '../../../../core/scheduler/reference/plugin.ts';
import { runPreFilter } from '../../../../core/scheduler/reference/pre-filter.ts';
import { pod } from '../../../support/builders.ts';

const context: Context = { pod: pod('p'), nodes: [], listers: new Listers(), args: defaultArgs() };
const plugin = (name: string, preFilter: AnyReferencePlugin['preFilter']): AnyReferencePlugin => ({ name, preFilter });
const passes = plugin('Passes', () => ({ state: 1 }));
const skips = plugin('Skips', () => SKIP);
const refuses = plugin('Refuses', () => ({ refusal: unschedulable('not now') }));
const refusesToo = plugin('RefusesToo', () => ({ refusal: unschedulable('me neither') }));
const forbids = plugin('Forbids', () => ({ refusal: unresolvable('never') }));
const fails = plugin('Fails', () => ({ error: 'broken' }));
const names = (name: string, ...list: string[]): AnyReferencePlugin =>
  plugin(name, () => ({ state: 1, nodeNames: new Set(list) }));

const UAU = 'UnschedulableAndUnresolvable';
const rows: { name: string; plugins: AnyReferencePlugin[]; outcome: PreFilterOutcome; states: string[] }[] = [
  { name: 'a plugin that skips keeps no state', plugins: [skips, passes], outcome: {}, states: ['Passes'] },
  {
    name: 'after Unschedulable the others still run, and the last refusal stands',
    plugins: [refuses, passes, refusesToo],
    outcome: { rejection: { plugin: 'RefusesToo', code: 'Unschedulable', reasons: ['me neither'] } },
    states: ['Passes'],
  },
  {
    name: 'UnschedulableAndUnresolvable stops at once',
    plugins: [refuses, forbids, passes],
    outcome: { rejection: { plugin: 'Forbids', code: UAU, reasons: ['never'] } },
    states: [],
  },
  {
    name: 'an error stops at once, and says where',
    plugins: [passes, fails, forbids],
    outcome: { error: { plugin: 'Fails', message: 'running PreFilter plugin "Fails": broken' } },
    states: ['Passes'],
  },
  {
    name: 'narrowed names are intersected',
    plugins: [names('One', 'a', 'b'), passes, names('Two', 'b', 'c')],
    outcome: { nodeNames: new Set(['b']), narrowedBy: ['One', 'Two'] },
    states: ['One', 'Passes', 'Two'],
  },
  {
    name: 'nothing in common refuses the pod, in the name of all who narrowed',
    plugins: [names('Two', 'a'), names('One', 'b'), passes],
    outcome: {
      rejection: { plugin: 'One', code: UAU, reasons: ["node(s) didn't satisfy plugin(s) [One Two] simultaneously"] },
      nodeNames: new Set(),
      narrowedBy: ['Two', 'One'],
    },
    states: ['Two', 'One'],
  },
  {
    name: 'one plugin that leaves nothing refuses it alone',
    plugins: [names('One')],
    outcome: {
      rejection: { plugin: 'One', code: UAU, reasons: ["node(s) didn't satisfy plugin One"] },
      nodeNames: new Set(),
      narrowedBy: ['One'],
    },
    states: ['One'],
  },
];
for (const { name, plugins, outcome, states } of rows) {
  test(`runPreFilter: ${name}`, () => {
    const run = runPreFilter(plugins, context);
    assert.equal(run.outcome, outcome);
    assert.equal([...run.states.keys()], states);
  });
}

test.run();
