/** `keelson simulate DIR|FILE... --scenario FILE`: the cluster of the manifests over time, on the virtual clock. */
import { writeFileSync } from 'node:fs';
import { ApiError, errorsOf, formatProblem, type KubeObject } from '../../../core/index.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { beginningOf, CONTROLLED } from '../../../sim/cluster/beginning.ts';
import { type ClusterReport, renderClusterPage } from '../../../sim/cluster/page.ts';
import type { ClusterRun } from '../../../sim/cluster/result.ts';
import { readScenario } from '../../../sim/cluster/scenario/read-scenario.ts';
import { ClusterSimulation } from '../../../sim/cluster/simulation.ts';
import { KindTable } from '../../../sim/cluster/world/kinds.ts';
import { spanText } from '../../../sim/cluster/world/time-text.ts';
import { clusterText, isWithinLimits } from '../cluster-output.ts';
import type { Flags } from '../flags.ts';
import { readInput } from '../manifest-input.ts';
import { outputFile } from '../output-file.ts';
import type { Terminal } from '../terminal.ts';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const reportPath = flags.has('report') ? outputFile(flags, 'report', '') : undefined;
  const { manifests, options } = readInput(flags.words, flags, terminal, CONTROLLED);
  const { objects, startMs, problems } = beginningOf(manifests);
  const input = { file: flags.text('scenario'), events: flags.text('events'), duration: flags.text('for') };
  const { scenario, applied, problems: wrong } = readScenario(input, objects, new KindTable(objects));
  const errors = errorsOf([...problems, ...wrong]);
  if (errors.length > 0) throw new ApiError('Invalid', errors);
  for (const warning of [...problems, ...wrong]) terminal.note(formatProblem(warning));

  if (!json) await terminal.write(`seed ${options.seed}\n`);
  const simulation = new ClusterSimulation(objects, startMs, scenario, { ...options, further: applied });
  const result = await simulation.run();
  if (reportPath !== undefined) writeFileSync(reportPath, renderClusterPage(reportOf(flags, objects, result)));
  if (json) await terminal.json(result);
  else await terminal.write(clusterText(result, terminal.width));
  if (reportPath !== undefined && !json) await terminal.write(`report ${reportPath}\n`);
  return isWithinLimits(result) ? 0 : 1;
}

function reportOf(flags: Flags, objects: readonly KubeObject[], run: ClusterRun): ClusterReport {
  const { workloads, events, evictions, durationMs, seed } = run;
  const taken = Object.values(evictions).reduce((sum, count) => sum + count, 0);
  const recoveries = events.map(({ recoveredMs }) => recoveredMs ?? Number.POSITIVE_INFINITY);
  const longest = Math.max(0, ...recoveries);
  const serving = workloads.reduce((sum, one) => sum + one.serving, 0);
  const desired = workloads.reduce((sum, one) => sum + one.desired, 0);
  return {
    title: 'A cluster over time',
    summary: `${spanText(durationMs)} of a cluster of ${run.nodes} nodes and ${workloads.length} workloads, with the controllers and the scheduler of Keelson, on a virtual clock.`,
    madeAt: new Date().toISOString(),
    cards: [
      { label: 'Nodes', value: run.nodes.toLocaleString('en'), note: `${objects.length} objects at the beginning` },
      { label: 'Serving', value: `${serving} of ${desired}`, note: 'pods of workloads, at the end' },
      {
        label: 'Longest to be whole again',
        value: longest === Number.POSITIVE_INFINITY ? 'not any more' : spanText(longest),
        note: `after ${events.length} events`,
      },
      { label: 'Pods taken', value: taken.toLocaleString('en'), note: 'by drains, taints, preemption' },
      { label: 'Decisions', value: run.log.length.toLocaleString('en'), note: `seed ${seed}` },
    ],
    run,
    reproduce: [commandLine(flags)],
    origin: [`keelson ${manifest.version}, Node ${process.versions.node}, seed ${seed}, decisions ${run.hash}.`],
  };
}

/** What the run depends on, as it was given. */
function commandLine(flags: Flags): string {
  const named = ['scenario', 'events', 'for', 'config', 'decider', 'tie', 'seed'].filter((name) => flags.has(name));
  const words = named.map((name) => `--${name} ${quoted(flags.text(name) ?? '')}`);
  return ['keelson simulate', ...flags.words.map(quoted), ...words].join(' ');
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
