/** `keelson simulate --verify openb`: the published experiment again, and whether each figure is where it should be. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parsePolicies, parseSeeds } from '../../../sim/openb/arguments.ts';
import { PUBLISHED_SEEDS, verifyOpenB } from '../../../sim/openb/verify.ts';
import { PUBLISHED_POLICIES } from '../../../sim/policies/registry.ts';
import type { Flags } from '../flags.ts';
import { comparisonTable, seedsAsText } from '../openb-output.ts';
import { startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Beside a checkout of Keelson. */
const DATA = resolve(import.meta.dirname, '../../../../shared/data/traces/openb');

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  flags.choice('verify', ['openb'], 'openb');
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const seeds = flags.has('seeds') ? parseSeeds(flags.text('seeds') ?? '') : PUBLISHED_SEEDS;
  const policies = flags.has('policy') ? parsePolicies(flags.text('policy') ?? '') : PUBLISHED_POLICIES;
  const unpublished = policies.find((policy) => !PUBLISHED_POLICIES.some((name) => name === policy));
  if (unpublished) throw flags.wrong('policy', `nothing is published for ${unpublished}`);
  const threads = flags.whole('threads', availableParallelism(), 1, 256);
  const dataDir = flags.text('data') ?? DATA;
  if (!existsSync(join(dataDir, 'expected'))) {
    throw new UsageError(`${dataDir}: there is no expected/summary.csv in it; name the OpenB artefact with --data DIR`);
  }

  const say = (line: string): Promise<void> | void => (json ? terminal.note(line) : terminal.write(line + '\n'));
  await say(`seeds ${seedsAsText(seeds)}`);
  const startedMs = performance.now();
  const progress = await startProgress(terminal, policies.length * seeds.length, 'runs');
  const { comparisons, within, total } = await verifyOpenB({ dataDir, seeds, policies, threads }, (state) => {
    progress.update(state.done, `${state.workload}, ${state.run.policy}, seed ${state.run.seed}`, state.total);
  }).finally(() => progress.stop());
  const seconds = (performance.now() - startedMs) / 1000;

  if (json) await terminal.json({ seeds, within, total, comparisons });
  else await terminal.write(comparisonTable(comparisons, terminal, true));
  await say(
    `\n${within} of ${total} means are within max(0.5 points, 2 published standard deviations), ` +
      `${seeds.length} seeds, ${seconds.toFixed(1)} s on ${threads} threads`,
  );
  return within === total && total > 0 ? 0 : 1;
}
