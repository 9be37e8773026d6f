/**
 * A test file in a network namespace of its own: what it does to addresses, routes and tables of the kernel is seen by
 * nobody else, and is gone with its process. The process begins anew there; lines before the call run twice.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const INSIDE = 'KEELSON_OWN_NETWORK';
/** As a machine in a network: an address, and a way out that leads nowhere. */
const MACHINE = `
  ip link set lo up
  ip link add eth0 type veth peer name nowhere
  ip link set nowhere up
  ip addr add 192.0.2.10/24 dev eth0
  ip link set eth0 up
  ip route add default via 192.0.2.1`;

/** Does nothing where one may not make such a namespace: then nothing that needs it runs either. */
export function enterOwnNetwork(): void {
  if (process.env[INSIDE] === '1') {
    execFileSync('sh', ['-ec', MACHINE]);
    return;
  }
  const unshare = ['/usr/bin/unshare', '/bin/unshare'].find((path) => existsSync(path));
  if (process.getuid?.() !== 0 || unshare === undefined) return;
  const [node, ...rest] = process.argv;
  process.execve?.(unshare, ['unshare', '--net', node, ...process.execArgv, ...rest], {
    ...process.env,
    [INSIDE]: '1',
  });
}

/** Why the kernel's table cannot be asked about what passes a bridge; undefined: it can. No tool brings that. */
export function whyNoBridge(): string | undefined {
  const setting = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  return existsSync(setting) ? undefined : 'this kernel has no bridge filter (br_netfilter)';
}
