/** The Services of a cluster on this machine: who carries their connections, and what tells it whereto. */
import { DEFAULT_SERVICE_CIDRS, type EndpointSlice, type KubeObject } from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import { HealthCheckPorts } from '../proxy/health-check-ports.ts';
import type { PodBridge } from './carriers/carrier.ts';
import { openCarrier, type ProxyMode } from './carriers/choose.ts';
import { ServiceFollower } from './follower.ts';

export interface ServicesOptions {
  client: ApiClient;
  mode: ProxyMode;
  /** The node of this machine; '' for none. */
  nodeName: string;
  /** The network of its pods; undefined: there are none. */
  bridge: PodBridge | undefined;
  /** Where node ports are served: '0.0.0.0' is all addresses of this machine. */
  nodePortAddress: string;
  /** By Service, 'ns/name': slices that count on this machine instead of those of the API. */
  own?: ReadonlyMap<string, EndpointSlice>;
  problem(error: Error): void;
}

export interface RunningServices {
  readonly plane: DataPlane;
  /** Whether cluster addresses are reached, from this machine and its pods; else only node ports are. */
  readonly clusterAddresses: boolean;
  /** For the user: who carries what. */
  readonly words: string;
  /** After a pod has come into its network. */
  joined(): void;
  /** Before a pod is ended: see ServiceFollower.withdraw. */
  withdraw(pod: KubeObject, limitMs: number): Promise<void>;
  /** Nothing new is accepted; connections have a moment to end. */
  stop(): Promise<void>;
}

/**
 * Resolves when all Services there are are served; undefined: nothing is to be carried.
 * @throws CannotCarry where what was asked for cannot be done.
 */
export async function startServices(options: ServicesOptions): Promise<RunningServices | undefined> {
  const { mode, client, nodeName, own, problem } = options;
  const [clusterRange] = DEFAULT_SERVICE_CIDRS;
  const carrier = await openCarrier(mode, { ...options, clusterRange });
  if (!carrier) return undefined;
  const { plane, clusterAddresses, words, healthHost: host } = carrier;
  const checks = new HealthCheckPorts({ host, proxyHealthy: () => plane.health().workers > 0 });
  const follower = new ServiceFollower({ client, plane, checks, nodeName, ...(own && { own }), problem });
  const stop = async (): Promise<void> => {
    follower.stop();
    await checks.close();
    await carrier.close();
  };
  try {
    await follower.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const withdraw = follower.withdraw.bind(follower);
  const joined = (): void => carrier.podJoined?.();
  return { plane, clusterAddresses, words, joined, withdraw, stop };
}
