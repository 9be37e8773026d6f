/** Metrics: what a scrape shows of a data plane, in Prometheus' text, and that its labels stay few. */
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataPlane, PlaneStats } from '../../../runtime/proxy/data-plane.ts';
import { OTHERS, ProxyMetrics } from '../../../runtime/proxy/metrics.ts';
import { serveMetrics } from '../../../runtime/proxy/stats-server.ts';
import { COUNTERS } from '../../../runtime/proxy/userspace/counters.ts';
import { Backend, closeOpened, endpointAt, greet, proxied, sayMany, until } from '../../support/proxied.ts';

/** By series: 'name{label="x"}' → value. */
function read(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

function planeWith(stats: Partial<PlaneStats>): DataPlane {
  const all = { version: 7, activeConnections: 3, activeSessions: 0, counters: {}, services: [], ...stats };
  return {
    apply: () => Promise.resolve(),
    drain: () => Promise.resolve({ ended: true, inFlight: 0 }),
    stats: () => all,
    health: () => ({ healthy: false, version: 7, workers: 1, wantedWorkers: 2, problems: [] }),
    close: () => Promise.resolve(),
  };
}

const inFlight = (name: string, ...counts: number[]): PlaneStats['services'][number] => ({
  name,
  endpoints: counts.map((count, i) => ({ ...endpointAt(`10.0.0.${i + 1}`, 80), inFlight: count })),
});

test('metrics: what traffic does is in them, and a second scrape counts nothing twice', async () => {
  const backend = await Backend.listen(greet);
  const port = await proxied([endpointAt('127.0.9.9', 1), ...backend.endpoints(3)]);
  const metrics = new ProxyMetrics(port.plane);
  await sayMany(port, 40);
  await until(() => port.plane.stats().activeConnections === 0, 'all have ended');
  await metrics.text();
  const seen = read(await metrics.text());
  const value = (name: string): number => seen.get(`keelson_proxy_${name}`) ?? Number.NaN;
  assert.is(value('connections_total'), 40);
  assert.is(value('endpoint_connections_total'), 40);
  assert.ok(value('retries_total') > 0);
  assert.is(value('picks_total'), 40 + value('retries_total'));
  assert.is(value('failures_total{reason="connect"}'), value('retries_total'));
  assert.is(value('endpoint_failures_total'), value('retries_total'));
  assert.is(value('table_version'), 1);
  assert.is(value('workers'), 2);
  assert.is(value('healthy'), 1);
  assert.is(value('endpoints{service="default/web"}'), 4);
  assert.is(value('in_flight{service="default/web"}'), 0);
  assert.is(value('worker_restarts_total'), 0);
  await port.plane.workers[0].terminate();
  await until(() => port.plane.health().workers === 2 && port.plane.stats().counters.workersLost === 1, 'replaced');
  const after = read(await metrics.text());
  assert.is(after.get('keelson_proxy_worker_restarts_total'), 1);
  assert.is(after.get('keelson_proxy_connections_total'), 40, 'what the lost worker had counted is kept');
  await port.plane.close(0);
  await backend.close();
});

test('metrics: every counter of a worker has a name, in Prometheus’ style, and a sentence', async () => {
  const counters = Object.fromEntries(COUNTERS.map((name, i) => [name, i + 1]));
  const text = await new ProxyMetrics(planeWith({ counters })).text();
  const seen = read(text);
  assert.ok(seen.size >= COUNTERS.length);
  for (const series of seen.keys())
    assert.match(series, /^keelson_proxy_[a-z_]+(\{[a-z]+="[^"]*"\})?$|_(bucket|sum|count)/);
  for (const line of text.split('\n')) if (line.startsWith('# HELP')) assert.match(line, /^# HELP \S+ \S+ \S/);
  for (const [i, name] of COUNTERS.entries())
    assert.ok([...seen.values()].includes(i + 1) || name.startsWith('active'));
});

test('metrics: of the kernel’s table, what it has', async () => {
  const counters = { transactions: 4, fullLoads: 1, failures: 2, udpFlowsCut: 3 };
  const seen = read(
    await new ProxyMetrics(planeWith({ counters, services: [inFlight('default/web:/TCP/IPv4/Cluster', 5)] })).text(),
  );
  assert.equal(
    ['transactions', 'full_loads', 'failures', 'udp_flows_cut'].map((name) =>
      seen.get(`keelson_proxy_nft_${name}_total`),
    ),
    [4, 1, 2, 3],
  );
  assert.is(seen.get('keelson_proxy_in_flight{service="default/web"}'), 5);
  assert.is(seen.get('keelson_proxy_active_connections'), 3);
});

test('metrics: ports of a Service are one series, and Services beyond the limit are one', async () => {
  const services = [
    inFlight('a/x:http/TCP/IPv4/Cluster', 1, 2),
    inFlight('a/x:https/TCP/IPv4/Cluster', 4),
    inFlight('a/y:/TCP/IPv4/Cluster', 8),
    inFlight('b/z:/TCP/IPv4/Cluster', 16),
    inFlight('b/zz:/TCP/IPv4/Cluster', 32),
  ];
  const stats = { services };
  const metrics = new ProxyMetrics(planeWith(stats), 2);
  const of = (seen: Map<string, number>, service: string): unknown =>
    seen.get(`keelson_proxy_in_flight{service="${service}"}`);
  const seen = read(await metrics.text());
  assert.equal([of(seen, 'a/x'), of(seen, 'a/y'), of(seen, OTHERS), of(seen, 'b/z')], [7, 8, 48, undefined]);
});

test('metrics: a Service that is gone is gone', async () => {
  const services = [inFlight('a/x:/TCP/IPv4/Cluster', 1)];
  const metrics = new ProxyMetrics(planeWith({ services }));
  await metrics.text();
  services.pop();
  const seen = read(await metrics.text());
  assert.not([...seen.keys()].some((key) => key.includes('a/x')));
});

test('metrics: programming latency is a histogram', async () => {
  const metrics = new ProxyMetrics(planeWith({}));
  metrics.programmed(0.002);
  metrics.programmed(0.2);
  const seen = read(await metrics.text());
  assert.is(seen.get('keelson_proxy_programming_seconds_bucket{le="0.0025"}'), 1);
  assert.is(seen.get('keelson_proxy_programming_seconds_count'), 2);
});

test('metrics: served at /metrics and nowhere else', async () => {
  const server = await serveMetrics(new ProxyMetrics(planeWith({})), '127.0.0.1', 0);
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const both = await Promise.all([fetch(`${at}/metrics`), fetch(`${at}/metrics`)]);
  for (const response of both) {
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^keelson_proxy_table_version 7$/m);
  }
  assert.is((await fetch(`${at}/`)).status, 404);
  server.closeAllConnections();
  server.close();
});

test.after(closeOpened);
test.run();
