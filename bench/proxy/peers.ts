/** The proxies that are measured, each in one process with one thread that forwards: how they are started and found. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Running {
  readonly pid: number;
  readonly ports: Readonly<Record<string, number>>;
  /** At once. */
  stop(): Promise<void>;
  /** By SIGTERM; resolves when it has ended by itself. */
  end(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  /** What it is, with its version; undefined where it is not installed. */
  version(): string | undefined;
  /** Listens on `ports.proxy` and forwards to the port on loopback. */
  start(to: number): Promise<Running>;
}

export const TCP_PEERS: readonly Peer[] = [
  ofNode('keelson', 'keelson.ts', 'tcp'),
  debian('nginx stream', 'nginx', '-v', nginxStream),
  debian('HAProxy tcp', 'haproxy', '-v', (port, to) => haproxy(port, to, 'tcp')),
  ofNode('Node pipe', 'node-pipe.ts'),
];

export const HTTP_PEERS: readonly Peer[] = [
  ofNode('keelson', 'keelson.ts', 'http'),
  ofNode('http-proxy', 'http-proxy.ts'),
  debian('nginx http', 'nginx', '-v', nginxHttp),
  debian('HAProxy http', 'haproxy', '-v', (port, to) => haproxy(port, to, 'http')),
];

/** A module of this folder in a process of its own, which says its ports first. http-proxy uses what Node warns of. */
export async function startModule(file: string, ...args: string[]): Promise<Running> {
  const script = join(import.meta.dirname, file);
  const child = spawn(process.execPath, ['--no-deprecation', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.once('data', resolve).once('end', () => reject(new Error(`${file} ended before it listened`)));
  child.once('error', reject);
  const ports = JSON.parse(String(await promise)) as Record<string, number>;
  return running(child, ports);
}

function ofNode(name: string, file: string, ...args: string[]): Peer {
  return {
    name,
    version: () => `Node ${process.version}`,
    start: (to) => startModule(file, ...args, String(to)),
  };
}

/** A program, what it is started with, and the file that says so. */
interface Config {
  readonly args: (file: string, folder: string) => string[];
  readonly text: (folder: string) => string;
}

function debian(name: string, command: string, flag: string, configOf: (port: number, to: number) => Config): Peer {
  return {
    name,
    version() {
      const { status, stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' });
      return status === 0 ? (stdout + stderr).split('\n')[0].replace(/ - https.*$/, '') : undefined;
    },
    async start(to) {
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), 'keelson-proxy-bench-'));
      const { args, text } = configOf(port, to);
      const file = join(folder, 'config');
      writeFileSync(file, text(folder));
      const child = spawn(command, args(file, folder), { stdio: ['ignore', 'inherit', 'inherit'] });
      await listens(port, child, name);
      const { pid, stop, end } = running(child, { proxy: port });
      const cleanUp = (): void => rmSync(folder, { recursive: true, force: true });
      return { pid, ports: { proxy: port }, stop: () => stop().then(cleanUp), end: () => end().then(cleanUp) };
    },
  };
}

/** One process, no master: what it uses is all there is. */
function nginx(body: (folder: string) => string): Config {
  return {
    args: (file, folder) => ['-e', join(folder, 'error.log'), '-p', folder, '-c', file],
    text: (folder) => `daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log error;
${body(folder)}`,
  };
}

function nginxStream(port: number, to: number): Config {
  return nginx(
    () => `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events { worker_connections 8192; }
stream {
  upstream origin { server 127.0.0.1:${to}; }
  server { listen 127.0.0.1:${port} backlog=4096; proxy_pass origin; tcp_nodelay on; }
}
`,
  );
}

function nginxHttp(port: number, to: number): Config {
  return nginx(
    (folder) => `events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream origin { server 127.0.0.1:${to}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`,
  );
}

function haproxy(port: number, to: number, mode: 'tcp' | 'http'): Config {
  return {
    args: (file) => ['-q', '-db', '-f', file],
    text: () => `global
  nbthread 1
  maxconn 4096
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${mode === 'http' ? '  option forwardfor\n  http-reuse always\n' : ''}listen origin
  bind 127.0.0.1:${port} backlog 4096
  server one 127.0.0.1:${to} maxconn 4096
`,
  };
}

function running(child: ChildProcess, ports: Record<string, number>): Running {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const by = (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    return gone;
  };
  return { pid: child.pid as number, ports, stop: () => by('SIGKILL'), end: () => by('SIGTERM') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @throws when the process ends, or accepts nothing for ten seconds. */
async function listens(port: number, child: ChildProcess, name: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it listened`);
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (accepted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill('SIGKILL');
  throw new Error(`${name} accepted nothing on port ${port}`);
}
