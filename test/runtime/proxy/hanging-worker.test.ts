/**
 * A worker that hangs (an endless loop, by a hook that this file loads into every thread): it is ended and replaced within
 * a bound, whether or not a table changes, and the writer goes on meanwhile. What was counted is printed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CrewEvent } from '../../../runtime/proxy/userspace/crew.ts';
import { HANG_CHANNEL } from '../../support/hang-when-told.ts';
import { Backend, closeOpened, greet, type ProxiedPort, proxied, say, until, wait } from '../../support/proxied.ts';

const HOOK = join(import.meta.dirname, '../../support/hang-when-told.ts');
if (!process.execArgv.includes(HOOK)) {
  const again = ['--import', HOOK, import.meta.filename];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1);
}

const STALL_MS = 1_000;
const channel = new BroadcastChannel(HANG_CHANNEL);

interface Load {
  whole: number;
  lost: number;
  stop(): Promise<void>;
}

/** A test that fails leaves one behind, which would go on for ever. */
const loads: Load[] = [];

function loadOn(port: ProxiedPort): Load {
  let going = true;
  const load: Load = { whole: 0, lost: 0, stop: async () => {} };
  const clients = Array.from({ length: 4 }, async () => {
    while (going) {
      const { how } = await say(port, 'x');
      if (how === 'end') load.whole++;
      else load.lost++;
    }
  });
  load.stop = async () => {
    going = false;
    await Promise.all(clients);
  };
  loads.push(load);
  return load;
}

for (const { name, changes } of [
  { name: 'with no change of any table', changes: 0 },
  { name: 'while 500 changes are made, all of which are acknowledged', changes: 500 },
]) {
  test(`a worker that hangs is replaced, ${name}`, async () => {
    const events: CrewEvent[] = [];
    const backend = await Backend.listen(greet);
    const all = backend.endpoints(20);
    const onEvent = (event: CrewEvent): void => void events.push(event);
    const port = await proxied(all.slice(0, 4), {}, { threads: 2, stallMs: STALL_MS, onEvent });
    const started = (): number => events.filter(({ type }) => type === 'worker-started').length;
    const load = loadOn(port);
    await wait(100);
    const hungMs = performance.now();
    channel.postMessage(port.plane.workers[0].threadId);
    await wait(50);
    const writingMs = performance.now();
    const acknowledged = Array.from({ length: changes }, (_, i) =>
      port.set([0, 1, 2, 3].map((k) => all[(i + k) % all.length])),
    );
    const wroteMs = performance.now() - writingMs;
    assert.not(
      events.some(({ type }) => type === 'worker-stalled'),
      'all was written before the worker was given up',
    );
    await until(() => events.some(({ type }) => type === 'worker-stalled'), 'it is noticed');
    const noticedMs = performance.now() - hungMs;
    await Promise.all(acknowledged);
    const acknowledgedMs = performance.now() - hungMs;
    await until(() => started() >= 3 && port.plane.health().healthy, 'there are two workers again');
    const replacedMs = performance.now() - hungMs;
    const before = load.whole;
    await until(() => load.whole >= before + 50, 'the load goes on');
    await load.stop();
    const stalled = events.filter(({ type }) => type === 'worker-stalled').map(({ worker }) => worker);
    assert.is(new Set(stalled).size, stalled.length, 'each is told once');
    assert.is(port.plane.stats().counters.workersStalled, stalled.length);
    assert.is(port.plane.stats().counters.workersLost, stalled.length);
    const last = changes === 0 ? all.slice(0, 4) : [0, 1, 2, 3].map((k) => all[(changes - 1 + k) % all.length]);
    for (let i = 0; i < 12; i++) {
      const { text } = await say(port);
      assert.ok(
        last.some(({ address }) => address === text),
        `${text} is of the last table`,
      );
    }
    const ms = (value: number): string => `${Math.round(value)} ms`;
    console.log(
      `worker hangs, stall limit ${STALL_MS} ms: ended after ${ms(noticedMs)}, replaced after ${ms(replacedMs)}; ` +
        (changes > 0
          ? `${changes} changes written in ${ms(wroteMs)}, acknowledged after ${ms(acknowledgedMs)}; `
          : '') +
        `${load.whole} connections whole, ${load.lost} lost with it`,
    );
    await port.plane.close(0);
    await backend.close();
  });
}

test.after.each(async () => {
  for (const load of loads.splice(0)) await load.stop();
});
test.after(async () => {
  channel.close();
  await closeOpened();
});
test.run();
