/**
 * Long-lived gRPC channels whose Service grows from two endpoints to four: how long until all four get alike, that is until
 * over a window the busiest has less than 1.15 times the mean. Beside it the same forwarded as plain TCP, which is what a
 * balancer of connections does.
 *
 *   npm run bench:grpc [-- --runs 5] [-- --channels 1] [-- --seconds 5]
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type BackendEndpoint, frontendKey } from '../core/index.ts';
import type { ServedBackends } from '../runtime/proxy/data-plane.ts';
import { DEFAULT_SETTINGS, type PortProtocol } from '../runtime/proxy/settings.ts';
import { UserspacePlane } from '../runtime/proxy/userspace/plane.ts';
import { type Spread, spreadOf } from './balancer/spread.ts';
import { EchoClient, EchoServer } from './grpc/echo.ts';
import { backendsOf, frontendOf } from './proxy/service.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    channels: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '5' },
  },
});
const runs = Number(values.runs);
const channels = Number(values.channels);
const patienceMs = 1000 * Number(values.seconds);
/** Calls under way at a time, over all channels. */
const CALLS = 32;
const WINDOW_MS = 500;
const LOOK_MS = 20;
const EVEN = 1.15;

interface Outcome {
  /** From the change; Infinity where it never was. */
  readonly evenMs: number;
  /** The busiest by the mean, over the last window. */
  readonly imbalance: number;
  readonly callsPerSecond: number;
}

const CASES: readonly { name: string; protocol: PortProtocol; policy: string }[] = [
  { name: 'keelson, random', protocol: 'grpc', policy: 'random' },
  { name: 'keelson, round robin', protocol: 'grpc', policy: 'round-robin' },
  { name: 'keelson, least request', protocol: 'grpc', policy: 'least-request' },
  { name: 'naive: plain TCP', protocol: 'tcp', policy: 'random' },
];

const servers = await Promise.all([1, 2, 3, 4].map((n) => EchoServer.start(`127.0.5.${n}`, `pod-${n}`)));
const endpoints: BackendEndpoint[] = servers.map(({ host, port }) => ({
  address: host,
  port,
  ready: true,
  serving: true,
  terminating: false,
}));

console.log(
  `Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}`,
);
console.log(`${channels} channels, ${CALLS} calls at a time; clients, proxy and servers in one process, 2 workers`);
for (const { name, protocol, policy } of CASES) {
  const outcomes: Outcome[] = [];
  for (let run = 0; run < runs; run++) outcomes.push(await grow(protocol, policy));
  const even = outcomes.map(({ evenMs }) => evenMs).filter(Number.isFinite);
  const rate = text(spreadOf(outcomes.map(({ callsPerSecond }) => callsPerSecond)), 0);
  const imbalance = text(spreadOf(outcomes.map((outcome) => outcome.imbalance)), 2);
  const time =
    even.length < outcomes.length
      ? `${even.length} of ${outcomes.length} runs even within ${values.seconds} s`
      : `${text(spreadOf(even), 0)} ms`;
  console.log(`${name} | until even: ${time} | max/mean at the end: ${imbalance} | ${rate} calls/s`);
}
for (const server of servers) server.kill();

/** One Service under load, from two endpoints to four. */
async function grow(protocol: PortProtocol, policy: string): Promise<Outcome> {
  const frontend = frontendOf('echo');
  const backends = (count: number): ServedBackends => backendsOf('echo', endpoints.slice(0, count), policy);
  const plane = await UserspacePlane.start({ placesOf: () => [{ host: '127.0.0.1', port: 0 }], threads: 2 });
  const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
  const settings = { ...DEFAULT_SETTINGS, protocol, policy };
  await plane.apply(1, { ...none, frontends: [{ frontend, settings }], backends: [backends(2)] });
  const [address] = plane.addressesOf(frontendKey(frontend));
  const clients = Array.from({ length: channels }, () => new EchoClient(address));
  let going = true;
  const load = Array.from({ length: CALLS }, async (_, i) => {
    while (going) await clients[i % channels].say('hello');
  });
  await wait(1000); // Warm, and at two.
  const beganMs = performance.now();
  await plane.apply(2, { ...none, backends: [backends(4)] });
  const outcome = await watch(beganMs);
  going = false;
  await Promise.all(load);
  for (const client of clients) client.close();
  await plane.close(0);
  return outcome;
}

async function watch(beganMs: number): Promise<Outcome> {
  const looks = [{ ms: beganMs, counts: countsNow() }];
  for (;;) {
    await wait(LOOK_MS);
    const ms = performance.now();
    const now = countsNow();
    looks.push({ ms, counts: now });
    while (looks.length > 2 && looks[1].ms <= ms - WINDOW_MS) looks.shift();
    const served = now.map((count, i) => count - looks[0].counts[i]);
    const sum = served.reduce((total, count) => total + count, 0);
    const imbalance = (Math.max(...served) * served.length) / sum;
    const whole = ms - looks[0].ms >= WINDOW_MS;
    const tookMs = ms - beganMs;
    if ((whole && imbalance < EVEN) || tookMs > patienceMs) {
      const evenMs = imbalance < EVEN ? tookMs : Infinity;
      return { evenMs, imbalance, callsPerSecond: (1000 * sum) / (ms - looks[0].ms) };
    }
  }
}

function countsNow(): number[] {
  return servers.map(({ answered }) => answered);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function text({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
