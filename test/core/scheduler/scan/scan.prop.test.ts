/** The scan over packed columns and the reference over plain objects give the same answers, whole. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Case } from '../../../../sim/replay/case.ts';
import { decideCase } from '../../../../sim/replay/decide.ts';
import { decisionCases, sequenceCases } from '../../../support/arbitraries.ts';

/** Filters, scores, choice, text, preemption of every node: everything a recorded case holds. */
function agree(recorded: Case): void {
  assert.equal(decideCase(recorded, 'scan'), decideCase(recorded, 'reference'));
}

test('scan equals reference: one pod on a random cluster', () => {
  fc.assert(fc.property(decisionCases(), agree), { numRuns: 1500 });
});

test('scan equals reference: amounts that doubles cannot hold', () => {
  fc.assert(fc.property(decisionCases({ wide: true }), agree), { numRuns: 400 });
});

test('scan equals reference: sequences of pods under churn', () => {
  fc.assert(fc.property(sequenceCases(), agree), { numRuns: 400 });
});

test.run();
