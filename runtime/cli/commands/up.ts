/** `keelson up`: a cluster in one process, until it is told to stop. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { MADE_UP_NODES_LIMIT } from '../../node/made-up/node-objects.ts';
import { PROXY_MODES } from '../../services/carriers/choose.ts';
import { type ClusterOptions, type RunningCluster, startCluster } from '../../up/cluster.ts';
import { giveBackAtRest } from '../../up/give-back.ts';
import { isStoreName } from '../../up/open-store.ts';
import { engineOf } from '../engine-flag.ts';
import type { Flags } from '../flags.ts';
import { awaitSignal } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

const PORT = 6443;

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const began = performance.now();
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  flags.noWords();
  const dataDir = resolve(flags.text('data-dir') ?? join(homedir(), '.keelson'));
  const store = flags.text('store') ?? 'lmdb';
  if (!isStoreName(store)) throw flags.wrong('store', `'${store}' is not lmdb, memory or etcd://HOST:PORT`);
  const kubeconfig = resolve(flags.text('kubeconfig') ?? join(dataDir, 'kubeconfig'));
  const tokenFile = flags.text('token-file');
  const proxy = flags.choice('proxy', PROXY_MODES, 'auto');
  const docker = await dockerOf(flags);
  const told = new Set<string>();
  const stopped = awaitSignal();
  const cluster = await startCluster({
    dataDir,
    store,
    host: flags.text('host') ?? '127.0.0.1',
    port: flags.whole('port', PORT, 0, 65_535),
    insecure: flags.has('insecure'),
    nodes: flags.whole('nodes', 0, 0, MADE_UP_NODES_LIMIT),
    seed: flags.whole('seed', 42, 0, 2 ** 32 - 1),
    tokenFile,
    docker,
    proxy,
    problem: (error) => {
      const text = describe(error);
      if (!told.has(text)) terminal.note(text);
      told.add(text);
    },
  });
  mkdirSync(dirname(kubeconfig), { recursive: true });
  writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  await announce(cluster, kubeconfig, Math.round(performance.now() - began), json, terminal);
  const keep = giveBackAtRest();
  const signal = await stopped;
  keep();
  terminal.note(`${signal}: requests under way end, then everything is closed`);
  await cluster.stop();
  return signal === 'SIGINT' ? 130 : 0;
}

/** The engine that is told, or one that answers. */
async function dockerOf(flags: Flags): Promise<ClusterOptions['docker']> {
  const allowPrivileged = flags.has('allow-privileged');
  const host = await engineOf(flags);
  return host === undefined ? undefined : { host, allowPrivileged };
}

async function announce(
  { url, server, services }: RunningCluster,
  kubeconfig: string,
  readyMs: number,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const nodes = [...server.client.view.list('', 'nodes')].length;
  if (json) {
    await terminal.json({ url, kubeconfig, nodes, readyMs, services: services?.words ?? null });
    return;
  }
  await terminal.write(
    `${[
      `Keelson is up at ${url}, ready in ${(readyMs / 1000).toFixed(1)} s, with ${nodes} nodes.`,
      ...(services ? [services.words] : []),
      '',
      `    export KUBECONFIG=${kubeconfig}`,
      '    kubectl get nodes',
      '',
      'Ctrl-C stops it; the next start goes on where this one ends.',
    ].join('\n')}\n`,
  );
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `keelson: ${error.message}${cause}`;
}
