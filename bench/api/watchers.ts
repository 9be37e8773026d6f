/**
 * A thousand watchers over TLS in a process beside the server's: how long after the create was sent each has the event.
 * Client and server share the machine and its clock.
 */
import { availableParallelism } from 'node:os';
import { UpProcess } from '../../test/runtime/api/faults/up-process.ts';
import { percentile } from '../balancer/spread.ts';
import { bindApart } from './cores.ts';
import { folder } from './folders.ts';
import { HttpsClient } from './https-client.ts';
import { configMap } from './objects.ts';
import { atMost, type Part, type Row, repeated, row } from './row.ts';
import { watchConnections } from './watch-connections.ts';
import { watchStreams } from './watch-streams.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const WATCH = `${CONFIG_MAPS}?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`;
/** All watchers of an event wait alike, so that one slow event in a hundred is what 99 of 100 just leaves out. */
const EVENTS = 100;
const PAUSE_MS = 50;
const PATIENCE_MS = 10_000;

interface Delays {
  p50: number;
  p99: number;
}

export const watchers: Part = async ({ runs, watchers: count }) => {
  const up = await UpProcess.start(folder(), ['--nodes', '3']);
  const client = await HttpsClient.connect(up);
  const rows: Row[] = [];
  for (const [way, open] of [
    ['HTTP/2, 100 a connection', watchStreams],
    ['HTTP/1.1, a connection each', watchConnections],
  ] as const) {
    const arrivals: number[] = [];
    const close = await open(up, WATCH, count, () => arrivals.push(performance.now()));
    const measured = (): Promise<Delays[]> => repeated(runs + 1, () => oneRun(client, arrivals, count));
    const what = `an event at ${count} watchers over ${way}, after its create was sent`;
    rows.push(...rowsOf(what, await measured()));
    if (availableParallelism() > 1 && process.platform === 'linux') {
      const free = bindApart(up.pid);
      rows.push(...rowsOf('the same, server and watchers bound to a core each', await measured()));
      free();
    }
    close();
  }
  client.close();
  await up.kill('SIGTERM');
  return rows;
};

/** The first run warms up. */
function rowsOf(what: string, [, ...runs]: Delays[]): Row[] {
  const p99 = runs.map((run) => run.p99);
  const p50 = runs.map((run) => run.p50);
  return [row(`${what}, 99 of 100`, 'ms', p99, atMost(20)), row('half of them', 'ms', p50)];
}

async function oneRun(client: HttpsClient, arrivals: number[], count: number): Promise<Delays> {
  const events = process.env.BENCH === 'smoke' ? 2 : EVENTS;
  const delays: number[] = [];
  for (let i = 0; i < events; i++) delays.push(...(await delivered(client, arrivals, count)));
  return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
}

let made = 0;

/** From when the create was sent, ms: the write to the disk is part of it. */
async function delivered(client: HttpsClient, arrivals: number[], count: number): Promise<number[]> {
  arrivals.length = 0;
  const body = JSON.stringify(configMap(`event-${made++}`));
  const began = performance.now();
  const { code } = await client.ask('POST', CONFIG_MAPS, body);
  if (code !== 201) throw new Error(`answered with ${code}`);
  while (arrivals.length < count) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`${arrivals.length} of ${count} have seen the event`);
    await new Promise((next) => setTimeout(next, 5));
  }
  const delays = arrivals.map((at) => at - began);
  await new Promise((next) => setTimeout(next, PAUSE_MS));
  return delays;
}
