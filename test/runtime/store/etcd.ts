/** Debian's etcd on loopback for the tests, with a folder of its own; they say aloud what they skip without it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { newFolder } from './folder.ts';

/** Why there is no etcd; undefined where there is. CI skips nothing. */
export function whyNoEtcd(): string | undefined {
  if (spawnSync('etcd', ['--version']).status === 0) return undefined;
  if (process.env.CI === 'true') throw new Error('etcd is missing, and CI skips nothing');
  return 'etcd is missing (Debian: etcd-server)';
}

export class Etcd {
  readonly url: string;
  private readonly args: string[];
  private child: ChildProcess | undefined;

  /** `flags`: such as --quota-backend-bytes=... */
  static async start(...flags: string[]): Promise<Etcd> {
    const [port, peerPort] = await freePorts(2);
    const etcd = new Etcd(port, peerPort, flags);
    await etcd.start();
    return etcd;
  }

  private constructor(port: number, peerPort: number, flags: readonly string[]) {
    const client = `http://127.0.0.1:${port}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    this.url = `etcd://127.0.0.1:${port}`;
    this.args = [
      ...['--name=test', `--data-dir=${newFolder()}`, '--log-level=error', '--logger=zap'],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=test=${peer}`],
      ...flags,
    ];
  }

  /** Also after a kill, on the same folder and ports. Whoever calls it waits for it as its users do: by trying. */
  async start(): Promise<void> {
    const child = spawn('etcd', this.args, { stdio: 'ignore' });
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    await once(child, 'spawn');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** It keeps its connections and answers nothing, until it goes on. Over when every thread stands still. */
  async pause(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.kill('SIGSTOP');
    while (!threadsOf(child.pid).every((state) => state === 'T')) await delay(1);
  }

  goOn(): void {
    this.child?.kill('SIGCONT');
  }
}

/** Letters of /proc/PID/task/TID/stat; none where there is no /proc. */
function threadsOf(pid: number | undefined): string[] {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
