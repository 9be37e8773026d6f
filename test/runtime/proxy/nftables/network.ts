/**
 * A small cluster of network namespaces: a node, its pods on veth pairs, and a machine outside that also has a pod of
 * another node. Each namespace lives as long as its process, so nothing is left when the test ends, however it ends.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Ruleset } from '../../../../runtime/proxy/nftables/rules.ts';
import type { Order, Target } from './pod.ts';

export const NODE_IP = '192.168.7.1';
export const NODE_IP6 = 'fd00:7::1';
export const OUTSIDE_IP = '192.168.7.2';
/** A second address of the machine outside. */
export const OTHER_IP = '172.20.0.2';
/** The pod of another node. */
export const FAR_IP = '10.2.0.1';
export const POD_RANGES = ['10.1.0.0/24', 'fd00:1::/64'];

/**
 * Why there can be no such network here; undefined: there can. What is missing is a failure under CI; what the kernel
 * cannot do is not, but is said.
 */
export function whyNot(): string | undefined {
  const missing = missingTools();
  if (missing !== undefined && process.env.CI === 'true') throw new Error(`${missing}, and CI skips nothing`);
  if (missing !== undefined) return missing;
  const input = new Ruleset({ podRanges: [] }).full('owner');
  const { status, stderr } = spawnSync('unshare', ['--net', 'sh', '-ec', TRIAL], { input, encoding: 'utf8' });
  if (status === 0) return undefined;
  if (!UNABLE.test(stderr)) throw new Error(`a trial of nftables failed: ${stderr.slice(0, 500)}`);
  return `a trial in a fresh network namespace was refused: ${stderr.trim().slice(0, 300)}`;
}

/** What a kernel says that cannot, or may not; anything else is a mistake of ours, and no reason to skip. */
const UNABLE =
  /not permitted|not supported|No such file or directory|Unknown device type|no IPv6|Read-only|cannot list/;

/** All that the tests ask of the kernel, in a fresh network namespace. */
const TRIAL = `
  nft -f -
  ip link add veth0 type veth peer name veth1
  test -e /proc/net/if_inet6 || { echo it has no IPv6 >&2; exit 1; }
  ip -6 addr add fd00::1/64 dev veth0 nodad
  echo 1 > /proc/sys/net/ipv4/ip_forward
  conntrack -L 2> /dev/null || { echo conntrack cannot list >&2; exit 1; }`;

function missingTools(): string | undefined {
  if (process.platform !== 'linux') return `there is no nftables on ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  const absent = ['nft', 'ip', 'conntrack', 'unshare', 'nsenter'].filter(
    (tool) => (spawnSync(tool, ['--version']).error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT',
  );
  return absent.length > 0 ? `${absent.join(', ')} is absent (apt-get install nftables iproute2 conntrack)` : undefined;
}

/** A process in its own namespace, that does what it is told. */
export class Machine {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  #count = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, answer, failure }: { id: number; answer?: unknown; failure?: string }) => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (failure === undefined) asked?.resolve(answer);
      else asked?.reject(new Error(failure));
    });
    child.on('exit', () => {
      for (const { reject } of this.#asked.values()) reject(new Error('the machine is gone'));
    });
  }

  static async start(): Promise<Machine> {
    const script = join(import.meta.dirname, 'pod.ts');
    const machine = new Machine(
      spawn('unshare', ['--net', process.execPath, script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    await new Promise((resolve, reject) => machine.#asked.set(0, { resolve, reject }));
    return machine;
  }

  get netns(): string {
    return `/proc/${this.#child.pid}/ns/net`;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** A shell in its namespace, and what it prints. */
  run(script: string): string {
    return execFileSync('nsenter', [`--net=${this.netns}`, 'sh', '-ec', script], { encoding: 'utf8' });
  }

  listen(name: string, ...ports: number[]): Promise<unknown> {
    return this.#ask({ do: 'listen', name, ports });
  }

  /** What each connection heard: 'NAME CLIENT', the code of an error, or 'nothing'. */
  connect(to: Target, times = 1, from?: string): Promise<string[]> {
    return this.#ask({ do: 'connect', to, times, ...(from !== undefined && { from }) }) as Promise<string[]>;
  }

  /** The same of datagrams; all from one socket, or each from its own. */
  send(to: Target, times = 1, ownSockets = true): Promise<string[]> {
    return this.#ask({ do: 'send', to, times, ownSockets }) as Promise<string[]>;
  }

  hold(to: Target): Promise<string> {
    return this.#ask({ do: 'hold', to }) as Promise<string>;
  }

  talk(words: string): Promise<string> {
    return this.#ask({ do: 'talk', words }) as Promise<string>;
  }

  letGo(): Promise<unknown> {
    return this.#ask({ do: 'let go' });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(order: Order): Promise<unknown> {
    const id = ++this.#count;
    const answer = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    this.#child.send({ id, order });
    return answer;
  }
}

export class Network {
  readonly node: Machine;
  readonly outside: Machine;
  /** Number n, from 0, is at podIp(n) and podIp6(n) and listens at 8080 as 'pod-n'. */
  readonly pods: readonly Machine[];

  private constructor(node: Machine, outside: Machine, pods: readonly Machine[]) {
    this.node = node;
    this.outside = outside;
    this.pods = pods;
  }

  static async make(pods: number): Promise<Network> {
    const machines = await Promise.all(Array.from({ length: pods + 2 }, () => Machine.start()));
    const [node, outside, ...rest] = machines;
    const network = new Network(node, outside, rest);
    try {
      network.#connect();
      await Promise.all([outside.listen('far', 8080), ...rest.map((pod, n) => pod.listen(`pod-${n}`, 8080))]);
    } catch (error) {
      network.remove();
      throw error;
    }
    return network;
  }

  remove(): void {
    for (const machine of [this.node, this.outside, ...this.pods]) machine.stop();
  }

  #connect(): void {
    this.node.run(`
      ip link set lo up
      ip link add outside type veth peer name eth0 netns ${this.outside.pid}
      ip addr add ${NODE_IP}/24 dev outside
      ip addr add ${NODE_IP6}/64 dev outside nodad
      ip link set outside up
      echo 1 > /proc/sys/net/ipv4/ip_forward
      echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`);
    this.outside.run(`
      ip link set lo up
      ip addr add ${OUTSIDE_IP}/24 dev eth0
      ip addr add ${OTHER_IP}/32 dev eth0
      ip addr add fd00:7::2/64 dev eth0 nodad
      ip addr add ${FAR_IP}/32 dev lo
      ip addr add fd00:2::1/128 dev lo nodad
      ip link set eth0 up
      ip route add default via ${NODE_IP}
      ip -6 route add default via ${NODE_IP6}`);
    this.node.run(`
      ip route add default via ${OUTSIDE_IP}
      ip -6 route add default via fd00:7::2`);
    for (const [n, pod] of this.pods.entries()) this.#connectPod(pod, n);
  }

  /** Each on a link of its own, so that every answer passes the node. */
  #connectPod(pod: Machine, n: number): void {
    this.node.run(`
      ip link add pod${n} type veth peer name eth0 netns ${pod.pid}
      ip addr add 10.1.0.254/32 dev pod${n}
      ip link set pod${n} up
      ip -6 addr add fe80::1/64 dev pod${n} nodad
      ip route add ${podIp(n)}/32 dev pod${n}
      ip -6 route add ${podIp6(n)}/128 dev pod${n}`);
    pod.run(`
      ip link set lo up
      ip addr add ${podIp(n)}/32 dev eth0
      ip -6 addr add ${podIp6(n)}/128 dev eth0 nodad
      ip link set eth0 up
      ip route add default via 10.1.0.254 dev eth0 onlink
      ip -6 route add default via fe80::1 dev eth0`);
  }
}

export function podIp(n: number): string {
  return `10.1.0.${n + 1}`;
}

export function podIp6(n: number): string {
  return `fd00:1::${n + 1}`;
}
