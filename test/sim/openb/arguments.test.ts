import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parsePolicies, parseSeeds } from '../../../sim/openb/arguments.ts';

const seeds = [
  { text: '42', gives: [42] },
  { text: '42..45', gives: [42, 43, 44, 45] },
  { text: '7..7', gives: [7] },
  { text: '1, 5,42..43', gives: [1, 5, 42, 43] },
  { text: '3..4,4,3', gives: [3, 4] },
  { text: '0', gives: [0] },
];
for (const { text, gives } of seeds) {
  test(`seeds: '${text}'`, () => assert.equal(parseSeeds(text), gives));
}

const wrongSeeds = [
  { text: '', says: "--seeds: '' is not a seed (42) or a range of them (42..51)" },
  { text: 'many', says: "--seeds: 'many' is not a seed (42) or a range of them (42..51)" },
  { text: '-1', says: "--seeds: '-1' is not a seed (42) or a range of them (42..51)" },
  { text: '1.5', says: "--seeds: '1.5' is not a seed (42) or a range of them (42..51)" },
  { text: '42..', says: "--seeds: '42..' is not a seed (42) or a range of them (42..51)" },
  { text: '51..42', says: '--seeds: the range 51..42 runs backwards' },
  { text: '1..1001', says: '--seeds: 1..1001 is more than 1000 seeds' },
  { text: '9007199254740993', says: '--seeds: 9007199254740993 is too large' },
  {
    text: 'a,1,b',
    says: "--seeds: 'a' is not a seed (42) or a range of them (42..51)\n--seeds: 'b' is not a seed (42) or a range of them (42..51)",
  },
];
for (const { text, says } of wrongSeeds) {
  test(`seeds, refused: '${text}'`, () => {
    assert.throws(
      () => parseSeeds(text),
      (error: Error) => error.message === says,
    );
  });
}

test('policies: names in any case, each once, in the order given; all of them', () => {
  assert.equal(parsePolicies('fgd,Random, FGD'), ['FGD', 'Random']);
  assert.equal(parsePolicies('all'), ['Random', 'DotProd', 'GpuClustering', 'GpuPacking', 'BestFit', 'FGD', 'Default']);
});

test('policies, refused: every unknown name, with those that there are', () => {
  assert.throws(
    () => parsePolicies('FGD,FirstFit,'),
    (error: Error) =>
      error.message ===
      "--policy: 'FirstFit' is none of Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD, Default\n" +
        "--policy: '' is none of Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD, Default",
  );
});

test.run();
