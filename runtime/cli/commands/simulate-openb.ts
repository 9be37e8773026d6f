/** `keelson simulate --nodes --pods`: OpenB files of the user's own under the asked policies and seeds. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parsePolicies, parseSeeds } from '../../../sim/openb/arguments.ts';
import { VERIFIED_POINTS } from '../../../sim/openb/verify.ts';
import { compare, runsToCsv } from '../../../sim/report/numbers.ts';
import { renderPage } from '../../../sim/report/page.ts';
import { readOpenb } from '../../../sim/traces/openb.ts';
import type { Flags } from '../flags.ts';
import { runAsJson, runsTable, seedsAsText } from '../openb-output.ts';
import { openbReport, rejectedOf } from '../openb-report.ts';
import { runWatched } from '../openb-run.ts';
import { outputFile } from '../output-file.ts';
import type { Terminal } from '../terminal.ts';

const SEEDS = '42..51';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const output = flags.choice('output', ['table', 'json', 'csv'], 'table');
  const nodesPath = flags.required('nodes');
  const podsPath = flags.required('pods');
  const policies = parsePolicies(flags.required('policy'));
  const seeds = parseSeeds(flags.text('seeds') ?? SEEDS);
  const threads = flags.whole('threads', availableParallelism(), 1, 256);
  const reportPath = flags.has('report') ? outputFile(flags, 'report', '') : undefined;
  const trace = readOpenb(nodesPath, podsPath);

  const say = (line: string): Promise<void> | void =>
    output === 'table' ? terminal.write(line + '\n') : terminal.note(line);
  await say(`seeds ${seedsAsText(seeds)}`);
  const { runs, tookMs } = await runWatched({ trace, policies, seeds, threads, explain: true }, terminal);

  if (reportPath !== undefined) {
    const report = openbReport(
      {
        workload: `${podsPath} on ${nodesPath}`,
        trace,
        runs,
        seeds,
        threads,
        tookMs,
        published: [],
        explained: rejectedOf(runs),
        comparisons: compare(podsPath, runs, [], VERIFIED_POINTS),
        command: `keelson simulate --nodes ${nodesPath} --pods ${podsPath} --policy ${policies.join(',')} --seeds ${seedsAsText(seeds)}`,
        origin: [],
      },
      new Date(),
    );
    writeFileSync(reportPath, renderPage(report));
  }
  if (output === 'json') await terminal.json({ runs: runs.map(runAsJson) });
  else if (output === 'csv') await terminal.write(runsToCsv(runs));
  else await terminal.write(runsTable(runs, terminal));
  await say(`\n${runs.length} runs in ${(tookMs / 1000).toFixed(1)} s on ${threads} threads`);
  if (reportPath !== undefined) await say(`report ${reportPath}`);
  return 0;
}
