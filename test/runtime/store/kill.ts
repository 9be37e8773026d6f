/**
 * A process that writes to LMDB is killed at random moments, again and again on one folder; after each kill everything
 * it was answered must be there, nothing half, revisions without a gap, and a watch must go on from where it stood.
 *
 *   npx node test/runtime/store/kill.ts --rounds 100 [--seed 1]
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../../../core/random.ts';
import { openLmdbStore } from '../../../runtime/store/lmdb/lmdb-store.ts';
import type { Store } from '../../../runtime/store/store.ts';
import { newFolder } from './folder.ts';
import { stepOf, valueOfStep } from './kill-slots.ts';
import { Watching } from './watching.ts';

/** Two thirds of them are busy, with three records each: more than lmdb gathers before it begins a transaction. */
const SLOTS = 600;

export interface KillReport {
  rounds: number;
  /** Txns that were answered before a kill, and those found that were not. */
  answered: number;
  unanswered: number;
  revision: number;
  /** Everything that should not be; empty. */
  problems: string[];
}

interface Answered {
  step: number;
  revision: number;
}

/** `between` plays with the folder before it is looked at: a test of the checks. */
export async function killRounds(
  rounds: number,
  seed: number,
  between: (store: Store) => Promise<void> = async () => {},
): Promise<KillReport> {
  const random = new Random(seed);
  const folder = newFolder();
  const last: Answered[] = Array.from({ length: SLOTS }, () => ({ step: 0, revision: 0 }));
  const report: KillReport = { rounds, answered: 0, unanswered: 0, revision: 0, problems: [] };
  let seen = 1;
  for (let round = 0; round < rounds; round++) {
    // Every other round compacts while it writes, so that compactions are killed too.
    const compacts = round % 2 === 1;
    report.answered += await writeAndKill(folder, round, compacts ? 100 : 10_000_000, 20 + random.below(250), last);
    const store = await openLmdbStore({ folder, retention: { revisions: 10_000_000 } });
    await between(store);
    report.problems.push(...(await checkEntries(store, last, report)).map((text) => `round ${round}: ${text}`));
    report.revision = await store.revision();
    if (!compacts) report.problems.push(...(await checkWatch(store, seen)).map((text) => `round ${round}: ${text}`));
    seen = report.revision;
    await store.close();
  }
  return report;
}

/** Number of answers; each slot's last one is written into `last`. */
function writeAndKill(
  folder: string,
  round: number,
  retained: number,
  afterMs: number,
  last: Answered[],
): Promise<number> {
  const args = [join(import.meta.dirname, 'kill-writer.ts'), folder, String(SLOTS), String(retained), String(round)];
  // To a file: what is written to one is there whatever becomes of the writer, which a pipe that is full does not promise.
  const answers = join(newFolder(), 'answers');
  const file = openSync(answers, 'w');
  const child = spawn(process.execPath, args, { stdio: ['ignore', file, 'pipe'] });
  closeSync(file);
  let errors = '';
  child.stderr?.on('data', (chunk) => (errors += chunk));
  const begun = setInterval(() => {
    if (statSync(answers).size === 0) return;
    clearInterval(begun);
    setTimeout(() => child.kill('SIGKILL'), afterMs);
  }, 5);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_, signal) => {
      clearInterval(begun);
      if (signal !== 'SIGKILL') reject(new Error(`the writer ended by itself: ${errors}`));
      const lines = readFileSync(answers, 'utf8').split('\n').slice(0, -1);
      for (const line of lines) {
        const [slot, step, revision] = line.split(' ').map(Number);
        last[slot] = { step, revision };
      }
      resolve(lines.length);
    });
  });
}

/** Each slot stands at its last answered step, or at the one that was under way. */
async function checkEntries(store: Store, last: Answered[], report: KillReport): Promise<string[]> {
  const problems: string[] = [];
  for (const [slot, answered] of last.entries()) {
    const at = await store.get(`s/${slot}`);
    const step = at === undefined ? 0 : stepOf(at);
    const revision = at?.modRevision ?? 0;
    if (step === answered.step + 1) report.unanswered++;
    else if (step !== answered.step || revision !== answered.revision)
      problems.push(`slot ${slot}: step ${step} at ${revision}, answered ${answered.step} at ${answered.revision}`);
    const value = step === 0 ? undefined : valueOfStep(slot, step);
    for (const half of ['a', 'b']) {
      const entry = await store.get(`${half}/${slot}`);
      const whole = value === undefined ? entry === undefined : entry !== undefined && value.equals(entry.value);
      if (!whole || (entry !== undefined && entry.modRevision !== revision))
        problems.push(`slot ${slot}, step ${step}: half ${half} is not that step's`);
    }
    last[slot] = { step, revision };
  }
  return problems;
}

/** From where the last round ended: every revision, each with its three events. */
async function checkWatch(store: Store, after: number): Promise<string[]> {
  const revision = await store.revision();
  if (revision === after) return [];
  const watching = new Watching(store, { prefix: '', after });
  await watching.until(({ calls, failure }) => calls.at(-1)?.revision === revision || failure !== undefined);
  watching.handle.close();
  if (watching.failure !== undefined) return [`the watch failed: ${watching.failure.message}`];
  const problems: string[] = [];
  let expected = after;
  for (const { revision, events } of watching.calls) {
    if (revision !== ++expected) problems.push(`the watch told ${revision} where ${expected} is next`);
    expected = revision;
    if (events.length !== 3) problems.push(`revision ${revision} has ${events.length} events`);
  }
  return problems;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  });
  const startedMs = performance.now();
  const { problems, ...counts } = await killRounds(Number(values.rounds), Number(values.seed));
  console.log(JSON.stringify(counts), `${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
