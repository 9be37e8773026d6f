import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findMatchingVolume } from '../../../../core/scheduler/volumes/static-binding.ts';
import { claim, volume } from '../../../support/builders.ts';

const sizes = (...list: string[]) => list.map((has, i) => volume(`v${i}`, { has }));
const rows = [
  { name: 'the smallest that is large enough', volumes: sizes('9Gi', '6Gi', '7Gi'), taken: [], found: 'v1' },
  { name: 'the first of equally small ones', volumes: sizes('9Gi', '6Gi', '6144Mi'), taken: [], found: 'v1' },
  { name: 'not one that is taken', volumes: sizes('9Gi', '6Gi', '7Gi'), taken: ['v1'], found: 'v2' },
  { name: 'none when all are too small', volumes: sizes('1Gi', '4Gi'), taken: [], found: undefined },
  {
    name: 'the one that is promised to it, however large, and wherever it stands in the list',
    volumes: [
      ...sizes('6Gi'),
      volume('mine', {
        has: '90Gi',
        spec: { claimRef: { namespace: 'default', name: 'data', uid: 'uid-of-claim-data' } },
      }),
    ],
    taken: [],
    found: 'mine',
  },
  {
    name: 'not one that was promised to an older claim of the same name',
    volumes: [volume('old', { spec: { claimRef: { namespace: 'default', name: 'data', uid: 'older' } } })],
    taken: [],
    found: undefined,
  },
];
for (const { name, volumes, taken, found } of rows) {
  test(`findMatchingVolume: ${name}`, () => {
    assert.is(findMatchingVolume(claim('data'), volumes, {}, new Set(taken))?.metadata.name, found);
  });
}

test.run();
