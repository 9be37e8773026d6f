/**
 * What `keelson up` does in a second, and what it takes: the marks of issue 5.
 *
 *   npm run bench:api -- [--only creates,lists] [--runs 5] [--nodes 1000] [--pods 10000] [--held 50000]
 *                        [--watchers 1000] [--rest 60] [--into FILE.json]
 *
 * `--into` keeps the rows in a file, beside those that are there of other parts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { etcdPuts } from './api/etcd-puts.ts';
import { agentMemory, restart } from './api/held.ts';
import { creates, endToEnd } from './api/in-process.ts';
import { createsOverHttps, lists, ready, rest } from './api/over-https.ts';
import type { Part, Row, Sizes } from './api/row.ts';
import { watchers } from './api/watchers.ts';

const PARTS: Readonly<Record<string, Part>> = {
  creates,
  https: createsOverHttps,
  'end-to-end': endToEnd,
  lists,
  watchers,
  ready,
  restart,
  rest,
  memory: agentMemory,
  etcd: etcdPuts,
};

const number = (otherwise: string) => ({ type: 'string', default: otherwise }) as const;
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    into: { type: 'string' },
    runs: number('5'),
    nodes: number('1000'),
    pods: number('10000'),
    held: number('50000'),
    watchers: number('1000'),
    rest: number('60'),
  },
});
const smoke = process.env.BENCH === 'smoke';
const sizes: Sizes = smoke
  ? { runs: 1, nodes: 5, pods: 100, held: 200, watchers: 3, restMs: 300 }
  : {
      runs: Number(values.runs),
      nodes: Number(values.nodes),
      pods: Number(values.pods),
      held: Number(values.held),
      watchers: Number(values.watchers),
      restMs: Number(values.rest) * 1_000,
    };

const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] };
console.log(
  `Node ${process.version}, ${machine.cores} cores of ${machine.cpu}, load ${machine.load.toFixed(1)}; median (least to most)`,
);
// For figures of the heap.
setFlagsFromString('--expose-gc');
globalThis.gc ??= runInNewContext('gc') as NodeJS.GCFunction;
const asked = values.only?.split(',') ?? Object.keys(PARTS);
for (const name of asked) {
  const part = PARTS[name];
  if (!part) throw new Error(`no part is called ${name}: ${Object.keys(PARTS).join(', ')}`);
  const rows = await part(sizes);
  for (const row of rows) console.log(textOf(row));
  if (values.into !== undefined) keep(values.into, name, rows);
}

function textOf({ what, unit, median, least, most, toReach }: Row): string {
  const text = (one: number): string =>
    one.toLocaleString('en', { maximumFractionDigits: Math.abs(one) < 100 ? 1 : 0 });
  const reached = toReach && (toReach.isLeast ? median >= toReach.value : median <= toReach.value);
  const mark = toReach ? `; to reach ${text(toReach.value)}${reached ? '' : ', MISSED'}` : '';
  return `${what}: ${text(median)} ${unit} (${text(least)} to ${text(most)})${mark}`;
}

/** Parts are measured one by one, each when the machine is quiet. */
function keep(path: string, name: string, rows: readonly Row[]): void {
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { parts?: object }) : {};
  const measured = { at: new Date().toISOString(), load: machine.load, sizes, rows };
  const all = { machine, node: process.version, parts: { ...before.parts, [name]: measured } };
  writeFileSync(path, `${JSON.stringify(all, undefined, 2)}\n`);
}
