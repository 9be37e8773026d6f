import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { outcomeOf } from './outcome.ts';

const totals = (total: number, passed: number, skipped: number): string =>
  `\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  1ms\n`;

const cases = [
  { name: 'all passed is no failure', output: totals(3, 3, 0), code: 0, passed: 3, failed: 0 },
  { name: 'each test that did not pass is a failure', output: totals(5, 3, 0), code: 1, passed: 3, failed: 2 },
  { name: 'a file without test.run() prints no totals and fails', output: '', code: 0, passed: 0, failed: 1 },
  { name: 'a file with no test in it fails', output: totals(0, 0, 0), code: 0, passed: 0, failed: 1 },
  { name: 'a crash before the totals is one failure', output: 'SyntaxError', code: 1, passed: 0, failed: 1 },
  { name: 'a crash after the totals is one failure', output: totals(3, 3, 0), code: 7, passed: 3, failed: 1 },
  {
    name: 'a file that was killed fails',
    output: totals(3, 3, 0),
    code: null,
    signal: 'SIGKILL',
    passed: 3,
    failed: 1,
  },
  { name: 'a skipped test passes on a desk', output: totals(3, 3, 1), code: 0, passed: 3, failed: 0 },
  { name: 'a skipped test fails under CI', output: totals(3, 3, 1), code: 0, strict: true, passed: 3, failed: 1 },
  { name: 'only skipped tests fail everywhere', output: totals(0, 0, 2), code: 0, passed: 0, failed: 1 },
  {
    name: 'a test that prints totals does not replace them',
    output: `${totals(9, 9, 0)}${totals(2, 1, 0)}`,
    code: 1,
    passed: 1,
    failed: 1,
  },
  { name: 'a check counts once by its exit code', output: 'x', code: 0, counts: false, passed: 1, failed: 0 },
  { name: 'a failed check counts once', output: 'x', code: 2, counts: false, passed: 0, failed: 1 },
];
for (const { name, output, code, signal = null, counts = true, strict = false, passed, failed } of cases) {
  test(`npm test: ${name}`, () => {
    const outcome = outcomeOf({ output, code, signal, counts, strict });
    assert.is(outcome.passed, passed);
    assert.is(outcome.failed, failed);
    assert.is(outcome.why === '', failed === 0);
  });
}

test.run();
