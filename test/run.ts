/**
 * `npm test`: types, lint, then every test file in a process of its own, as many at a time as there are cores.
 * `npm test -- WORD...` runs only the test files whose path holds one of the words, without types and lint.
 * `npm run soak [-- WORD...]` runs the properties with twenty seeds each, drawn anew; KEELSON_SEED=N runs with one.
 * Under CI the seed is fixed, so that one commit has one outcome; elsewhere every run draws its own.
 * uvu exits 0 when nothing ran, so what counts here are the totals it prints: a file without them has failed.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Outcome, outcomeOf } from './support/outcome.ts';

const ROOT = join(import.meta.dirname, '..');
const TIMEOUT_MS = 280_000;
const SOAK_SEEDS = 20;
const CI_SEED = '1';

interface Job {
  name: string;
  command: string;
  args: string[];
  /** Of the properties in it; undefined: drawn anew. */
  seed?: string;
  /** Prints uvu's totals, and has failed when it prints none. */
  counts: boolean;
}

const soak = process.argv.includes('--soak');
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const jobs = soak ? soakJobs(words) : jobsFor(words);
const startedMs = Date.now();
const parallel = Math.min(availableParallelism(), Math.max(jobs.length, 1));
console.log(`keelson: ${jobs.length} jobs, ${parallel} at a time, Node ${process.versions.node}`);
if (words.length > 0) console.log(`only files with ${words.join(' or ')} in their path; types and lint are left out`);

let passed = 0;
let failed = 0;
let testsRun = 0;
const queue = [...jobs];
await Promise.all(Array.from({ length: parallel }, drain));

if (testsRun === 0) {
  failed++;
  console.log('\nno test ran');
}
console.log(`\n${testsRun} tests in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function jobsFor(words: readonly string[]): Job[] {
  const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name);
  const checks: Job[] = [
    { name: 'types (tsc)', command: bin('tsc'), args: [], counts: false },
    { name: 'lint and format (biome check)', command: bin('biome'), args: ['check', '.'], counts: false },
  ];
  const files = globSync('test/**/*.test.ts', { cwd: ROOT })
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort((a, b) => weightOf(b) - weightOf(a) || (a < b ? -1 : 1));
  const seed = process.env.KEELSON_SEED ?? (process.env.CI === 'true' ? CI_SEED : undefined);
  const tests = files.map((file) => testJob(file, seed));
  return words.length > 0 ? tests : [...checks, ...tests];
}

function soakJobs(words: readonly string[]): Job[] {
  const files = globSync('test/**/*.prop.test.ts', { cwd: ROOT })
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort();
  return Array.from({ length: SOAK_SEEDS }, () => String(randomInt(2 ** 31))).flatMap((seed) =>
    files.map((file) => testJob(file, seed)),
  );
}

function testJob(file: string, seed: string | undefined): Job {
  const preloaded = seed === undefined ? [] : ['--import', './test/support/seeded.ts'];
  const name = soak ? `${file} (KEELSON_SEED=${seed})` : file;
  return { name, command: process.execPath, args: [...preloaded, file], counts: true, ...(seed && { seed }) };
}

/** Replays, whole command lines and properties take longest; started first, they leave no core idle at the end. */
function weightOf(file: string): number {
  if (['vectors/', 'openb', 'kubectl/'].some((slow) => file.includes(slow))) return 3;
  if (file.includes('runtime/cli')) return 2;
  return file.endsWith('.prop.test.ts') ? 1 : 0;
}

async function drain(): Promise<void> {
  for (let job = queue.shift(); job; job = queue.shift()) {
    const jobStartedMs = Date.now();
    const { output, code, signal } = await run(job);
    const outcome = outcomeOf({ output, code, signal, counts: job.counts, strict: process.env.CI === 'true' });
    report(job, outcome, Date.now() - jobStartedMs, output);
  }
}

function report(job: Job, outcome: Outcome, tookMs: number, output: string): void {
  passed += outcome.passed;
  failed += outcome.failed;
  if (job.counts) testsRun += outcome.passed + outcome.failed;
  const skips = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : '';
  const verdict = outcome.failed > 0 ? 'FAIL' : 'ok  ';
  console.log(`${verdict} ${job.name}  ${outcome.passed} passed${skips}  (${(tookMs / 1000).toFixed(1)} s)`);
  if (outcome.failed > 0) console.log(`     ${outcome.why}\n${output.trimEnd().replace(/^/gm, '     | ')}`);
  else for (const line of output.split('\n')) if (line.startsWith('skipped:')) console.log(`     ${line}`);
}

function run(job: Job): Promise<{ output: string; code: number | null; signal: string | null }> {
  const { promise, resolve } = Promise.withResolvers<{ output: string; code: number | null; signal: string | null }>();
  const child = spawn(job.command, job.args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      KEELSON_SEED: job.seed,
      // Most tests are short, and so are the commands that they start: compiling is a third of what they take.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(ROOT, 'node_modules', '.cache', 'compiled'),
    },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const text = (): string => stripVTControlCharacters(Buffer.concat(chunks).toString());
  child.on('error', (error) => resolve({ output: `${text()}${error.message}\n`, code: 1, signal: null }));
  child.on('close', (code, signal) => resolve({ output: text(), code, signal }));
  return promise;
}
