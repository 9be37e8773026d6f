/** Keys come out once, never to two at a time, and again after a failure, later each time. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WorkQueue } from '../../../runtime/controllers/work-queue.ts';

interface Played {
  queue: WorkQueue;
  log: string[];
  /** Ends the work on a key. */
  end(key: string, error?: Error): Promise<void>;
}

function play(workers: number): Played {
  const log: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const queue = new WorkQueue({
    workers,
    work: (key) => {
      assert.not.ok(ends.has(key), `${key} is worked on by two`);
      log.push(key);
      return new Promise((resolve, reject) => ends.set(key, (error) => (error ? reject(error) : resolve())));
    },
    failed: (key) => void log.push(`${key} failed`),
  });
  return {
    queue,
    log,
    async end(key, error) {
      ends.get(key)?.(error);
      ends.delete(key);
      await new Promise((next) => setImmediate(next));
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !holds(); i++) await new Promise((next) => setTimeout(next, 5));
  assert.ok(holds());
}

test('a key that waits is worked on once, however often it was added', async () => {
  const { queue, log, end } = play(1);
  for (const key of ['a', 'b', 'a', 'b']) queue.add(key);
  queue.start();
  await end('a');
  await end('b');
  assert.equal(log, ['a', 'b']);
  assert.is(queue.size, 0);
});

test('a key that comes while it is worked on is worked on again afterwards', async () => {
  const { queue, log, end } = play(2);
  queue.start();
  queue.add('a');
  queue.add('a');
  queue.add('b');
  assert.equal(log, ['a', 'b']);
  await end('a');
  assert.equal(log, ['a', 'b', 'a']);
});

test('a failed key comes again by itself', async () => {
  const { queue, log, end } = play(1);
  queue.start();
  queue.add('a');
  await end('a', new Error('no'));
  await until(() => log.length === 3);
  assert.equal(log, ['a', 'a failed', 'a']);
  await end('a');
});

test('of two times for one key the earlier counts', async () => {
  const { queue, log, end } = play(1);
  queue.start();
  queue.addAfter('a', 3_600_000);
  queue.addAfter('a', 1);
  await until(() => log.length === 1);
  await end('a');
  assert.equal(log, ['a']);
});

test('after stop() nothing begins any more', async () => {
  const { queue, log, end } = play(1);
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.stop();
  await end('a', new Error('no'));
  assert.equal(log, ['a']);
});

test.run();
