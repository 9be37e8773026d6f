/**
 * What has to hold of an engine's bridge so that the kernel's table is asked for all that passes it: between pods, from
 * other machines, and from this machine's own loopback addresses.
 */
import { runTool, runToolAtExit } from '../../proxy/nftables/command.ts';
import { setKernel, type Undo, undoneAtExit } from './setting.ts';

/** Connections that were translated may go to pods, which the engine allows only for ports that it published itself. */
const CHAIN = 'DOCKER-USER';
const IP = { command: 'ip', from: 'Debian package iproute2' };
const IPTABLES = { command: 'iptables', from: 'Debian package iptables' };

/** @param bridge its interface: 'docker0'. @throws Error in words where it cannot be done; then nothing is changed. */
export async function passBridgeTraffic(bridge: string): Promise<Undo> {
  const undos: Undo[] = [];
  const undo = async (): Promise<void> => {
    for (const one of undos.splice(0).reverse()) await one();
  };
  try {
    // Else the answers of one pod to another would pass the table by.
    undos.push(setKernel('net/bridge/bridge-nf-call-iptables', '1'));
    setKernel(loopbackSetting(bridge), '1');
    undos.push(() => fenceLoopback(bridge));
    await admitTranslated(bridge);
    undos.push(() => refuseTranslated(bridge));
  } catch (error) {
    await undo();
    throw error;
  }
  return undoneAtExit(undo, () => {
    fenceLoopback(bridge);
    runToolAtExit(IPTABLES, [...WAIT, '-D', ...ruleFor(bridge)], '');
  });
}

/**
 * Pods of the bridge may reach themselves through a Service: what leaves by the port that it came in by is passed on, as
 * kubelets set it for each pod.
 */
export async function reflectFrames(bridge: string): Promise<void> {
  const { stdout } = await runTool(IP, ['-o', 'link', 'show', 'master', bridge]);
  const ports = Array.from(stdout.matchAll(/^\d+: ([^:@\s]+)/gm), ([, port]) => port);
  // One that is gone meanwhile fails, and needs nothing.
  await Promise.all(ports.map((port) => runTool(IP, ['link', 'set', port, 'type', 'bridge_slave', 'hairpin', 'on'])));
}

/** What a process left that ended before it could undo it. */
export async function forgetBridgeTraffic(bridge: string): Promise<void> {
  fenceLoopback(bridge);
  await refuseTranslated(bridge);
}

const loopbackSetting = (bridge: string): string => `net/ipv4/conf/${bridge}/route_localnet`;

/** As kernels have it by default: what was there before a process that died is known to nobody. */
function fenceLoopback(bridge: string): void {
  setKernel(loopbackSetting(bridge), '0');
}

async function admitTranslated(bridge: string): Promise<void> {
  // An engine that does not filter has no such chain, and nothing to be admitted by.
  if ((await iptables('-n', '-L', CHAIN)).code !== 0) return;
  // A dead process may have left it.
  if ((await iptables('-C', ...ruleFor(bridge))).code === 0) return;
  const { code, stderr } = await iptables('-I', ...ruleFor(bridge));
  if (code !== 0) throw new Error(`iptables did not admit connections to ${bridge}: ${stderr.trim()}`);
}

async function refuseTranslated(bridge: string): Promise<void> {
  await iptables('-D', ...ruleFor(bridge));
}

function ruleFor(bridge: string): string[] {
  const which = [
    '-o',
    bridge,
    '-m',
    'conntrack',
    '--ctstate',
    'DNAT',
    '-m',
    'comment',
    '--comment',
    'keelson services',
  ];
  return [CHAIN, ...which, '-j', 'ACCEPT'];
}

/** For others that change the rules. */
const WAIT = ['-w', '5'];

function iptables(...args: string[]) {
  return runTool(IPTABLES, [...WAIT, ...args]);
}
