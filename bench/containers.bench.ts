/**
 * Real containers: a Deployment rolled under load (by either carrier of Services, or by one), the first container of a pod, and twenty that nobody asks anything.
 * An engine of the benchmark's own is started, as root, in a network of its own.
 *
 *   npm run bench:containers [-- rollouts|nftables|userspace|first|idle ...] [-- --smoke] [-- -o json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { enterOwnNetwork } from '../test/support/own-network.ts';
import type { Spread } from './balancer/spread.ts';
import { type FirstContainerRow, measureFirstContainer } from './containers/first-container.ts';
import { type IdleRow, measureIdle } from './containers/idle.ts';
import { startEngine } from './containers/own-cluster.ts';
import { type Carrier, measureRollouts, type RolloutsRow } from './containers/rollouts.ts';

export interface ContainerResults {
  machine: { cpu: string; cores: number; load: number };
  node: string;
  engine: string;
  rollouts?: RolloutsRow[];
  first?: FirstContainerRow;
  idle?: IdleRow[];
}

const CARRIERS: Carrier[] = ['nftables', 'userspace'];
const PARTS = ['rollouts', ...CARRIERS, 'first', 'idle'];

const { values, positionals } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, output: { type: 'string', short: 'o', default: 'table' } },
  allowPositionals: true,
});
if (positionals.some((part) => !PARTS.includes(part)) || !['table', 'json'].includes(values.output)) {
  console.error('usage: bench:containers [rollouts|nftables|userspace|first|idle ...] [--smoke] [-o table|json]');
  process.exit(2);
}
const wanted = (part: string): boolean => positionals.length === 0 || positionals.includes(part);
const { smoke } = values;

enterOwnNetwork();
const own = await startEngine();
if (own) {
  const results: ContainerResults = {
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] },
    node: process.version,
    engine: (await own.engine.facts()).version,
  };
  try {
    for (const carrier of CARRIERS.filter((one) => wanted('rollouts') || positionals.includes(one))) {
      results.rollouts ??= [];
      results.rollouts.push(await measureRollouts(own, carrier, smoke ? 1 : 20, smoke ? 100 : 500));
    }
    if (wanted('first')) results.first = await measureFirstContainer(own, smoke ? 1 : 15);
    if (wanted('idle')) {
      const plan = smoke
        ? { pods: 2, windows: 1, windowSeconds: 0.5, restSeconds: 0 }
        : { pods: 20, windows: 5, windowSeconds: 6, restSeconds: 5 };
      results.idle = await measureIdle(own, plan);
    }
  } finally {
    await own.dockerd.close();
  }
  if (values.output === 'json') console.log(JSON.stringify(results, null, 2));
  else for (const line of linesOf(results)) console.log(line);
  if (results.rollouts?.some(({ load }) => load.failed > 0)) process.exitCode = 1;
}

function* linesOf({ rollouts, first, idle }: ContainerResults): Generator<string> {
  for (const { carrier, rollouts: times, load, perSecond, rolloutMs } of rollouts ?? []) {
    const why = Object.entries(load.reasons).map(([reason, count]) => `${count} × ${reason}`);
    yield `${times} rollouts of 3 pods at ${perSecond} requests/s, ${carrier} | ${load.sent} requests, ${load.failed} failed ${why.join(', ')}`;
    yield `  one rollout | ${text(rolloutMs)} ms`;
    yield `  one request | ${load.p50Ms.toFixed(1)} ms median, ${load.p99Ms.toFixed(1)} ms p99, ${load.maxMs.toFixed(0)} ms the longest`;
  }
  if (first) {
    yield `kubectl apply, from its start to its end | ${text(first.kubectlMs)} ms (${first.pods} pods)`;
    yield `pod created to its container started | ${text(first.startedMs)} ms`;
    yield `  of it the engine's create and start | ${text(first.engineMs)} ms`;
    yield `  of it ours | ${text(first.oursMs)} ms`;
    yield `the engine alone, by bare calls | ${text(first.bareMs)} ms`;
    yield `pod created to Running in the API | ${text(first.runningMs)} ms`;
  }
  for (const { pods, probed, megabytes, percentOfCore } of idle ?? []) {
    yield `idle with ${pods} ${probed ? 'pods, each probed' : 'pods'} | ${text(megabytes)} MB, ${text(percentOfCore, 2)} % of a core`;
  }
}

function text({ median, least, most }: Spread, digits = 0): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
