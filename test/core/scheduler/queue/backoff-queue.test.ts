import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../core/clock.ts';
import { BackoffQueue } from '../../../../core/scheduler/queue/backoff-queue.ts';
import { type QueuedPod, queuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import { pod } from './pods.ts';

const DEFAULTS = { initialBackoffMs: 1000, maxBackoffMs: 10_000 };

function failed(name: string, at: number, parts: Partial<QueuedPod> = {}): QueuedPod {
  const entry = queuedPod(pod(name), 0, at);
  entry.unschedulablePlugins.add('NodeResourcesFit');
  return Object.assign(entry, { unschedulableCount: 1 }, parts);
}

const durations = [
  { name: 'a pod that never failed owes nothing', unschedulable: 0, errors: 0, ms: 0 },
  { name: 'the first failure costs the initial backoff', unschedulable: 1, errors: 0, ms: 1000 },
  { name: 'the second doubles it', unschedulable: 2, errors: 0, ms: 2000 },
  { name: 'the fourth is the last below the maximum', unschedulable: 4, errors: 0, ms: 8000 },
  { name: 'the fifth reaches the maximum', unschedulable: 5, errors: 0, ms: 10_000 },
  { name: 'the maximum stays, however many failures there were', unschedulable: 5000, errors: 0, ms: 10_000 },
  { name: 'errors in a row count instead of refusals', unschedulable: 5, errors: 1, ms: 1000 },
  { name: 'errors alone count too', unschedulable: 0, errors: 3, ms: 4000 },
];
for (const { name, unschedulable, errors, ms } of durations) {
  test(`BackoffQueue duration: ${name}`, () => {
    const queue = new BackoffQueue(new VirtualClock(), DEFAULTS);
    const entry = failed('p', 0, { unschedulableCount: unschedulable, consecutiveErrorsCount: errors });
    assert.is(queue.durationOf(entry), ms);
  });
}

test('BackoffQueue duration: a maximum of 0 switches backoff off', () => {
  const queue = new BackoffQueue(new VirtualClock(5000), { initialBackoffMs: 1000, maxBackoffMs: 0 });
  assert.is(queue.durationOf(failed('p', 5000)), 0);
  assert.not(queue.isBackingOff(failed('p', 5000)));
});

const expiries = [
  { name: 'is cut down to the whole second', at: 5250, expiry: 6000, inBackoff: 6999, out: 7000 },
  { name: 'on a whole second stays', at: 5000, expiry: 6000, inBackoff: 6999, out: 7000 },
  { name: 'a millisecond before a second stays in it', at: 5999, expiry: 6000, inBackoff: 6999, out: 7000 },
];
for (const { name, at, expiry, inBackoff, out } of expiries) {
  test(`BackoffQueue expiry: ${name}`, () => {
    const clock = new VirtualClock(at);
    const queue = new BackoffQueue(clock, DEFAULTS);
    const entry = failed('p', at);
    queue.push(entry);
    assert.is(queue.expiryOf(entry), expiry);
    assert.is(queue.nextExpiry(), out);
    clock.set(inBackoff);
    assert.ok(queue.isBackingOff(entry));
    assert.equal(queue.popExpired(), []);
    clock.set(out);
    assert.not(queue.isBackingOff(entry));
    assert.equal(queue.popExpired(), [entry]);
    assert.is(queue.nextExpiry(), undefined);
  });
}

test('BackoffQueue: what expires first comes first; within a second PrioritySort decides', () => {
  const clock = new VirtualClock(5000);
  const queue = new BackoffQueue(clock, DEFAULTS);
  const late = failed('late', 6100);
  const low = failed('low', 5100);
  const high = failed('high', 5900);
  high.pod = pod('high', { spec: { priority: 5 } });
  for (const entry of [late, low, high]) queue.push(entry);
  clock.set(20_000);
  assert.equal(queue.popExpired(), [high, low, late]);
});

test('BackoffQueue: pods after an error have a heap of their own, which gives nothing early', () => {
  const queue = new BackoffQueue(new VirtualClock(5000), DEFAULTS);
  const error = failed('error', 5000, { unschedulableCount: 0, consecutiveErrorsCount: 1 });
  error.unschedulablePlugins.clear();
  queue.push(error);
  assert.is(queue.popEarly(), undefined);
  assert.is(queue.errorCount, 1);
  assert.ok(queue.isAfterError(error));
  const refused = failed('refused', 5000);
  queue.push(refused);
  assert.is(queue.popEarly(), refused);
  assert.is(queue.size, 1);
  assert.is(queue.remove('error'), error);
  assert.is(queue.size, 0);
});

test.run();
