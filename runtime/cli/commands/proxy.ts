/** `keelson proxy --config FILE`: a data plane by itself, fed from a file. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { isIP } from 'node:net';
import { formatProblem, POLICIES } from '../../../core/index.ts';
import type { DataPlane } from '../../proxy/data-plane.ts';
import { type Feed, readFeed } from '../../proxy/feed.ts';
import { HealthCheckPorts } from '../../proxy/health-check-ports.ts';
import type { ProxyMetrics } from '../../proxy/metrics.ts';
import { leadsTo, type Mapping, parseAddress, parseMappings } from '../../proxy/places.ts';
import { FileServer } from '../../proxy/serve-file.ts';
import type { PortProtocol } from '../../proxy/settings.ts';
import { serveMetrics, serveStats } from '../../proxy/stats-server.ts';
import type { ListenAddress } from '../../proxy/userspace/listen-address.ts';
import { describeFailure } from '../failure.ts';
import type { Flags } from '../flags.ts';
import { awaitSignal } from '../signals.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { backendOf, type Served } from './proxy-backends.ts';

const GRACE_SECONDS = 30;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  flags.noWords();
  const path = flags.required('config');
  const mappings = mappingsOf(flags);
  const host = flags.text('node-address') ?? '127.0.0.1';
  if (isIP(host) === 0) throw flags.wrong('node-address', `'${host}' is not an IP address`);
  const names = POLICIES.map(({ name }) => name);
  const policy = flags.has('policy') ? flags.choice('policy', names, names[0]) : undefined;
  const graceMs = 1000 * flags.whole('grace', GRACE_SECONDS, 0, 3600);
  const options = { nodeName: flags.text('node'), policy };
  const statsPort = flags.has('stats') ? flags.whole('stats', 0, 1, 65_535) : undefined;
  const metricsAt = metricsAddressOf(flags);
  let served = 0;
  const start = backendOf(flags, host, mappings, (event) => {
    if (served > 0) terminal.note(event);
  });

  const feed = readFeed(readFileSync(path), path, options);
  const backend = await start();
  const { plane } = backend;
  const told = new Set<string>();
  const metrics = metricsAt && (await metricsOf(plane));
  // The kernel serves node ports at all addresses.
  const healthHost = backend.kernel ? undefined : host;
  const checks = new HealthCheckPorts({ host: healthHost, proxyHealthy: () => plane.health().workers > 0 });
  const server = new FileServer(path, plane, {
    ...options,
    onChange: (now, changes, problems, tookMs) => {
      metrics?.programmed(tookMs / 1000);
      void checks.set(now).then((unserved) => {
        for (const problem of unserved) terminal.note(formatProblem(problem));
      });
      for (const problem of [...now.warnings, ...problems]) terminal.note(formatProblem(problem));
      for (const unused of unusedMappings(mappings, now)) terminal.note(unused);
      for (const note of backend.kernel ? plane.health().problems : []) {
        if (!told.has(note)) terminal.note(note);
        told.add(note);
      }
      const { frontends, frontendsGone, backends, backendsGone } = changes;
      if (served++ === 0) return;
      terminal.note(
        `${path}: ${frontends.length + backends.length} changed and ${frontendsGone.length + backendsGone.length} gone, ` +
          'all workers have it',
      );
    },
    onRefused: (error) => terminal.note(`${describeFailure(error).text}\nkeelson: the last good table stays`),
  });
  const signal = awaitSignal();
  const beside: Server[] = [];
  try {
    await server.start(feed);
    if (statsPort !== undefined) beside.push(await serveStats(plane, host, statsPort));
    if (metrics && metricsAt) beside.push(await serveMetrics(metrics, metricsAt.host, metricsAt.port));
    await announce(backend, feed, json, terminal);
    const name = await signal;
    terminal.note(`${name}: connections have ${graceMs / 1000} s to end`);
    return name === 'SIGINT' ? 130 : 0;
  } finally {
    await server.stop();
    // Load balancers are told first, so that they send nothing while connections end.
    await checks.close();
    await plane.close(graceMs);
    for (const one of beside) one.close();
    for (const one of beside) one.closeAllConnections();
  }
}

function metricsAddressOf(flags: Flags): ListenAddress | undefined {
  const text = flags.text('metrics');
  if (text === undefined) return undefined;
  const at = parseAddress(text);
  if (at === undefined) throw flags.wrong('metrics', `'${text}' is not ADDRESS:PORT, as 127.0.0.1:9100`);
  return at;
}

/** The library is loaded by who wants metrics. */
async function metricsOf(plane: DataPlane): Promise<ProxyMetrics> {
  const { ProxyMetrics } = await import('../../proxy/metrics.ts');
  return new ProxyMetrics(plane);
}

function mappingsOf(flags: Flags): Mapping[] {
  const text = flags.text('listen');
  const mappings = text === undefined ? [] : parseMappings(text);
  if (typeof mappings === 'string') throw flags.wrong('listen', mappings);
  return mappings;
}

function unusedMappings(mappings: readonly Mapping[], { table }: Feed): string[] {
  const all = [...table.frontends.values()];
  return mappings
    .filter((mapping) => !all.some((frontend) => leadsTo(mapping, frontend)))
    .map(({ service, port }) => `--listen: there is no Service port ${service}:${port} yet`);
}

const SPOKEN: Readonly<Record<PortProtocol, string>> = { tcp: 'TCP', http: 'HTTP', http2: 'HTTP/2', grpc: 'gRPC' };

async function announce(
  { addressesOf, kernel }: Served,
  { table, settings }: Feed,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const listeners = [...table.frontends].flatMap(([key, frontend]) => {
    const { service, portName, port, protocol } = frontend;
    const asked = settings.get(key);
    return addressesOf(frontend).map((at) => ({
      service,
      port: portName || String(port),
      protocol: !kernel && protocol === 'TCP' && asked ? SPOKEN[asked.protocol] : protocol,
      address: `${at.host.includes(':') ? `[${at.host}]` : at.host}:${at.port}`,
      policy: kernel ? 'random' : (asked?.policy ?? ''),
    }));
  });
  if (json) {
    await terminal.json({ listeners });
    return;
  }
  if (listeners.length === 0) terminal.note(NOTHING_SERVED);
  else {
    const rows = listeners.map((one) => [one.service, one.port, one.protocol, one.address, one.policy]);
    await terminal.write(formatTable(['service', 'port', 'protocol', 'address', 'policy'], rows, terminal.width));
  }
}

const NOTHING_SERVED =
  'no Service port is served yet: give a Service type NodePort, or map its port with --listen NS/NAME:PORT=PORT';
