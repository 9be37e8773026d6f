/**
 * Rollouts under constant load: three pods, each a process, are replaced by three new ones, over and over, while clients
 * that never try again count what fails. Drained first and ended then nothing does; the naive order, which ends a pod and
 * tells later, shows what would.
 *
 *   npm run bench:rollouts [-- --requests 1000000] [-- --rollouts 100] [-- --smoke] [-- -o json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BackendEndpoint, frontendKey } from '../core/index.ts';
import type { ServedBackends } from '../runtime/proxy/data-plane.ts';
import { DEFAULT_SETTINGS } from '../runtime/proxy/settings.ts';
import { UserspacePlane } from '../runtime/proxy/userspace/plane.ts';
import { type Running, startModule } from './proxy/peers.ts';
import { RolloutLoad } from './proxy/rollout-load.ts';
import { backendsOf, frontendOf } from './proxy/service.ts';

export interface RolloutRow {
  protocol: 'tcp' | 'http';
  order: 'drain, then end' | 'end, then tell';
  rollouts: number;
  /** Answered whole: on connections that clients kept, and on connections of one request. */
  kept: number;
  short: number;
  failed: number;
  /** What failed requests met, and how often. */
  reasons: Record<string, number>;
  /** Requests or connections that the proxy sent to a second endpoint: none, as it is not allowed to. */
  retries: number;
  seconds: number;
}

export interface RolloutResults {
  machine: { cpu: string; cores: number; load: number };
  node: string;
  rows: RolloutRow[];
}

interface Pod {
  readonly process: Running;
  readonly endpoint: BackendEndpoint;
}

const PODS = 3;
const CLIENTS = 32;
/** Of the naive order: enough to see it fail. */
const NAIVE_ROLLOUTS = 5;
/** Until the news of an ended pod would have come. */
const NEWS_MS = 20;
const DRAIN_MS = 30_000;
const NONE = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    rollouts: { type: 'string', default: '100' },
    smoke: { type: 'boolean', default: false },
    output: { type: 'string', short: 'o', default: 'table' },
  },
});
const requests = values.smoke ? 400 : Number(values.requests);
const rollouts = values.smoke ? 2 : Number(values.rollouts);
if (!(requests >= 1 && rollouts >= 1) || !['table', 'json'].includes(values.output)) {
  console.error('usage: bench:rollouts [--requests N] [--rollouts N] [--smoke] [-o table|json]');
  process.exit(2);
}

const results: RolloutResults = {
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] },
  node: process.version,
  rows: [],
};
for (const protocol of ['http', 'tcp'] as const) {
  // Half of the rollouts and of the requests each.
  results.rows.push(await run(protocol, 'drain, then end', Math.ceil(rollouts / 2), Math.ceil(requests / 2)));
  const few = Math.min(NAIVE_ROLLOUTS, rollouts);
  results.rows.push(await run(protocol, 'end, then tell', few, Math.ceil((requests * few) / rollouts / 2)));
}
if (values.output === 'json') console.log(JSON.stringify(results, null, 2));
else for (const row of results.rows) console.log(lineOf(row));
const lost = results.rows.some(({ order, failed }) => order === 'drain, then end' && failed > 0);
process.exit(lost ? 1 : 0);

async function run(
  protocol: RolloutRow['protocol'],
  order: RolloutRow['order'],
  times: number,
  count: number,
): Promise<RolloutRow> {
  const plane = await UserspacePlane.start({ placesOf: () => [{ host: '127.0.0.1', port: 0 }], threads: 2 });
  let pods = await Promise.all(Array.from({ length: PODS }, () => startPod(protocol)));
  const frontend = frontendOf('web');
  const settings = { ...DEFAULT_SETTINGS, protocol, maxAttempts: 1 };
  await plane.apply(1, { ...NONE, frontends: [{ frontend, settings }], backends: [served(pods)] });
  let version = 1;
  const tell = (list: readonly Pod[]): Promise<void> => plane.apply(++version, { ...NONE, backends: [served(list)] });
  const [{ port }] = plane.addressesOf(frontendKey(frontend));
  const startedMs = performance.now();
  const load = new RolloutLoad(port, CLIENTS);
  for (let rollout = 0; rollout < times; rollout++) {
    await load.reached((rollout * count) / times);
    for (let i = 0; i < PODS; i++) {
      const fresh = await startPod(protocol);
      const [old, ...others] = pods;
      pods = [...others, fresh];
      if (order === 'drain, then end')
        await replace(
          plane,
          protocol,
          old,
          () => tell([old, ...pods]),
          () => tell(pods),
        );
      else {
        await old.process.stop();
        await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
        await tell(pods);
      }
    }
  }
  await load.reached(count);
  await load.stop();
  const seconds = (performance.now() - startedMs) / 1000;
  const { retries } = plane.stats().counters;
  await plane.close(0);
  for (const pod of pods) await pod.process.stop();
  return {
    protocol,
    order,
    rollouts: times,
    ...load.whole,
    failed: load.failed,
    reasons: Object.fromEntries(load.reasons),
    retries,
    seconds,
  };
}

/** The new pod is published, the old one taken out, and ended when nobody is sent there any more. */
async function replace(
  plane: UserspacePlane,
  protocol: RolloutRow['protocol'],
  { process, endpoint }: Pod,
  publish: () => Promise<void>,
  takeOut: () => Promise<void>,
): Promise<void> {
  await publish();
  if (protocol === 'http') {
    const { ended, inFlight } = await plane.drain(endpoint, DRAIN_MS);
    if (!ended) throw new Error(`${inFlight} requests are still at the pod after ${DRAIN_MS} ms`);
    await takeOut();
    await process.end();
    return;
  }
  // Clients that keep a connection learn from the pod that it ends; who is not there yet is sent elsewhere from here on.
  await takeOut();
  await process.end();
}

async function startPod(protocol: RolloutRow['protocol']): Promise<Pod> {
  const process = await startModule('pod.ts', protocol === 'http' ? 'drained' : 'lame');
  const endpoint = { address: '127.0.0.1', port: process.ports.http, ready: true, serving: true, terminating: false };
  return { process, endpoint };
}

function served(pods: readonly Pod[]): ServedBackends {
  return backendsOf(
    'web',
    pods.map(({ endpoint }) => endpoint),
    'round-robin',
  );
}

function lineOf({ protocol, order, rollouts: times, kept, short, failed, reasons, seconds }: RolloutRow): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);
  return `${protocol}, ${order} | ${times} rollouts of ${PODS} pods | ${kept} requests on kept connections, ${short} on short ones | ${failed} failed${why.length > 0 ? ` (${why.join(', ')})` : ''} | ${seconds.toFixed(0)} s`;
}
