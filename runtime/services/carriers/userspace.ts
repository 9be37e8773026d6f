/** Services carried by a thread of this process; as root at their cluster addresses too. */
import { networkInterfaces } from 'node:os';
import { canonicalIp } from '../../../core/index.ts';
import { placesFor } from '../../proxy/places.ts';
import type { ListenAddress } from '../../proxy/userspace/listen-address.ts';
import { type UserspaceOptions, UserspacePlane } from '../../proxy/userspace/plane.ts';
import { takeClusterRange } from '../machine/cluster-range.ts';
import { removeKernelTable } from '../machine/leftovers.ts';
import { claimNetwork } from '../machine/network-claim.ts';
import type { Undo } from '../machine/setting.ts';
import { type Carrier, type CarrierOptions, CLOSE_GRACE_MS } from './carrier.ts';

/** It carries several thousand requests a second; each more takes memory while nothing happens. */
const THREADS = 1;
/** An idle cluster wakes up rarely; there is one thread, so loads need no folding. */
const TICK_MS = 50;

type PlacesOf = UserspaceOptions['placesOf'];

export async function openUserspace(options: CarrierOptions): Promise<Carrier> {
  const { nodePortAddress, clusterRange, problem } = options;
  const range = await ownRange(options);
  const nodePorts = placesFor(nodePortAddress, []);
  const placesOf: PlacesOf = typeof range === 'string' ? nodePorts : (one) => [...own(one), ...nodePorts(one)];
  const plane = await UserspacePlane.start({
    placesOf,
    threads: THREADS,
    tickMs: TICK_MS,
    onEvent: ({ type, worker, reason }) => {
      if (type === 'worker-lost' || type === 'worker-stalled')
        problem(new Error(`proxy: ${type} ${worker}${reason ? `: ${reason}` : ''}`));
    },
  });
  const at = nodePortAddress === '0.0.0.0' ? 'every address of this machine' : nodePortAddress;
  return {
    plane,
    clusterAddresses: typeof range !== 'string',
    healthHost: nodePortAddress,
    words:
      typeof range === 'string'
        ? `Services: carried by this process at node ports (${at}) only; no cluster addresses: ${range}.`
        : `Services: carried by this process at cluster addresses (${clusterRange}) and node ports (${at}).`,
    async close() {
      await plane.close(CLOSE_GRACE_MS);
      if (typeof range !== 'string') await range();
    },
  };
}

/** Cluster addresses; external ones and those of load balancers only where this machine has them. */
const own: PlacesOf = ({ kind, address, port }): ListenAddress[] => {
  const isHere = kind === 'ClusterIP' || (kind !== 'NodePort' && isOwn(address));
  return isHere ? [{ host: address, port }] : [];
};

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((all = []) => all.some((one) => canonicalIp(one.address) === address));
}

/** How to give the range back; or why it cannot be had, in words. */
async function ownRange({ clusterRange, bridge }: CarrierOptions): Promise<Undo | string> {
  if (process.platform !== 'linux') return 'they need Linux';
  if (process.getuid?.() !== 0) return 'they need root';
  const release = await claimNetwork();
  if (!release) return 'another Keelson on this machine serves its own';
  try {
    await removeKernelTable(bridge?.name);
    const drop = await takeClusterRange(clusterRange);
    return async () => {
      await drop();
      release();
    };
  } catch (error) {
    release();
    return (error as Error).message;
  }
}
