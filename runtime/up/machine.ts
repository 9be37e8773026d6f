/** The machine that a cluster is on: a node that runs real containers, and Services that reach them. */
import type { ApiServer } from '../api/server.ts';
import type { StreamsByNode } from '../node/streams-by-node.ts';
import type { PodBridge } from '../services/carriers/carrier.ts';
import type { ProxyMode } from '../services/carriers/choose.ts';
import type { RunningServices } from '../services/services.ts';
import { API_SERVICE, type ApiAddress, apiSlice, offerApiToPods } from './api-for-pods.ts';
import type { DockerSettings } from './real-node.ts';

export interface MachineOptions {
  docker?: DockerSettings;
  /** How connections to Services are carried; 'off' where left out. */
  proxy?: ProxyMode;
  /** Where node ports are served; at all addresses of this machine where left out. */
  nodePortAddress?: string;
  dataDir: string;
  /** Plain HTTP, where whoever asks is the administrator: pods are not let in. */
  insecure: boolean;
  problem(error: Error): void;
}

export interface Machine {
  /** undefined: connections to Services are not carried. */
  readonly services: RunningServices | undefined;
  /** Pods run on; Services end, and what was changed on the machine for them is as before. */
  stop(): Promise<void>;
}

/** The network of the pods of this machine, where Services are to reach them. Libraries are loaded only where needed. */
export async function podBridge({ docker, proxy = 'off' }: MachineOptions): Promise<PodBridge | undefined> {
  if (!docker || proxy === 'off') return undefined;
  return (await import('./real-node.ts')).bridgeOf(docker);
}

/** @param url where the server listens. @param version that the node reports. */
export async function openMachine(
  options: MachineOptions,
  { server, url, streams, bridge, version }: MachineParts,
): Promise<Machine> {
  const { docker, proxy = 'off', dataDir, insecure, problem } = options;
  const api = bridge && !insecure ? await offered(server, url, bridge, problem) : undefined;
  const services = proxy === 'off' ? undefined : await openServices(proxy, options, { server, bridge, api });
  try {
    const node = docker && (await import('./real-node.ts'));
    const real = await node?.startRealNode(docker!, {
      server,
      streams,
      dataDir,
      version,
      ...(services && { services }),
      ...(api && !services?.clusterAddresses && { apiAddress: api }),
      problem,
    });
    return {
      services,
      async stop() {
        await real?.stop();
        await services?.stop();
      },
    };
  } catch (error) {
    await services?.stop();
    throw error;
  }
}

interface MachineParts {
  server: ApiServer;
  url: string;
  streams: StreamsByNode;
  bridge: PodBridge | undefined;
  version: string;
}

async function offered(
  server: ApiServer,
  url: string,
  bridge: PodBridge,
  problem: (error: Error) => void,
): Promise<ApiAddress | undefined> {
  try {
    return await offerApiToPods(server, url, bridge);
  } catch (cause) {
    problem(new Error(`pods do not reach the API: it cannot listen at ${bridge.gateway}`, { cause }));
    return undefined;
  }
}

async function openServices(
  mode: ProxyMode,
  { docker, nodePortAddress = '0.0.0.0', problem }: MachineOptions,
  { server, bridge, api }: Pick<MachineParts, 'server' | 'bridge'> & { api: ApiAddress | undefined },
): Promise<RunningServices | undefined> {
  const { startServices } = await import('../services/services.ts');
  const nodeName = docker ? (await import('./real-node.ts')).nodeNameOf(docker) : '';
  return startServices({
    client: server.client,
    mode,
    nodeName,
    bridge,
    nodePortAddress,
    ...(api && { own: new Map([[API_SERVICE, apiSlice(api)]]) }),
    problem,
  });
}
