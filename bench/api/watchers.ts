/**
 * A thousand watchers over TLS, each a connection of its own in a process beside the server's: how long after the create was
 * answered, or before, each has the event. Client and server share the machine and its clock.
 */
import type { NetConnectOpts } from 'node:net';
import { availableParallelism } from 'node:os';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import { percentile } from '../balancer/spread.ts';
import { bindApart } from './cores.ts';
import { folder } from './folders.ts';
import { HttpsClient } from './https-client.ts';
import { configMap } from './objects.ts';
import { atMost, type Part, type Row, repeated, row } from './row.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const EVENTS = 40;
const PAUSE_MS = 50;
/** Connections made at once. */
const AT_ONCE = 50;
const ADDED = Buffer.from('"type":"ADDED"');
const READ_INTO = Buffer.alloc(64 * 1024);

export const watchers: Part = async ({ runs, watchers: count }) => {
  const up = await UpProcess.start(folder(), ['--nodes', '3']);
  const arrivals: number[] = [];
  const sockets: TLSSocket[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, () => watching(up, arrivals));
    sockets.push(...(await Promise.all(some)));
  }
  const client = await HttpsClient.connect(up);
  const events = process.env.BENCH === 'smoke' ? 2 : EVENTS;
  const measured = (kind: string) =>
    repeated(runs + 1, async (run) => {
      const delays: number[] = [];
      for (let i = 0; i < events; i++) {
        delays.push(...(await delivered(client, arrivals, count, `event-${kind}-${run}-${i}`)));
      }
      return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
    });
  const anywhere = await measured('anywhere');
  const rows = rowsOf(`an event at ${count} watchers over HTTPS after its create was sent`, anywhere);
  if (availableParallelism() > 1 && process.platform === 'linux') {
    const free = bindApart(up.pid);
    rows.push(...rowsOf('the same, server and watchers bound to a core each', await measured('apart')));
    free();
  }
  for (const socket of sockets) socket.destroy();
  client.close();
  await up.kill('SIGTERM');
  return rows;
};

/** The first run warms up. */
function rowsOf(what: string, [, ...runs]: { p50: number; p99: number }[]): Row[] {
  const p99 = runs.map((run) => run.p99);
  const p50 = runs.map((run) => run.p50);
  return [row(`${what}, 99 of 100`, 'ms', p99, atMost(20)), row('half of them', 'ms', p50)];
}

/** From when the create was sent, ms: the write to the disk is part of it. */
async function delivered(client: HttpsClient, arrivals: number[], count: number, name: string): Promise<number[]> {
  arrivals.length = 0;
  const body = JSON.stringify(configMap(name));
  const began = performance.now();
  const { code } = await client.ask('POST', `${NAMESPACE}/configmaps`, body);
  if (code !== 201) throw new Error(`answered with ${code}`);
  while (arrivals.length < count) await new Promise((next) => setTimeout(next, 5));
  const delays = arrivals.map((at) => at - began);
  await new Promise((next) => setTimeout(next, PAUSE_MS));
  return delays;
}

/**
 * Resolves when the watch is open. Each event comes in a piece of its own, as they are made one at a time; it is read into
 * one memory for all, as what a client costs is not what is measured.
 */
async function watching({ url, token, authority }: UpProcess, arrivals: number[]): Promise<TLSSocket> {
  const { hostname, port, host } = new URL(url);
  let headed = (_head: string): void => {};
  const head = new Promise<string>((resolve) => {
    headed = resolve;
  });
  let isOpen = false;
  const callback = (bytes: number, memory: Uint8Array): boolean => {
    const piece = (memory as Buffer).subarray(0, bytes);
    if (!isOpen) headed(piece.toString('latin1'));
    else if (piece.includes(ADDED)) arrivals.push(performance.now());
    isOpen = true;
    return true;
  };
  const options: ConnectionOptions & Pick<NetConnectOpts, 'onread'> = {
    host: hostname,
    port: Number(port),
    ca: authority,
    ALPNProtocols: ['http/1.1'],
    onread: { buffer: READ_INTO, callback },
  };
  const socket = connect(options);
  socket.setNoDelay(true);
  const path = `${NAMESPACE}/configmaps?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  if (!(await head).startsWith('HTTP/1.1 200')) throw new Error(`answered with ${await head}`);
  return socket;
}
