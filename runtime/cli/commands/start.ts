/** `keelson start`: the main job. The built-in OpenB cluster under every policy, beside what was published. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parsePolicies, parseSeeds } from '../../../sim/openb/arguments.ts';
import { publishedDefault, VERIFIED_POINTS } from '../../../sim/openb/verify.ts';
import { POLICIES } from '../../../sim/policies/registry.ts';
import { compare } from '../../../sim/report/numbers.ts';
import { renderPage } from '../../../sim/report/page.ts';
import { openbPublished, openbTrace } from '../../../sim/traces/openb-shapes.ts';
import { engineOf } from '../engine-flag.ts';
import type { Flags } from '../flags.ts';
import { comparisonTable, runAsJson, seedsAsText } from '../openb-output.ts';
import { openbReport, rejectedOf } from '../openb-report.ts';
import { runWatched } from '../openb-run.ts';
import { outputFile } from '../output-file.ts';
import type { Terminal } from '../terminal.ts';
import { showContainers } from './start-containers.ts';

/** Five seeds finish well within a minute on two cores; the published experiment has ten, from 42 to 51. */
const SEEDS = '42..46';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  flags.noWords();
  const seeds = parseSeeds(flags.text('seeds') ?? SEEDS);
  const policies = flags.has('policy') ? parsePolicies(flags.text('policy') ?? '') : [...POLICIES];
  const threads = flags.whole('threads', availableParallelism(), 1, 256);
  const reportPath = outputFile(flags, 'report', 'report.html');
  const engine = { host: await engineOf(flags), off: flags.text('docker') === 'off' };
  const say = (line: string): Promise<void> | void => (json ? terminal.note(line) : terminal.write(line + '\n'));

  await say(`seeds ${seedsAsText(seeds)}`);
  const trace = openbTrace();
  const { runs, tookMs } = await runWatched({ trace, policies, seeds, threads, explain: true }, terminal);

  const published = publishedDefault();
  const comparisons = compare('default', runs, published, VERIFIED_POINTS);
  const { origin, licence, curves } = openbPublished();
  const report = openbReport(
    {
      workload: 'OpenB, the GPU cluster that Alibaba published in 2023',
      trace,
      runs,
      seeds,
      threads,
      tookMs,
      published,
      publishedCurves: curves,
      comparisons,
      explained: rejectedOf(runs),
      command: `npx keelson start --seeds ${seedsAsText(seeds)} --policy ${policies.join(',')}`,
      origin: [`Workload and published figures: ${origin}. Licence ${licence}.`],
    },
    new Date(),
  );
  writeFileSync(reportPath, renderPage(report));
  if (!json) await terminal.write(comparisonTable(comparisons, terminal, false));
  const judged = comparisons.filter(({ within }) => within !== undefined);
  const within = judged.filter((row) => row.within).length;
  await say(
    `\n${runs.length} runs, ${runs.reduce((sum, { arrived }) => sum + arrived, 0).toLocaleString('en')} decisions in ` +
      `${(tookMs / 1000).toFixed(1)} s on ${threads} threads; ${within} of ${judged.length} figures as published`,
  );
  const { exitCode, ...containers } = await showContainers(engine, terminal, say);
  if ('steps' in containers) writeFileSync(reportPath, renderPage({ ...report, containers }));
  if (json) await terminal.json({ seeds, comparisons, runs: runs.map(runAsJson), containers, report: reportPath });
  await say(`\nreport ${reportPath}`);
  return exitCode;
}
