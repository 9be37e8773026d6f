/**
 * The nftables data plane beside kube-proxy's layout of the same table, in a network namespace of its own: loading a
 * cluster, and one endpoint that leaves and comes back. Needs root and nft.
 *
 *   npm run bench:nftables [-- --services 5000] [-- --endpoints 10] [-- --runs 5] [-- --only keelson|peer]
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { BackendEndpoint, Frontend } from '../core/index.ts';
import type { ServedBackends, ServedFrontend, TableChanges } from '../runtime/proxy/data-plane.ts';
import { NftablesPlane } from '../runtime/proxy/nftables/plane.ts';
import { DEFAULT_SETTINGS } from '../runtime/proxy/settings.ts';
import { makeEndpoints, percentile, type Spread, spreadOf } from './balancer/spread.ts';

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '5000' },
    endpoints: { type: 'string', default: '10' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    inside: { type: 'boolean', default: false },
  },
});
const services = Number(values.services);
const each = Number(values.endpoints);
const runs = Number(values.runs);
/** Changes that are timed, of each kind. */
const CHANGES = 20;
const NOTHING: TableChanges = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };

if (!values.inside) {
  const args = ['--net', process.execPath, import.meta.filename, '--inside', ...process.argv.slice(2)];
  process.exit(spawnSync('unshare', args, { stdio: 'inherit' }).status ?? 1);
}

const machine = `${availableParallelism()} cores of ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}`;
console.log(`Node ${process.version}, ${machine}; ${services} services, ${services * each} endpoints`);
if (values.only !== 'peer') await measureKeelson();
if (values.only !== 'keelson') measurePeer();

async function measureKeelson(): Promise<void> {
  const lists = Array.from({ length: services }, (_, s) => endpointsOf(s));
  const whole: TableChanges = {
    ...NOTHING,
    frontends: lists.map((_, s) => frontendOf(s)),
    backends: lists.map((list, s) => backendsOf(s, list)),
  };
  const loads: number[] = [];
  const changes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const plane = await NftablesPlane.start({ nodeName: 'n0' });
    loads.push(await timed(() => plane.apply(1, whole)));
    let version = 1;
    for (let i = 0; i < CHANGES; i++) {
      const s = (i * 97) % services;
      for (const list of [lists[s].slice(1), lists[s]])
        changes.push(await timed(() => plane.apply(++version, { ...NOTHING, backends: [backendsOf(s, list)] })));
    }
    const { failures } = plane.stats().counters;
    if (failures > 0) throw new Error(`${failures} transactions failed`);
    if (run === 0) console.log(`process: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
    await plane.close(0);
  }
  report('keelson', loads, changes);
}

/** On five hundred nodes, of which this one is n0. */
function endpointsOf(s: number): BackendEndpoint[] {
  return makeEndpoints(each, s * each).map((endpoint, i) => ({ ...endpoint, nodeName: `n${(s * each + i) % 500}` }));
}

/** A chain for each Service and each endpoint, as kube-proxy has them; the same changes, by the same tool. */
function measurePeer(): void {
  const lists = Array.from({ length: services }, (_, s) => makeEndpoints(each, s * each));
  const text = peerTable(lists);
  const loads: number[] = [];
  const changes: number[] = [];
  for (let run = 0; run < runs; run++) {
    loads.push(timedSync(() => nft(text)));
    for (let i = 0; i < CHANGES / 4; i++) {
      const s = (i * 97) % services;
      const [first] = lists[s];
      const gone = `flush chain ip peer s${s}\n${peerRule(s, lists[s].slice(1))}flush chain ip peer e${first.address}\ndelete chain ip peer e${first.address}\n`;
      const back = `${peerEndpoint(first)}flush chain ip peer s${s}\n${peerRule(s, lists[s])}`;
      for (const change of [gone, back]) changes.push(timedSync(() => nft(change)));
    }
    nft('delete table ip peer\n');
  }
  report("kube-proxy's layout", loads, changes);
}

function peerTable(lists: readonly BackendEndpoint[][]): string {
  const base = `add table ip peer
add map ip peer services { type ipv4_addr . inet_proto . inet_service : verdict ; }
add chain ip peer nat { type nat hook prerouting priority -100 ; }
add rule ip peer nat ip daddr . meta l4proto . th dport vmap @services
add chain ip peer to-masquerade
add rule ip peer to-masquerade meta mark set meta mark | 0x4000
`;
  const parts = lists.map((list, s) => {
    const chains = list.map(peerEndpoint).join('');
    const element = `add element ip peer services { ${vip(s)} . tcp . 80 : goto s${s} }\n`;
    return `${chains}add chain ip peer s${s}\n${peerRule(s, list)}${element}`;
  });
  return base + parts.join('');
}

function peerEndpoint({ address, port }: BackendEndpoint): string {
  const chain = `ip peer e${address}`;
  return `add chain ${chain}\nadd rule ${chain} ip saddr ${address} jump to-masquerade\nadd rule ${chain} meta l4proto tcp dnat to ${address}:${port}\n`;
}

function peerRule(s: number, list: readonly BackendEndpoint[]): string {
  const goals = list.map(({ address }, i) => `${i} : goto e${address}`).join(', ');
  return `add rule ip peer s${s} numgen random mod ${list.length} vmap { ${goals} }\n`;
}

function nft(input: string): void {
  const { status, stderr } = spawnSync('nft', ['-f', '-'], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`nft: ${stderr.slice(0, 500)}`);
}

function vip(s: number): string {
  return `10.96.${s >> 8}.${s & 255}`;
}

function frontendOf(s: number): ServedFrontend {
  const route = { verdict: 'forward', policy: 'Cluster', endpoints: [] } as const;
  const frontend: Frontend = {
    kind: 'ClusterIP',
    family: 'IPv4',
    address: vip(s),
    port: 80,
    protocol: 'TCP',
    service: `default/service-${s}`,
    portName: 'http',
    fromOutside: route,
    fromNode: route,
    affinitySeconds: 0,
    sourceRanges: [],
  };
  return { frontend, settings: DEFAULT_SETTINGS };
}

function backendsOf(s: number, endpoints: readonly BackendEndpoint[]): ServedBackends {
  const name = `default/service-${s}:http/TCP/IPv4/Cluster`;
  return { name, protocol: 'TCP', endpoints, policy: 'random', affinitySeconds: 0 };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function timedSync(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

function report(who: string, loads: readonly number[], changes: readonly number[]): void {
  console.log(`${who} | load of all | ${text(spreadOf(loads))}`);
  console.log(
    `${who} | one endpoint's change | ${text(spreadOf(changes))}, p99 ${percentile(changes, 0.99).toFixed(1)} ms`,
  );
}

function text({ median, least, most }: Spread): string {
  return `${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)})`;
}
