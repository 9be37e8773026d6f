/** Which classes are built ahead, and worker threads that fail while they build: the classes are there all the same. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { EngineDecider, type EngineOptions } from '../../../../core/scheduler/engine/decider.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import type { WorkerReplaced } from '../../../../core/scheduler/scan/parallel/worker-replaced.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { node, pod } from '../../../support/builders.ts';
import { SlowPool } from '../../../support/slow-pool.ts';

const SUPPORT = join(import.meta.dirname, '../../../support');
const NODES = 40;
const CLASSES = 6;

function world(extra: Partial<EngineOptions> = {}) {
  const options = { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() };
  const engine = new EngineDecider({ ...options, ...extra });
  const cycle = new ScheduleOne({ decider: engine, ...options });
  for (let i = 0; i < NODES; i++) {
    const taints = i % 7 === 0 ? [{ key: 'gpu', effect: 'NoSchedule' as const }] : [];
    engine.addNode(node(`n${i}`, { has: { cpu: `${2 + (i % 5)}` }, labels: { zone: `z${i % 3}` }, taints }));
  }
  const placeAll = (pods: readonly Pod[]): (string | undefined)[] => {
    cycle.expect(pods);
    return pods.map((incoming) => {
      const { host } = cycle.schedule(incoming);
      if (host) engine.assume(incoming, host);
      return host;
    });
  };
  return { engine, placeAll };
}

let made = 0;
/** Of as many new classes, two each, one after the other; half of them may go to one zone only. */
function batch(classes = CLASSES): Pod[] {
  const round = made++;
  return Array.from({ length: 2 * classes }, (_, i) => {
    const shape = i % classes;
    const spec = shape % 2 === 0 ? {} : { nodeSelector: { zone: `z${shape % 3}` } };
    return pod(`p${round}-${i}`, { asks: { cpu: `${10 + shape}m`, memory: `${1 + round}Mi` }, spec });
  });
}

test('classes ahead: each that two pods of the batch ask for is built before the first pod', async () => {
  const pool = new SlowPool({ threads: 3 });
  const { engine, placeAll } = world({ pool, threadsFrom: 0 });
  const alone = pod('alone', { asks: { cpu: '1' } });
  assert.ok(placeAll([...batch(), alone]).every(Boolean));
  assert.is(engine.classCount, CLASSES + 1); // The lone pod's was built on credit.
  assert.equal([...engine.scans], []);
  assert.equal(engine.check(), []);
  await pool.close();
});

test('classes ahead: as many in one batch as do not fit into one job', async () => {
  const pool = new SlowPool({ threads: 2 });
  const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
  const pods = batch(300);
  assert.equal(other.placeAll(pods), one.placeAll(pods));
  assert.is(other.engine.classCount, 300);
  assert.equal([...other.engine.scans], []);
  await pool.close();
});

test('classes ahead: one thread builds a class when a pod asks for it', () => {
  const { engine, placeAll } = world({ limits: { onCredit: 0 } });
  placeAll(batch());
  assert.equal([...engine.scans], [['the first pod of its class', CLASSES]]);
});

test('classes ahead: pods that are announced and never come change nothing', async () => {
  const pool = new SlowPool({ threads: 2 });
  const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
  other.engine.expect(batch());
  const pods = batch();
  assert.equal(other.placeAll(pods), one.placeAll(pods));
  assert.equal(other.engine.check(), []);
  await pool.close();
});

const failures = [
  { how: 'throws', reason: 'out of memory, say' },
  { how: 'hangs', reason: 'it took longer than 100 ms' },
  { how: 'exits', reason: 'it took longer than 100 ms' },
];
for (const { how, reason } of failures) {
  test(`classes ahead: a worker that ${how} while it builds is replaced, and its classes are built all the same`, async () => {
    const events: WorkerReplaced[] = [];
    const module = new URL(`file://${SUPPORT}/failing-worker.ts`);
    const pool = new SlowPool({ threads: 2, module, timeoutMs: 100, onEvent: (event) => events.push(event) });
    const [one, other] = [world(), world({ pool, threadsFrom: 0 })];
    const both = (): void => {
      const pods = batch();
      assert.equal(other.placeAll(pods), one.placeAll(pods));
      assert.equal(other.engine.check(), []);
    };
    process.env.WORKER_FAILS = how;
    both();
    delete process.env.WORKER_FAILS;
    for (let i = 0; i < 500 && events.length === 0; i++) {
      both();
      await delay(1);
    }
    assert.equal(events, [{ kind: 'workerReplaced', worker: 0, reason, replaced: true }]);
    for (let i = 0; i < 500 && pool.chunksByWorker[0] === 0; i++) {
      both();
      await delay(1);
    }
    assert.ok(pool.chunksByWorker[0] > 0, 'the new one takes part');
    assert.equal([...other.engine.scans], []);
    assert.is(events.length, 1);
    await pool.close();
  });
}

test.run();
