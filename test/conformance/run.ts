/**
 * `npm run conformance [-- C001 … ] [-o json]`: the rows named, or all, against one cluster of this process; what passed,
 * what failed and why, and what is not attempted and why. Exits 1 where a row failed.
 */
import { parseArgs } from 'node:util';
import { type Listed, NOT_ATTEMPTED, readChecklist } from './checklist.ts';
import { hasKubectl, NEEDS_KUBECTL } from './kit/kubectl.ts';
import { startWorld, type World } from './kit/world.ts';
import { ROWS } from './rows/rows.ts';

interface Result {
  id: string;
  title: string;
  tier: string;
  result: 'passed' | 'failed' | 'not attempted';
  ms?: number;
  /** Of what failed or was not attempted. */
  reason?: string;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { output: { type: 'string', short: 'o' } },
});
const json = values.output === 'json';
const listed = new Map((readChecklist() ?? []).map((row) => [row.id, row]));
const known = new Set([...listed.keys(), ...ROWS.map(({ id }) => id)]);
const strange = positionals.filter((id) => !known.has(id));
if (strange.length > 0 || (values.output !== undefined && !json)) {
  const problems = strange.map((id) => `${id} is no row of the checklist`);
  if (values.output !== undefined && !json) problems.push(`-o ${values.output}: the only form is json`);
  console.error(problems.join('\n'));
  process.exit(2);
}

const wanted = [...known].sort().filter((id) => positionals.length === 0 || positionals.includes(id));
const kubectl = hasKubectl();
const world = await startWorld();
const results: Result[] = [];
for (const id of wanted) {
  const result = await resultOf(world, id, listed.get(id));
  results.push(result);
  if (!json) console.log(lineOf(result));
}
await world.stop();

const count = (what: Result['result']): number => results.filter(({ result }) => result === what).length;
const totals = { passed: count('passed'), failed: count('failed'), notAttempted: count('not attempted') };
if (json) console.log(JSON.stringify({ results, totals }, null, 2));
else console.log(`\n${totals.notAttempted} not attempted\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;

async function resultOf(world: World, id: string, row?: Listed): Promise<Result> {
  const named = { id, title: row?.title ?? '', tier: row?.tier ?? '' };
  const skip = (reason: string): Result => ({ ...named, result: 'not attempted', reason });
  const test = ROWS.find((other) => other.id === id);
  if (!test) return skip(NOT_ATTEMPTED[row?.tier ?? 'api']);
  if (!kubectl && NEEDS_KUBECTL.has(id)) return skip('there is no kubectl');
  const began = performance.now();
  try {
    await world.run(test);
    return { ...named, result: 'passed', ms: Math.round(performance.now() - began) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...named, result: 'failed', ms: Math.round(performance.now() - began), reason };
  }
}

function lineOf({ id, title, tier, result, ms, reason }: Result): string {
  const time = ms === undefined ? '' : `${ms} ms`;
  const line = `${result.padEnd(13)}  ${id}  ${tier.padEnd(4)}  ${time.padStart(7)}  ${title}`;
  return reason === undefined ? line : `${line}\n    ${reason.split('\n').join('\n    ')}`;
}
