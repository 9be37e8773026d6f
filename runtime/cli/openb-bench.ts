/** `keelson bench OpenB`: whole runs of the published experiment, beside the time that its authors name. */
import { measureOpenb, type OpenbMeasured, openbPolicies, PUBLISHED_SECONDS } from '../../bench/openb.ts';
import { machine } from '../../bench/run.ts';
import { short } from './bench-output.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const HEAD = ['policy', 'pods', 'seconds', 'min-max', 'first', 'scan', 'published', 'ratio', 'ok'];

export interface OpenbBenchOptions {
  runs: number;
  quick: boolean;
  json: boolean;
}

/** Exit code 1 when a run is not the scan's. */
export async function benchOpenb({ runs, quick, json }: OpenbBenchOptions, terminal: Terminal): Promise<number> {
  const here = machine();
  const results = openbPolicies().map((policy) => measureOpenb(policy, { runs, quick }));
  if (json) await terminal.json({ machine: here, node: process.version, results });
  else {
    const { cpu, cores, load, keelson } = here;
    await terminal.write(
      `keelson ${keelson}, Node ${process.version}, ${cores} cores of ${cpu}, load ${load}\n` +
        `OpenB: pods on ${results[0].nodes.toLocaleString('en')} nodes, whole runs on one thread, seed 42, in seconds\n` +
        formatTable(
          HEAD,
          results.map(cells),
          terminal.width,
          HEAD.map((_, i) => (i === 0 ? 'left' : 'right')),
        ) +
        'all workloads, policies and ten seeds: keelson simulate --verify openb\n',
    );
  }
  return results.every(({ verified }) => verified) ? 0 : 1;
}

function cells({ policy, pods, seconds, firstSeconds, scanSeconds, verified }: OpenbMeasured): string[] {
  const { median, min, max } = seconds;
  return [
    policy,
    pods.toLocaleString('en'),
    median.toFixed(3),
    `${min.toFixed(3)}-${max.toFixed(3)}`,
    firstSeconds.toFixed(3),
    scanSeconds.toFixed(3),
    policy === 'FGD' ? String(PUBLISHED_SECONDS) : '',
    policy === 'FGD' ? `×${short(PUBLISHED_SECONDS / median)}` : '',
    verified ? 'yes' : 'NO',
  ];
}
