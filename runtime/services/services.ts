/** The Services of a cluster on this machine: a data plane, and what feeds it. */
import type { KubeObject } from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import type { DataPlane } from '../proxy/data-plane.ts';
import { HealthCheckPorts } from '../proxy/health-check-ports.ts';
import { placesFor } from '../proxy/places.ts';
import { UserspacePlane } from '../proxy/userspace/plane.ts';
import { ServiceFollower } from './follower.ts';

/** How connections to Services are carried; 'off': not at all. */
export const PROXY_MODES = ['userspace', 'off'] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

export interface ServicesOptions {
  client: ApiClient;
  mode: Exclude<ProxyMode, 'off'>;
  /** The node of this machine; '' for none. */
  nodeName: string;
  /** Where node ports are served: '0.0.0.0' is all addresses of this machine. */
  nodePortAddress: string;
  problem(error: Error): void;
}

export interface RunningServices {
  readonly plane: DataPlane;
  /** Before a pod is ended: see ServiceFollower.withdraw. */
  withdraw(pod: KubeObject, limitMs: number): Promise<void>;
  /** Nothing new is accepted; connections have a moment to end. */
  stop(): Promise<void>;
}

const CLOSE_GRACE_MS = 500;
/** One thread carries several thousand requests a second, and each takes memory while nothing happens. */
const THREADS = 1;

/** Resolves when all Services there are are served. */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const { client, nodeName, nodePortAddress, problem } = options;
  const plane = await UserspacePlane.start({
    placesOf: placesFor(nodePortAddress, []),
    threads: THREADS,
    onEvent: ({ type, worker, reason }) => {
      if (type !== 'worker-started') problem(new Error(`proxy: ${type} ${worker}${reason ? `: ${reason}` : ''}`));
    },
  });
  const checks = new HealthCheckPorts({ host: nodePortAddress, proxyHealthy: () => plane.health().workers > 0 });
  const follower = new ServiceFollower({ client, plane, checks, nodeName, problem });
  const stop = async (): Promise<void> => {
    follower.stop();
    await checks.close();
    await plane.close(CLOSE_GRACE_MS);
  };
  try {
    await follower.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { plane, withdraw: (pod, limitMs) => follower.withdraw(pod, limitMs), stop };
}
