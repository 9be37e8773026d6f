/** The answer does not depend on the number of threads: verdicts, scores, choice and words are those of one. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Case } from '../../../../sim/replay/case.ts';
import { decideCase } from '../../../../sim/replay/decide.ts';
import { decisionCases, sequenceCases } from '../../../support/arbitraries.ts';
import { SlowPool } from '../../../support/slow-pool.ts';

for (const workers of [1, 2, 4]) {
  const events: unknown[] = [];
  const pool = new SlowPool({ threads: workers + 1, onEvent: (event) => events.push(event), timeoutMs: 20_000 });
  const agree = (recorded: Case): void => {
    assert.equal(decideCase(recorded, 'scan', { pool, threadsFrom: 0 }), decideCase(recorded, 'scan'));
  };

  test(`threads: ${workers} beside this one, one pod on a random cluster`, () => {
    fc.assert(fc.property(decisionCases({ size: { nodes: 24, placed: 24 } }), agree), { numRuns: 150 });
  });

  test(`threads: ${workers} beside this one, amounts that doubles cannot hold`, () => {
    fc.assert(fc.property(decisionCases({ wide: true }), agree), { numRuns: 50 });
  });

  test(`threads: ${workers} beside this one, sequences of pods under churn`, () => {
    fc.assert(fc.property(sequenceCases(), agree), { numRuns: 60 });
  });

  test(`threads: ${workers} beside this one, for what the engine leaves to the scan`, () => {
    const engineAgrees = (recorded: Case): void => {
      assert.equal(decideCase(recorded, 'engine', { pool, threadsFrom: 0 }), decideCase(recorded, 'scan'));
    };
    fc.assert(fc.property(sequenceCases(), engineAgrees), { numRuns: 40 });
  });

  test(`threads: ${workers} beside this one, each has done its part`, async () => {
    assert.ok(pool.chunksByWorker.length === workers && pool.chunksByWorker.every((chunks) => chunks > 0));
    assert.equal(events, []);
    await pool.close();
  });
}

test.run();
