/** Worker threads that die, hang or end: the decision still comes, the same one, and the pool heals and says so. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider, type ScanOptions } from '../../../../core/scheduler/scan/decider.ts';
import type { ScanPool } from '../../../../core/scheduler/scan/parallel/pool.ts';
import type { WorkerReplaced } from '../../../../core/scheduler/scan/parallel/worker-replaced.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { node, pod } from '../../../support/builders.ts';
import { SlowPool } from '../../../support/slow-pool.ts';

const SUPPORT = join(import.meta.dirname, '../../../support');
const NODES = 40;

/** Pods that go by the filters' and scores' kernels as well as by the pass over cpu and memory, or by that alone. */
type Kind = 'spread' | 'plain';

/** Places pods one by one on nodes of different sizes; `next` gives the host. */
function world(extra: Partial<ScanOptions> = {}, kind: Kind = 'spread') {
  const options = { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() };
  const decider = new ScanDecider({ ...options, ...extra });
  const cycle = new ScheduleOne({ decider, ...options });
  const addNode = (i: number): void =>
    decider.addNode(node(`n${i}`, { has: { cpu: `${2 + (i % 5)}` }, labels: { zone: `z${i % 3}` } }));
  for (let i = 0; i < NODES; i++) addNode(i);
  let pods = 0;
  const next = (): string | undefined => {
    const spread = [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} }];
    const spec = kind === 'spread' ? { topologySpreadConstraints: spread } : {};
    const incoming = pod(`p${pods++}`, { asks: { cpu: '100m' }, spec });
    const { host } = cycle.schedule(incoming);
    if (host) decider.addPod({ ...incoming, spec: { ...incoming.spec, nodeName: host } });
    return host;
  };
  return { decider, addNode, next };
}

function sameHosts(one: ReturnType<typeof world>, other: ReturnType<typeof world>, pods: number): void {
  for (let i = 0; i < pods; i++) assert.equal(other.next(), one.next());
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i++) await delay(10);
  assert.ok(holds(), what);
}

/** Decides until every worker has done a part. */
async function allAtWork(
  pool: ScanPool,
  one: ReturnType<typeof world>,
  other: ReturnType<typeof world>,
): Promise<void> {
  const before = pool.chunksByWorker;
  const helped = (): boolean => pool.chunksByWorker.every((chunks, i) => chunks !== before[i] && chunks > 0);
  for (let i = 0; i < 500 && !helped(); i++) {
    sameHosts(one, other, 1);
    await delay(1);
  }
  assert.ok(helped(), 'every worker takes part');
}

const failures = [
  { how: 'throws', reason: 'out of memory, say' },
  { how: 'hangs', reason: 'it took longer than 100 ms' },
  { how: 'exits', reason: 'it took longer than 100 ms' },
];
const cases = failures.flatMap((failure) => [
  { ...failure, kind: 'spread' as const },
  { ...failure, kind: 'plain' as const },
]);
for (const { how, reason, kind } of cases) {
  test(`threads: a worker that ${how} at its work on ${kind} pods is replaced, and the decision comes all the same`, async () => {
    const events: WorkerReplaced[] = [];
    const module = new URL(`file://${SUPPORT}/failing-worker.ts`);
    const pool = new SlowPool({ threads: 2, module, timeoutMs: 100, onEvent: (event) => events.push(event) });
    const [one, other] = [world({}, kind), world({ pool, threadsFrom: 0 }, kind)];
    process.env.WORKER_FAILS = how;
    sameHosts(one, other, 1);
    delete process.env.WORKER_FAILS;
    for (let i = 0; i < 500 && events.length === 0; i++) {
      sameHosts(one, other, 1);
      await delay(1);
    }
    assert.equal(events, [{ kind: 'workerReplaced', worker: 0, reason, replaced: true }]);
    await allAtWork(pool, one, other);
    assert.is(events.length, 1);
    await pool.close();
  });
}

test('threads: a worker that ends while it has nothing to do is replaced', async () => {
  const events: WorkerReplaced[] = [];
  const pool = new SlowPool({ threads: 3, onEvent: (event) => events.push(event) });
  const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
  await allAtWork(pool, one, other);
  await pool.workers[1]?.terminate();
  await until(() => events.length === 1, 'an event says so');
  assert.equal(events, [{ kind: 'workerReplaced', worker: 1, reason: 'it exited', replaced: true }]);
  await allAtWork(pool, one, other);
  await pool.close();
});

test('threads: workers that never get to work are given up, and this thread decides alone', async () => {
  const events: WorkerReplaced[] = [];
  const module = new URL(`file://${SUPPORT}/no-such-worker.ts`);
  const pool = new SlowPool({ threads: 2, module, onEvent: (event) => events.push(event) });
  const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
  sameHosts(one, other, 3);
  await until(() => events.at(-1)?.replaced === false, 'the last event says that none was started');
  assert.match(events[0].reason, /no-such-worker/);
  sameHosts(one, other, 3);
  await pool.close();
});

test('threads: columns that grow between decisions are attached anew', async () => {
  const pool = new SlowPool({ threads: 3 });
  const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
  await allAtWork(pool, one, other);
  for (let i = NODES; i < 8 * NODES; i++) {
    one.addNode(i);
    other.addNode(i);
    if (i % 8 === 0) sameHosts(one, other, 1);
  }
  await allAtWork(pool, one, other);
  await pool.close();
});

test('threads: a closed decider goes on, on this thread', async () => {
  const [one, other] = [world(), world({ threads: 2, threadsFrom: 0 })];
  sameHosts(one, other, 5);
  await other.decider.close();
  sameHosts(one, other, 5);
});

test('threads: idle workers keep no process alive', () => {
  const printed = execFileSync(process.execPath, [join(SUPPORT, 'exits-by-itself.ts')], { timeout: 30_000 });
  assert.match(String(printed), /^[abc]\n$/);
});

test.run();
