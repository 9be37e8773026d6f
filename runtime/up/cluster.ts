/**
 * A cluster in one process: store, API server, scheduler loop, controllers, nodes that are made up, and the real one.
 * Started in this order, stopped in the other.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { NodeLifecycleSettings, SchedulerSetup } from '../../core/index.ts';
import { type Auth, openAuth } from '../api/auth/auth.ts';
import { kubeconfigText } from '../api/auth/kubeconfig.ts';
import type { ApiClient } from '../api/client.ts';
import { loadSchemas } from '../api/schema/load.ts';
import { type ApiServer, createApiServer, SERVED_VERSION } from '../api/server.ts';
import { streamHandlers } from '../api/streams/handlers.ts';
import { allControllers } from '../controllers/all.ts';
import { ControllerLoop } from '../controllers/loop.ts';
import { servedKinds } from '../controllers/served-kinds.ts';
import { type Candidacy, type Lead, type Led, leadAlone } from '../leader/lead.ts';
import { type LeaseTimes, leadByLease } from '../leader/lease-elector.ts';
import { MadeUpAgent } from '../node/made-up/agent.ts';
import { metricsSources } from '../node/made-up/metrics.ts';
import { MadeUpStreams } from '../node/made-up/streams.ts';
import { StreamsByNode } from '../node/streams-by-node.ts';
import { ScheduleLoop } from '../schedule/loop.ts';
import type { RunningServices } from '../services/services.ts';
import type { Store } from '../store/store.ts';
import { API_SERVICE_ADDRESS } from './api-for-pods.ts';
import { type MachineOptions, openMachine, podBridge } from './machine.ts';
import { openStore, type StoreName } from './open-store.ts';

export interface ClusterOptions
  extends MachineOptions,
    Pick<SchedulerSetup, 'decider' | 'profiles' | 'tieRule' | 'seed'> {
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
  /** Of the leases by which processes on one etcd agree on who does the work; LEASE_TIMES where left out. */
  leaseTimes?: LeaseTimes;
  /** When nodes are given up, and how fast; as kube-controller-manager's defaults where left out. */
  nodeLifecycle?: Partial<NodeLifecycleSettings>;
  /** Contents of a static token file. */
  tokenFile?: string;
  /** Faults that are not the caller's: told once each, and the cluster goes on. */
  problem(error: Error): void;
}

export interface RunningCluster {
  /** 'https://127.0.0.1:6443' */
  url: string;
  server: ApiServer;
  /** Whether the scheduler of this process is the one that decides. */
  scheduler: Candidacy;
  /** undefined: connections to Services are not carried. */
  services: RunningServices | undefined;
  /** For the administrator. */
  kubeconfig: string;
  /** Requests under way end, then everything is closed. */
  stop(): Promise<void>;
}

/** What node agents report: the version that the API is served as. */
const NODE_VERSION = `v${SERVED_VERSION.major}.${SERVED_VERSION.minor}.0+keelson`;

export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { dataDir, insecure } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const store = await openStore(options.store, dataDir);
  const opened: (() => Promise<void> | void)[] = [() => store.close()];
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    const madeUp = new MadeUpStreams();
    const streams = new StreamsByNode(madeUp);
    const bridge = await podBridge(options);
    const server = await openServer(options, store, streams, bridge ? [API_SERVICE_ADDRESS, bridge.gateway] : []);
    opened.push(() => server.close());
    const url = await server.listen({ host: options.host, port: options.port });
    const work = await startWork(options, server, madeUp);
    opened.push(...work.map((candidacy) => () => candidacy.stop()));
    const machine = await openMachine(options, { server, url, streams, bridge, version: NODE_VERSION });
    opened.push(() => machine.stop());
    const kubeconfig = adminKubeconfig(url, server.auth, insecure);
    return { url, server, scheduler: work[0], services: machine.services, kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The scheduler first, then controllers and made-up nodes: each is done by one of the processes on a store. */
async function startWork(
  options: ClusterOptions,
  { client, kinds, auth }: ApiServer,
  streams: MadeUpStreams,
): Promise<Candidacy[]> {
  const { nodes, problem } = options;
  const lead = leadOf(options, client);
  const clock = { now: Date.now };
  const steadyClock = { now: () => Math.floor(performance.timeOrigin + performance.now()) };
  const authority = options.insecure ? '' : auth.authority.pair.certificate;
  const candidacies = [
    await lead(
      'keelson-scheduler',
      inTurns(() => new ScheduleLoop({ ...options, client, clock: steadyClock, wallClock: clock })),
    ),
    await lead(
      'keelson-controllers',
      inTurns(
        () =>
          new ControllerLoop({
            client,
            clock,
            controllers: allControllers({ view: client.view, authority, nodeLifecycle: options.nodeLifecycle }),
            kinds: () => servedKinds(kinds),
            problem,
          }),
      ),
    ),
  ];
  if (nodes === 0) return candidacies;
  streams.look = ({ metadata: { namespace = '', name, uid } }) => {
    const pod = client.view.get('', 'pods', namespace, name);
    return pod?.metadata.uid === uid ? pod : undefined;
  };
  const agent = (): MadeUpAgent => {
    const made = new MadeUpAgent({ client, nodes, version: NODE_VERSION, now: Date.now, problem });
    streams.ended = (pod, container, exitCode) => made.containerEnded(pod, container, exitCode);
    return made;
  };
  return [...candidacies, await lead('keelson-made-up-nodes', inTurns(agent))];
}

function leadOf({ store, leaseTimes: times, problem }: ClusterOptions, client: ApiClient): Lead {
  if (!store.startsWith('etcd://')) return leadAlone;
  return leadByLease({ client, identity: `${hostname()}_${randomUUID()}`, times, problem });
}

/** What is stopped is not started again: each time of leading has a new one. */
function inTurns(make: () => { start(): Promise<void>; stop(): void }): Led {
  let current: ReturnType<typeof make> | undefined;
  return {
    start: async () => {
      current = make();
      await current.start();
    },
    stop: () => current?.stop(),
  };
}

async function openServer(
  { dataDir, insecure, tokenFile, problem }: ClusterOptions,
  store: Store,
  streams: StreamsByNode,
  names: readonly string[],
): Promise<ApiServer> {
  const schemas = await loadSchemas(join(dataDir, 'cache'));
  return createApiServer({
    store,
    schemas,
    problem,
    leavesNamespaces: true,
    openAuth: (view) => openAuth({ directory: join(dataDir, 'pki'), view, now: Date.now, tokenFile }),
    ...(!insecure && { certificates: (auth) => certificatesOf(auth, names) }),
    connect: (view) => streamHandlers(streams, view, Date.now),
    sources: (view) => metricsSources(view, Date.now),
  });
}

/** @param names that it is reached by, beside those of this machine. */
async function certificatesOf({ authority }: Auth, names: readonly string[]) {
  const { certificate, key } = await authority.serverCertificate(names);
  return { certificate, key, authority: authority.pair.certificate };
}

function adminKubeconfig(server: string, { authority, adminToken }: Auth, insecure: boolean): string {
  if (insecure) return kubeconfigText({ server, user: 'kubernetes-admin' });
  return kubeconfigText({ server, authority: authority.pair.certificate, user: 'kubernetes-admin', token: adminToken });
}
