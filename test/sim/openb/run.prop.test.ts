/** On any small trace the scheduler core, with its memory of scores, decides as the oracle, which remembers nothing. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { corePlacer, placerOver } from '../../../sim/openb/core-placer.ts';
import { runExperiment } from '../../../sim/openb/run.ts';
import { POLICIES, PUBLISHED_POLICIES } from '../../../sim/policies/registry.ts';
import type { OpenbTrace } from '../../../sim/traces/openb.ts';
import { oraclePlacer } from '../../support/openb-oracle.ts';

// Few sizes, so that scores tie and devices fill exactly.
const trace: fc.Arbitrary<OpenbTrace> = fc.record({
  nodes: fc
    .array(
      fc.record({
        cpuMilli: fc.constantFrom(4000, 8000, 16_000),
        memoryMib: fc.constantFrom(8, 16),
        gpus: fc.integer({ min: 1, max: 4 }),
        model: fc.constantFrom('A', 'B'),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((nodes) => nodes.map((node, i) => ({ name: `n-${i}`, ...node }))),
  pods: fc
    .array(
      fc.record({
        cpuMilli: fc.constantFrom(0, 500, 2000, 4000),
        memoryMib: fc.constantFrom(0, 1, 4),
        gpu: fc.constantFrom([0, 0], [1, 1000], [1, 1000], [2, 1000], [1, 300], [1, 500], [1, 700]),
        models: fc.constantFrom([], [], ['A'], ['A', 'B']),
      }),
      { minLength: 1, maxLength: 40 },
    )
    .map((pods) => [
      { name: 'p-gpu', cpuMilli: 500, memoryMib: 1, gpus: 1, gpuMilli: 500, models: [] }, // Somebody asks for a GPU.
      ...pods.map(({ gpu: [gpus, gpuMilli], ...pod }, i) => ({ name: `p-${i}`, gpus, gpuMilli, ...pod })),
    ]),
});

test('OpenB run: core and oracle agree on every decision, and no checker objects', () => {
  fc.assert(
    fc.property(trace, fc.constantFrom(...PUBLISHED_POLICIES), fc.nat(1000), (one, policy, seed) => {
      const core = runExperiment(one, policy, seed, corePlacer, { log: true, check: true });
      const oracle = runExperiment(one, policy, seed, oraclePlacer(one), { log: true });
      assert.equal(core.log, oracle.log);
      assert.equal(core.series, oracle.series);
    }),
    { numRuns: 150 },
  );
});

test('OpenB run: over the engine as over the scan, the default profile among the policies', () => {
  fc.assert(
    fc.property(trace, fc.constantFrom(...POLICIES), fc.nat(1000), (one, policy, seed) => {
      const engine = runExperiment(one, policy, seed, corePlacer, { log: true });
      const scan = runExperiment(one, policy, seed, (world) => placerOver('scan', world), { log: true });
      assert.equal(engine, scan);
    }),
    { numRuns: 150 },
  );
});

test.run();
