/** What a Keelson that carried by the kernel has left, where it was killed: to be removed by one that carries otherwise. */
import { runTool } from '../../proxy/nftables/command.ts';
import { TABLE } from '../../proxy/nftables/layout.ts';
import { forgetBridgeTraffic } from './bridge-traffic.ts';

const NFT = { command: 'nft', from: 'Debian package nftables' };

/** @param bridge the interface of the pods; undefined: there is none. */
export async function removeKernelTable(bridge: string | undefined): Promise<void> {
  if (!(await isThere())) return;
  await runTool(NFT, ['-f', '-'], `delete table ${TABLE}\n`);
  if (bridge !== undefined) await forgetBridgeTraffic(bridge);
}

async function isThere(): Promise<boolean> {
  try {
    return (await runTool(NFT, ['list', 'chain', ...TABLE.split(' '), 'services'])).code === 0;
  } catch {
    return false; // Where there is no such tool, nobody has made a table.
  }
}
