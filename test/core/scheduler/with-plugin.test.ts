import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../core/errors.ts';
import type { PackedPlugin } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { pluginsOf, withPlugin } from '../../../core/scheduler/with-plugin.ts';

const filters: PackedPlugin = { name: 'Filters', scope: 'local', filter() {} };
const scores: PackedPlugin = { name: 'Scores', scope: 'shared', score() {} };
const judgesPods: PackedPlugin = { name: 'JudgesPods', scope: 'local', preFilter: () => undefined };

const places = [
  { name: 'a filter is asked after all others', plugin: filters, at: ['filter'] },
  { name: 'a score is no filter', plugin: scores, at: ['score'] },
  { name: 'a preFilter alone is asked with the filters', plugin: judgesPods, at: ['preFilter', 'filter'] },
] as const;
for (const { name, plugin, at } of places) {
  test(`withPlugin: ${name}`, () => {
    const before = defaultProfile();
    const profile = withPlugin(before, plugin);
    for (const point of ['preFilter', 'filter', 'reserve', 'preScore'] as const) {
      const added = (at as readonly string[]).includes(point) ? [plugin.name] : [];
      assert.equal(profile[point], [...before[point], ...added], point);
    }
    assert.equal(profile.score.length - before.score.length, (at as readonly string[]).includes('score') ? 1 : 0);
    assert.equal(before, defaultProfile(), 'the profile it was made from is as it was');
  });
}

test('withPlugin: the weight is 1 unless one is given', () => {
  assert.equal(withPlugin(defaultProfile(), scores).score.at(-1), { name: 'Scores', weight: 1 });
  assert.equal(withPlugin(defaultProfile(), scores, { weight: 7 }).score.at(-1), { name: 'Scores', weight: 7 });
});

const refused = [
  {
    name: 'the name of a built-in plugin',
    plugin: { ...filters, name: 'NodeName' },
    says: /NodeName: name: is the name/,
  },
  { name: 'no name', plugin: { ...filters, name: '' }, says: /name: is required/ },
  { name: 'neither local nor shared', plugin: { ...filters, scope: 'both' as 'local' }, says: /scope: must be/ },
  { name: 'a plugin that does nothing', plugin: { name: 'X', scope: 'local' } as PackedPlugin, says: /has neither/ },
  { name: 'weight 0', plugin: scores, weight: 0, says: /0 is not a whole number from 1/ },
  { name: 'half a weight', plugin: scores, weight: 1.5, says: /1.5 is not a whole number/ },
  { name: 'a weight beyond 32 bits', plugin: scores, weight: 2 ** 31, says: /2147483648 is not/ },
];
for (const { name, plugin, weight, says } of refused) {
  test(`withPlugin: ${name} is refused`, () => {
    assert.throws(
      () => withPlugin(defaultProfile(), plugin, { weight }),
      (error: unknown) => {
        return error instanceof ApiError && says.test(error.message);
      },
    );
  });
}

test('withPlugin: one plugin twice is refused, and all problems come at once', () => {
  const once = withPlugin(defaultProfile(), scores);
  assert.throws(() => withPlugin(once, scores, { weight: -1 }), /in the profile already[\s\S]*-1 is not/);
});

test('pluginsOf: profiles may share a plugin, but not a name', () => {
  const first = withPlugin(defaultProfile('a'), scores);
  assert.equal(pluginsOf([first, withPlugin(defaultProfile('b'), scores), defaultProfile('c')]), [scores]);
  const other = withPlugin(defaultProfile('b'), { ...scores });
  assert.throws(() => pluginsOf([first, other]), /profile b: plugins.Scores: is another plugin/);
});

test.run();
