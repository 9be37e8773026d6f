/**
 * The range of cluster addresses, which is to be nobody else's on this machine: then what is sent to it may be kept from
 * leaving, and a process may listen on each of its addresses.
 */
import { runTool, runToolAtExit } from '../../proxy/nftables/command.ts';
import { type Undo, undoneAtExit } from './setting.ts';

const IP = { command: 'ip', from: 'Debian package iproute2' };

/** A route of this machine, but the default one, that leads into the range or from which it is taken: another network. */
export async function otherUseOf(range: string): Promise<string | undefined> {
  for (const which of ['root', 'match']) {
    const { stdout } = await runTool(IP, ['-o', 'route', 'show', which, range]);
    const route = stdout.split('\n').find((line) => line.trim() !== '' && !line.startsWith('default'));
    if (route !== undefined) return route.trim();
  }
  return undefined;
}

/** Makes each of its addresses this machine's. A route that a dead process left is taken over. @throws Error in words. */
export async function takeClusterRange(range: string): Promise<Undo> {
  const other = await otherUseOf(range);
  if (other !== undefined) throw new Error(`this machine has another network among them (${other})`);
  const { code, stderr } = await runTool(IP, ['route', 'replace', 'local', range, 'dev', 'lo']);
  if (code !== 0) throw new Error(`no local route for ${range}: ${stderr.trim()}`);
  const drop = ['route', 'del', 'local', range, 'dev', 'lo'];
  return undoneAtExit(
    () => dropClusterRange(range),
    () => runToolAtExit(IP, drop, ''),
  );
}

/** Also what another process left; nothing where there is none. */
export async function dropClusterRange(range: string): Promise<void> {
  await runTool(IP, ['route', 'del', 'local', range, 'dev', 'lo']);
}
