/**
 * `keelson up` is killed at random moments under writes over HTTPS, again and again on one folder. After each kill every
 * write that was answered must be there, whole, and a watch must go on from the version it had seen without a gap.
 *
 *   npx node test/runtime/api/faults/kill-up.ts --rounds 100 [--seed 1]
 */
import { parseArgs } from 'node:util';
import { Random } from '../../../../core/random.ts';
import { newFolder } from '../../store/folder.ts';
import { UpProcess } from './up-process.ts';

const WRITERS = 16;
const MAPS = '/api/v1/namespaces/default/configmaps';

export interface KillUpReport {
  rounds: number;
  /** Writes that were answered with success, and those found that were not answered. */
  answered: number;
  unanswered: number;
  /** Events that watches have seen; each once. */
  watched: number;
  /** Everything that should not be; empty. */
  problems: string[];
}

/** A writer's object: its last answered step, and the version that the answer named. */
interface Slot {
  step: number;
  version: number;
}

interface Seen {
  /** Where the next watch begins. */
  version: number;
  /** By name, the step of the last event. */
  steps: Map<string, number>;
}

export async function killUpRounds(rounds: number, seed: number): Promise<KillUpReport> {
  const random = new Random(seed);
  const folder = newFolder();
  const slots: Slot[] = Array.from({ length: WRITERS }, () => ({ step: 0, version: 0 }));
  const report: KillUpReport = { rounds, answered: 0, unanswered: 0, watched: 0, problems: [] };
  const seen: Seen = { version: 0, steps: new Map() };
  for (let round = 0; round <= rounds; round++) {
    const up = await UpProcess.start(folder);
    const problem = (text: string): void => void report.problems.push(`round ${round}: ${text}`);
    await checkSlots(up, slots, report, problem);
    if (seen.version === 0) seen.version = Number((await up.ask('GET', MAPS)).body.metadata.resourceVersion);
    // Every other round nobody watches, so that the next watch has something to make up for.
    const watching =
      round % 2 === 1 && round < rounds
        ? undefined
        : up.watch(`${MAPS}?watch=1&resourceVersion=${seen.version}`, (line) => see(line, seen, report, problem));
    if (round === rounds) {
      await caughtUp(seen, slots, problem);
      await up.kill('SIGKILL');
      await watching;
      break;
    }
    const writing = slots.map((slot, i) => writeUntilKilled(up, i, slot, report));
    await new Promise((next) => setTimeout(next, 20 + random.below(400)));
    await up.kill();
    await Promise.all([watching, ...writing]);
  }
  return report;
}

/** Two values that belong together. */
function mapOf(i: number, step: number): object {
  const text = `${step}`.repeat(1 + ((step * 37) % 200));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `slot-${i}` },
    data: { step: `${step}`, a: text, b: text },
  };
}

async function writeUntilKilled(up: UpProcess, i: number, slot: Slot, report: KillUpReport): Promise<void> {
  for (;;) {
    const body = mapOf(i, slot.step + 1);
    try {
      const made = slot.step > 0;
      const { code, body: answer } = await up.ask(made ? 'PUT' : 'POST', made ? `${MAPS}/slot-${i}` : MAPS, body);
      if (code >= 300) {
        report.problems.push(`slot ${i}: step ${slot.step + 1} was answered with ${code} ${answer.message}`);
        return;
      }
      slot.step++;
      slot.version = Number(answer.metadata.resourceVersion);
      report.answered++;
    } catch {
      return; // Killed: whether it was written is seen after the next start.
    }
  }
}

/** Each stands at its last answered step, or at the one that was under way. */
async function checkSlots(
  up: UpProcess,
  slots: Slot[],
  report: KillUpReport,
  problem: (text: string) => void,
): Promise<void> {
  for (const [i, slot] of slots.entries()) {
    const { code, body } = await up.ask('GET', `${MAPS}/slot-${i}`);
    const step = code === 404 ? 0 : Number(body.data.step);
    const version = code === 404 ? 0 : Number(body.metadata.resourceVersion);
    if (step === slot.step + 1) report.unanswered++;
    else if (step !== slot.step || version !== slot.version)
      problem(`slot ${i}: step ${step} at ${version}, answered ${slot.step} at ${slot.version}`);
    if (step > 0 && JSON.stringify(body.data) !== JSON.stringify((mapOf(i, step) as { data: object }).data))
      problem(`slot ${i}: step ${step} is half there`);
    slots[i] = Object.assign(slot, { step, version });
  }
}

/** Steps of a slot come one by one; versions rise. */
function see(line: string, seen: Seen, report: KillUpReport, problem: (text: string) => void): void {
  const { type, object, ...refusal } = JSON.parse(line);
  if (object === undefined || type === 'ERROR') {
    problem(`the watch from ${seen.version} ended: ${(object ?? refusal).message}`);
    return;
  }
  const { name, resourceVersion } = object.metadata;
  if (!name.startsWith('slot-')) return;
  const step = Number(object.data.step);
  const expected = (seen.steps.get(name) ?? 0) + 1;
  if (step !== expected) problem(`the watch told step ${step} of ${name} where ${expected} is next`);
  if (Number(resourceVersion) <= seen.version) problem(`the watch told ${resourceVersion} after ${seen.version}`);
  seen.steps.set(name, step);
  seen.version = Number(resourceVersion);
  report.watched++;
}

async function caughtUp(seen: Seen, slots: Slot[], problem: (text: string) => void): Promise<void> {
  const isThere = (): boolean => slots.every(({ step }, i) => (seen.steps.get(`slot-${i}`) ?? 0) === step);
  for (let i = 0; i < 1_000 && !isThere(); i++) await new Promise((next) => setTimeout(next, 5));
  if (!isThere()) problem('the last watch did not tell everything');
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  });
  const startedMs = performance.now();
  const { problems, ...counts } = await killUpRounds(Number(values.rounds), Number(values.seed));
  console.log(JSON.stringify(counts), `${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
