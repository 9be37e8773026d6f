/**
 * `npm run conformance [-- C001 … ] [-o json]`: the rows named, or all, against clusters of this process; what passed,
 * what failed and why, and what is not attempted and why. Exits 1 where a row failed.
 */
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { enterOwnNetwork } from '../support/own-network.ts';
import { type Listed, lackOf, readChecklist } from './checklist.ts';
import { hasKubectl, NEEDS_KUBECTL } from './kit/kubectl.ts';
import { startContainerWorld, startWorld, type World } from './kit/world.ts';
import type { Row } from './row.ts';
import { CONTAINER_ROWS, ROWS } from './rows/rows.ts';

const CONTAINER_ROWS_AT_ONCE = 4;

enterOwnNetwork();

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
const known = new Set([...listed.keys(), ...[...ROWS, ...CONTAINER_ROWS].map(({ id }) => id)]);
const strange = positionals.filter((id) => !known.has(id));
if (strange.length > 0 || (values.output !== undefined && !json)) {
  const problems = strange.map((id) => `${id} is no row of the checklist`);
  if (values.output !== undefined && !json) problems.push(`-o ${values.output}: the only form is json`);
  console.error(problems.join('\n'));
  process.exit(2);
}

const wanted = [...known].sort().filter((id) => positionals.length === 0 || positionals.includes(id));
const kubectl = hasKubectl();
const needsContainers = new Set(CONTAINER_ROWS.map(({ id }) => id));
const results: Result[] = [
  ...(await resultsOf(
    startWorld,
    wanted.filter((id) => !needsContainers.has(id)),
    1,
  )),
  // Most of their time is waiting.
  ...(await resultsOf(
    startContainerWorld,
    wanted.filter((id) => needsContainers.has(id)),
    CONTAINER_ROWS_AT_ONCE,
  )),
];
results.sort((a, b) => (a.id < b.id ? -1 : 1));

const count = (what: Result['result']): number => results.filter(({ result }) => result === what).length;
const totals = { passed: count('passed'), failed: count('failed'), notAttempted: count('not attempted') };
if (json) console.log(JSON.stringify({ results, totals }, null, 2));
else
  console.log(
    `\n${byTier(results)}\n${totals.notAttempted} not attempted\n${totals.passed} passed, ${totals.failed} failed`,
  );
process.exitCode = totals.failed > 0 ? 1 : 0;

/** 'api: 74 of 74' */
function byTier(results: readonly Result[]): string {
  const tiers = [...new Set(results.map(({ tier }) => tier))];
  const of = (tier: string): Result[] => results.filter((one) => one.tier === tier);
  const passed = (tier: string): number => of(tier).filter(({ result }) => result === 'passed').length;
  return tiers.map((tier) => `${tier}: ${passed(tier)} of ${of(tier).length}`).join(', ');
}

/** @param start undefined where there is no engine. */
async function resultsOf(
  start: () => Promise<World | undefined>,
  ids: readonly string[],
  atOnce: number,
): Promise<Result[]> {
  const world = ids.some((id) => testOf(id)) ? await start() : undefined;
  const results: Result[] = [];
  const left = [...ids];
  const oneAfterAnother = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const result = await resultOf(world, id, listed.get(id));
      results.push(result);
      if (!json) console.log(lineOf(result));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, oneAfterAnother));
  await world?.stop();
  return results;
}

function testOf(id: string): Row | undefined {
  return [...ROWS, ...CONTAINER_ROWS].find((row) => row.id === id);
}

async function resultOf(world: World | undefined, id: string, row?: Listed): Promise<Result> {
  const named = { id, title: row?.title ?? '', tier: row?.tier ?? '' };
  const skip = (reason: string): Result => ({ ...named, result: 'not attempted', reason });
  const test = testOf(id);
  if (!test) return skip(`${lackOf(id)} is missing`);
  if (!world) return skip('there is no container engine');
  if (!kubectl && NEEDS_KUBECTL.has(id)) return skip('there is no kubectl');
  const began = performance.now();
  try {
    await world.run(test);
    return { ...named, result: 'passed', ms: Math.round(performance.now() - began) };
  } catch (error) {
    const { message, details } = error as { message: string; details?: string };
    const reason = details ? `${message}\n${stripVTControlCharacters(details)}` : message;
    return { ...named, result: 'failed', ms: Math.round(performance.now() - began), reason };
  }
}

function lineOf({ id, title, tier, result, ms, reason }: Result): string {
  const time = ms === undefined ? '' : `${ms} ms`;
  const line = `${result.padEnd(13)}  ${id}  ${tier.padEnd(4)}  ${time.padStart(7)}  ${title}`;
  return reason === undefined ? line : `${line}\n    ${reason.split('\n').join('\n    ')}`;
}
