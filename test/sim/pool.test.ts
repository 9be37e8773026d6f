import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runOnPool, type TaskRetried } from '../../sim/pool.ts';
import type { FrailTask } from '../support/frail-task.ts';

const worker = new URL('../support/frail-task.ts', import.meta.url);
const TASKS = 6;

/** Runs six tasks on two threads; the third fails in that way, so many times. */
async function run(how: FrailTask['how'], fails: number): Promise<{ results: number[]; events: TaskRetried[] }> {
  const events: TaskRetried[] = [];
  const failed = new Int32Array(new SharedArrayBuffer(4 * TASKS));
  const tasks = Array.from({ length: TASKS }, (_, task) => ({ task, how, fails: task === 2 ? fails : 0, failed }));
  const onEvent = (event: TaskRetried): void => void events.push(event);
  const results = await runOnPool<FrailTask, number>(tasks, { worker, data: undefined, threads: 2, onEvent });
  return { results, events };
}

for (const how of ['throws', 'exits'] as const) {
  test(`pool: a task whose thread ${how} is tried again, and all results come in order`, async () => {
    const { results, events } = await run(how, 1);
    assert.equal(results, [0, 1, 2, 3, 4, 5]);
    assert.ok(events.some(({ kind, task }) => kind === 'taskRetried' && task === 2));
    assert.ok(events.every(({ reason }) => reason !== ''));
  });

  test(`pool: a task whose thread ${how} twice fails the run`, async () => {
    const failure = await run(how, 2).then(
      () => undefined,
      (error: Error) => error,
    );
    assert.instance(failure, Error);
  });
}

test('pool: without failures there are no events', async () => {
  assert.equal((await run('throws', 0)).events, []);
});

test.run();
