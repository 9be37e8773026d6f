/** Services carried by the kernel, which pods of an engine's bridge and this machine's processes go by. */
import { ApiError, parseCidr } from '../../../core/index.ts';
import { NftablesPlane } from '../../proxy/nftables/plane.ts';
import { passBridgeTraffic, reflectFrames } from '../machine/bridge-traffic.ts';
import { dropClusterRange, otherUseOf } from '../machine/cluster-range.ts';
import { claimNetwork } from '../machine/network-claim.ts';
import { CannotCarry, type Carrier, type CarrierOptions, CLOSE_GRACE_MS } from './carrier.ts';

/** @throws CannotCarry */
export async function openNftables(options: CarrierOptions): Promise<Carrier> {
  const { nodeName, clusterRange, bridge, problem } = options;
  if (process.platform !== 'linux') throw new CannotCarry('nftables needs Linux');
  if (process.getuid?.() !== 0) throw new CannotCarry('nftables needs root');
  const release = await claimNetwork();
  if (!release) throw new CannotCarry('another Keelson on this machine serves its cluster addresses');
  try {
    // As a dead process that carried by itself may have left it.
    await dropClusterRange(clusterRange);
    const undo = bridge ? await passBridgeTraffic(bridge.name) : () => {};
    const plane = await startPlane(options).catch(async (error: unknown) => {
      await undo();
      throw error;
    });
    const podJoined = bridge && (() => void reflectFrames(bridge.name).catch(problem));
    podJoined?.();
    return {
      plane,
      podJoined,
      clusterAddresses: true,
      healthHost: undefined,
      words:
        `Services: carried by the kernel (nftables) at cluster addresses (${clusterRange}) and node ports ` +
        `(every address of this machine${bridge ? '' : ' but loopback'}).`,
      async close() {
        await plane.close(CLOSE_GRACE_MS);
        await undo();
        release();
      },
    };
  } catch (error) {
    release();
    if (error instanceof CannotCarry) throw error;
    throw new CannotCarry(`nftables on ${nodeName}: ${(error as Error).message}`, { cause: error });
  }
}

async function startPlane({ nodeName, clusterRange, bridge }: CarrierOptions): Promise<NftablesPlane> {
  // Addresses that may be another network's are left alone as long as no Service has them.
  const clusterRanges = (await otherUseOf(clusterRange)) === undefined ? [clusterRange] : [];
  const podRanges = (bridge?.subnets ?? []).map(parseCidr).filter((range) => range !== undefined);
  try {
    return await NftablesPlane.start({
      ...(nodeName !== '' && { nodeName }),
      podRanges,
      clusterRanges: clusterRanges.map(parseCidr).filter((range) => range !== undefined),
      loopback: bridge !== undefined,
      keepsUntilTold: true,
    });
  } catch (error) {
    if (error instanceof ApiError) throw new CannotCarry(error.message, { cause: error });
    throw error;
  }
}
