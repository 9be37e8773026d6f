/** How scores of several plugins become a total (semantics 4.1). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import { defaultArgs } from '../../../../core/scheduler/profile.ts';
import { NodeInfo } from '../../../../core/scheduler/reference/node-info.ts';
import { type AnyReferencePlugin, type Context, SKIP } from '../../../../core/scheduler/reference/plugin.ts';
import { runScore } from '../../../../core/scheduler/reference/score-run.ts';
import { node, pod } from '../../../support/builders.ts';

const feasible = [new NodeInfo(node('a')), new NodeInfo(node('b'))];
const context: Context = { pod: pod('p'), nodes: feasible, listers: new Listers(), args: defaultArgs() };
const scores = (name: string, a: number, b: number): AnyReferencePlugin => ({
  name,
  score: (_state, info) => (info.name === 'a' ? a : b),
});
const weighted = (weight: number, plugin: AnyReferencePlugin) => ({ plugin, weight });

test('runScore: a total is the weighted sum of normalised scores, and a skipped plugin adds nothing', () => {
  const halves: AnyReferencePlugin = {
    ...scores('Halves', 40, 60),
    normalize(list) {
      for (let k = 0; k < list.length; k++) list[k] /= 2;
    },
  };
  const skipped: AnyReferencePlugin = { ...scores('Skipped', 100, 100), preScore: () => SKIP };
  const plugins = [weighted(2, halves), weighted(9, skipped), weighted(3, scores('Plain', 1, 2))];
  assert.equal(runScore(plugins, context, feasible), {
    plugins: ['Halves', 'Plain'],
    weights: [2, 3],
    raw: [
      [40, 60],
      [1, 2],
    ],
    normalized: [
      [20, 30],
      [1, 2],
    ],
    totals: [43, 66],
  });
});

test('runScore: what PreScore learned is handed to the score', () => {
  const learns: AnyReferencePlugin = {
    name: 'Learns',
    preScore: () => ({ state: 7 }),
    score: (state) => state as number,
  };
  const result = runScore([weighted(1, learns)], context, feasible);
  assert.equal('totals' in result && result.totals, [7, 7]);
});

for (const score of [-1, 101]) {
  test(`runScore: a score of ${score} is an error of the cycle`, () => {
    assert.equal(runScore([weighted(1, scores('Bad', 0, score))], context, feasible), {
      error: {
        plugin: 'Bad',
        message: `applying score defaultWeights on Score plugins: plugin "Bad" returns an invalid score ${score}, it should in the range of [0, 100] after normalizing`,
      },
    });
  });
}

test.run();
