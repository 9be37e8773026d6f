/** The OpenB benchmark on a cut of the workload: it runs, and is verified against the scan. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { measureOpenb, openbPolicies } from '../../bench/openb.ts';

for (const policy of openbPolicies()) {
  test(`bench OpenB, cut: ${policy} runs, and decides as over the scan`, () => {
    const { nodes, pods, seconds, verified, hash } = measureOpenb(policy, { runs: 2, quick: true });
    assert.is(nodes, 61);
    assert.ok(pods > 500);
    assert.is(seconds.runs.length, 2);
    assert.ok(seconds.min <= seconds.median && seconds.median <= seconds.max);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.ok(verified);
  });
}

test.run();
