/**
 * A cluster in one process: store, API server, scheduler loop, controllers, and nodes that are made up. Started in this order, stopped
 * in the other.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SchedulerSetup } from '../../core/index.ts';
import { type Auth, openAuth } from '../api/auth/auth.ts';
import { kubeconfigText } from '../api/auth/kubeconfig.ts';
import { loadSchemas } from '../api/schema/load.ts';
import { type ApiServer, createApiServer, SERVED_VERSION } from '../api/server.ts';
import { streamHandlers } from '../api/streams/handlers.ts';
import { allControllers } from '../controllers/all.ts';
import { ControllerLoop } from '../controllers/loop.ts';
import { servedKinds } from '../controllers/served-kinds.ts';
import { MadeUpAgent } from '../node/made-up/agent.ts';
import { metricsSources } from '../node/made-up/metrics.ts';
import { MadeUpStreams } from '../node/made-up/streams.ts';
import { ScheduleLoop } from '../schedule/loop.ts';
import type { Store } from '../store/store.ts';
import { openStore, type StoreName } from './open-store.ts';

export interface ClusterOptions extends Pick<SchedulerSetup, 'decider' | 'profiles' | 'tieRule' | 'seed'> {
  /** Keys, certificates, the store; made where there is none, for its owner alone. */
  dataDir: string;
  store: StoreName;
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Plain HTTP, where everybody is the administrator. */
  insecure: boolean;
  /** Made-up nodes. */
  nodes: number;
  /** Contents of a static token file. */
  tokenFile?: string;
  /** Faults that are not the caller's: told once each, and the cluster goes on. */
  problem(error: Error): void;
}

export interface RunningCluster {
  /** 'https://127.0.0.1:6443' */
  url: string;
  server: ApiServer;
  loop: ScheduleLoop;
  /** For the administrator. */
  kubeconfig: string;
  /** Requests under way end, then everything is closed. */
  stop(): Promise<void>;
}

/** What node agents report: the version that the API is served as. */
const NODE_VERSION = `v${SERVED_VERSION.major}.${SERVED_VERSION.minor}.0+keelson`;

export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { dataDir, insecure, problem } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const store = await openStore(options.store, dataDir);
  try {
    const streams = new MadeUpStreams();
    const server = await openServer(options, store, streams);
    const url = await server.listen({ host: options.host, port: options.port });
    const { client } = server;
    const clock = { now: Date.now };
    const loop = new ScheduleLoop({ ...options, client, clock });
    await loop.start();
    const kinds = () => servedKinds(server.kinds);
    const controllers = new ControllerLoop({ client, clock, controllers: allControllers(), kinds, problem });
    await controllers.start();
    const agent =
      options.nodes > 0
        ? new MadeUpAgent({ client, nodes: options.nodes, version: NODE_VERSION, now: Date.now, problem })
        : undefined;
    streams.ended = (pod, container, exitCode) => agent?.containerEnded(pod, container, exitCode);
    await agent?.start();
    return {
      url,
      server,
      loop,
      kubeconfig: adminKubeconfig(url, server.auth, insecure),
      async stop() {
        agent?.stop();
        controllers.stop();
        loop.stop();
        await server.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openServer(
  { dataDir, insecure, tokenFile, problem }: ClusterOptions,
  store: Store,
  streams: MadeUpStreams,
): Promise<ApiServer> {
  const schemas = await loadSchemas(join(dataDir, 'cache'));
  return createApiServer({
    store,
    schemas,
    problem,
    leavesNamespaces: true,
    openAuth: (view) => openAuth({ directory: join(dataDir, 'pki'), view, now: Date.now, tokenFile }),
    ...(!insecure && { certificates: certificatesOf }),
    connect: streamHandlers(streams, Date.now),
    sources: (view) => metricsSources(view, Date.now),
  });
}

async function certificatesOf({ authority }: Auth) {
  const { certificate, key } = await authority.serverCertificate();
  return { certificate, key, authority: authority.pair.certificate };
}

function adminKubeconfig(server: string, { authority, adminToken }: Auth, insecure: boolean): string {
  if (insecure) return kubeconfigText({ server, user: 'kubernetes-admin' });
  return kubeconfigText({ server, authority: authority.pair.certificate, user: 'kubernetes-admin', token: adminToken });
}
