/**
 * `npm run vectors`: replays decisions recorded from kube-scheduler and says, suite by suite, how many agree.
 * Closes with `N passed, N failed`; exits 1 on any difference, or when there was nothing to compare.
 *
 *   npm run vectors -- [--decider reference|scan] [--threads N] [--suite WORD] [--dir DIR]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DECIDER_KINDS, deciderKind } from '../../core/index.ts';
import { ScanPool } from '../../core/scheduler/scan/parallel/pool.ts';
import { sharedPath } from '../support/shared.ts';
import { show } from './differences.ts';
import { caseFiles, type FailedCase, runSuite, type SuiteResult } from './suites.ts';

const SHOWN_CASES = 3;
const SHOWN_DIFFERENCES = 4;
const OWN = join(import.meta.dirname, 'cases');

const { values } = parseArgs({
  options: {
    decider: { type: 'string', multiple: true },
    threads: { type: 'string' },
    suite: { type: 'string', default: '' },
    dir: { type: 'string', multiple: true },
  },
});
const folders = values.dir ?? [OWN, sharedPath('vectors')].filter((folder) => folder !== undefined);
// However small the cluster: the point is the answer.
const pool = values.threads ? new ScanPool({ threads: Number(values.threads), minChunk: 1 }) : undefined;
const options = pool && { pool, threadsFrom: 0 };
let passed = 0;
let failed = 0;
for (const decider of values.decider?.map(deciderKind) ?? DECIDER_KINDS) {
  for (const folder of folders) {
    console.log(`\n${decider} on ${folder}`);
    for (const file of caseFiles(folder, values.suite)) {
      const result = await runSuite(file, decider, options);
      print(result);
      passed += result.passed;
      failed += result.failed.length;
    }
  }
}
if (pool) console.log(`\nchunks by workers: ${pool.chunksByWorker.join(', ')} of ${pool.chunks}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function print({ suite, passed, failed, ms }: SuiteResult): void {
  const counts = `${String(passed).padStart(5)} passed ${String(failed.length).padStart(5)} failed`;
  console.log(`  ${suite.padEnd(14)} ${counts} ${(ms / 1000).toFixed(1).padStart(7)} s`);
  for (const failure of failed.slice(0, SHOWN_CASES)) printFailure(failure);
}

function printFailure({ id, differences, error }: FailedCase): void {
  console.log(`    ${id}${error ? `: ${error}` : ''}`);
  for (const { path, expected, got } of differences.slice(0, SHOWN_DIFFERENCES)) {
    console.log(`      ${path}\n        expected ${short(show(expected))}\n        got      ${short(show(got))}`);
  }
  const more = differences.length - SHOWN_DIFFERENCES;
  if (more > 0) console.log(`      and ${more} more`);
}

function short(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}
