/**
 * A thousand watchers over TLS, each a connection of its own in a process beside the server's: how long after the create was
 * answered, or before, each has the event. Client and server share the machine and its clock.
 */
import { connect, type TLSSocket } from 'node:tls';
import { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import { percentile } from '../balancer/spread.ts';
import { folder } from './folders.ts';
import { HttpsClient } from './https-client.ts';
import { configMap } from './objects.ts';
import { atMost, type Part, repeated, row } from './row.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const EVENTS = 40;
const PAUSE_MS = 50;
/** Connections made at once. */
const AT_ONCE = 50;

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
  const measured = await repeated(runs + 1, async (run) => {
    const delays: number[] = [];
    for (let i = 0; i < events; i++) delays.push(...(await delivered(client, arrivals, count, `event-${run}-${i}`)));
    return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
  });
  for (const socket of sockets) socket.destroy();
  client.close();
  await up.kill('SIGTERM');
  const [, ...warm] = measured; // The first warms up.
  return [
    row(
      `an event at ${count} watchers over HTTPS after its create was sent, 99 of 100`,
      'ms',
      warm.map(({ p99 }) => p99),
      atMost(20),
    ),
    row(
      'half of them',
      'ms',
      warm.map(({ p50 }) => p50),
    ),
  ];
};

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

/** Resolves when the watch is open. Each event comes in a piece of its own, as they are made one at a time. */
async function watching({ url, token, authority }: UpProcess, arrivals: number[]): Promise<TLSSocket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ca: authority, ALPNProtocols: ['http/1.1'] });
  socket.setNoDelay(true);
  const path = `${NAMESPACE}/configmaps?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  const head: Buffer = await new Promise((resolve) => socket.once('data', resolve));
  if (!head.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(`answered with ${head}`);
  socket.on('data', (chunk: Buffer) => {
    if (chunk.includes('"type":"ADDED"')) arrivals.push(performance.now());
  });
  return socket;
}
