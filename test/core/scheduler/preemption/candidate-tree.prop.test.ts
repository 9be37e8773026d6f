/** The tree answers as a walk over its leaves does. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CANDIDATE,
  CandidateTree,
  HOPELESS,
  type Prospect,
} from '../../../../core/scheduler/preemption/candidate-tree.ts';

interface Leaf {
  prospect: Prospect;
  cost: number;
}

const leaf = fc.record({ prospect: fc.constantFrom<Prospect>(0, 1, 2, 2), cost: fc.nat(3) });
const change = fc.record({ place: fc.nat(39), to: leaf });

/** The first among the best of the first `enough` candidates from the offset-th potential leaf on. */
function walk(leaves: readonly Leaf[], offset: number, enough: number): number {
  const potential = leaves.flatMap(({ prospect }, place) => (prospect === HOPELESS ? [] : [place]));
  const inOrder = [...potential.slice(offset), ...potential.slice(0, offset)];
  const candidates = inOrder.filter((place) => leaves[place].prospect === CANDIDATE).slice(0, enough);
  let best = -1;
  for (const place of candidates) if (best < 0 || leaves[place].cost < leaves[best].cost) best = place;
  return best;
}

test('candidate tree: counts and searches are those of a walk, after any changes', () => {
  fc.assert(
    fc.property(
      fc.array(leaf, { maxLength: 40, size: 'max' }),
      fc.array(change, { maxLength: 12, size: 'max' }),
      fc.array(leaf, { maxLength: 40, size: 'max' }),
      (first, changes, second) => {
        let leaves: Leaf[] = [];
        const tree = new CandidateTree((a, b) => leaves[a].cost < leaves[b].cost);
        const compare = (): void => {
          const potential = leaves.filter(({ prospect }) => prospect !== HOPELESS).length;
          assert.is(tree.potential, potential);
          assert.is(tree.candidates, leaves.filter(({ prospect }) => prospect === CANDIDATE).length);
          for (const offset of [0, 1, potential >> 1, potential - 1]) {
            if (offset < 0 || offset >= potential) continue;
            for (const enough of [0, 1, 2, 5, 99]) {
              assert.is(tree.pick(offset, enough), walk(leaves, offset, enough), `${enough} from ${offset}`);
            }
          }
        };
        for (const filled of [first, second]) {
          leaves = filled.map((each) => ({ ...each }));
          tree.fill(leaves.length, (place) => leaves[place].prospect);
          compare();
          for (const { place, to } of changes) {
            if (place >= leaves.length) continue;
            leaves[place] = to;
            tree.set(place, to.prospect);
            compare();
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.run();
