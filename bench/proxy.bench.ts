/**
 * The userspace data plane beside its peers, on one loopback in one run: processor time of the proxy's process for a
 * message, a connection, a GB and an HTTP request. Rounds go through all proxies in turn; medians and ratios of them.
 *
 *   npm run bench:proxy [-- messages|connections|bulk|requests ...] [-- --rounds 7] [-- --ms 400] [-- --smoke] [-- -o json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Spread, spreadOf } from './balancer/spread.ts';
import { bulk, connections, type Load, messages, requests } from './proxy/load.ts';
import { HTTP_PEERS, type Peer, type Running, startModule, TCP_PEERS } from './proxy/peers.ts';
import { processorNs } from './proxy/processor-time.ts';

export interface ProxyRow {
  proxy: string;
  version: string;
  /** µs of processor time for each; of a GB ms. */
  cost: Spread;
  /** A second, at the load's own pace. */
  rate: Spread;
  /** Our cost to this one's, round by round. */
  ratio: Spread;
}

export interface ProxySection {
  section: string;
  unit: string;
  rows: ProxyRow[];
}

export interface ProxyResults {
  machine: { cpu: string; cores: number; load: number };
  node: string;
  /** Peers that were not there to be measured. */
  skipped: string[];
  sections: ProxySection[];
}

interface Section {
  readonly name: string;
  readonly unit: string;
  readonly peers: readonly Peer[];
  /** Of the origin. */
  readonly port: string;
  readonly load: Load;
  /** ns in the unit. */
  readonly scale: number;
}

const SECTIONS: readonly Section[] = [
  { name: 'messages', unit: 'µs a message', peers: TCP_PEERS, port: 'echo', load: messages, scale: 1e3 },
  { name: 'connections', unit: 'µs a connection', peers: TCP_PEERS, port: 'echo', load: connections, scale: 1e3 },
  { name: 'bulk', unit: 'ms a GB', peers: TCP_PEERS, port: 'source', load: bulk, scale: 1e6 },
  { name: 'requests', unit: 'µs a request', peers: HTTP_PEERS, port: 'http', load: requests, scale: 1e3 },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    ms: { type: 'string', default: '400' },
    smoke: { type: 'boolean', default: false },
    output: { type: 'string', short: 'o', default: 'table' },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const ms = values.smoke ? 20 : Number(values.ms);
const unknown = positionals.filter((word) => !SECTIONS.some(({ name }) => name === word));
if (unknown.length > 0 || !(rounds >= 1 && ms >= 1) || !['table', 'json'].includes(values.output)) {
  const names = SECTIONS.map(({ name }) => name).join('|');
  console.error(`usage: bench:proxy [${names} ...] [--rounds N] [--ms N] [--smoke] [-o table|json]`);
  process.exit(2);
}

const results: ProxyResults = {
  machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] },
  node: process.version,
  skipped: [],
  sections: [],
};
for (const section of SECTIONS) {
  if (positionals.length === 0 || positionals.includes(section.name)) results.sections.push(await measure(section));
}
if (values.output === 'json') console.log(JSON.stringify(results, null, 2));
else for (const line of linesOf(results)) console.log(line);

async function measure({ name, unit, peers, port, load, scale }: Section): Promise<ProxySection> {
  const there = peers.filter((peer) => peer.version() !== undefined);
  for (const peer of peers) if (!there.includes(peer)) skip(peer.name);
  const origin = await startModule('origin.ts');
  const running: Running[] = [];
  try {
    for (const peer of there) running.push(await peer.start(origin.ports[port]));
    const [costs, rates] = [there.map((): number[] => []), there.map((): number[] => [])];
    for (const proxy of running) await load(proxy.ports.proxy, values.smoke ? 1 : 4 * ms);
    for (let round = 0; round < rounds; round++) {
      for (const [i, { pid, ports }] of running.entries()) {
        const [startedMs, beforeNs] = [performance.now(), processorNs(pid)];
        const done = await load(ports.proxy, ms);
        costs[i].push((processorNs(pid) - beforeNs) / scale / done);
        rates[i].push((1000 * done) / (performance.now() - startedMs));
      }
    }
    const rows = there.map((peer, i) => ({
      proxy: peer.name,
      version: peer.version() ?? '',
      cost: spreadOf(costs[i]),
      rate: spreadOf(rates[i]),
      ratio: spreadOf(costs[i].map((cost, round) => costs[0][round] / cost)),
    }));
    return { section: name, unit, rows };
  } finally {
    for (const each of [...running, origin]) await each.stop();
  }
}

/** Aloud, once. */
function skip(name: string): void {
  if (results.skipped.includes(name)) return;
  results.skipped.push(name);
  console.error(`skipped: ${name} is not installed (apt-get install nginx libnginx-mod-stream haproxy)`);
}

function linesOf({ machine, node, sections }: ProxyResults): string[] {
  const lines = [`Node ${node}, ${machine.cores} cores of ${machine.cpu}, load ${machine.load.toFixed(1)}`];
  for (const { unit, rows } of sections) {
    for (const { proxy, version, cost, rate, ratio } of rows) {
      const each = unit.split(' ').pop();
      lines.push(
        `${proxy} (${version}) | ${text(cost)} ${unit} | ${text(rate)} ${each}s/s | keelson to it ${text(ratio)}`,
      );
    }
  }
  return lines;
}

function text({ median, least, most }: Spread): string {
  const digits = median < 10 ? 2 : median < 1000 ? 1 : 0;
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
