import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Action } from '../../../../core/scheduler/queue/events.ts';
import { InFlight } from '../../../../core/scheduler/queue/in-flight.ts';
import { queuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import { pod } from './pods.ts';

const event = (resource: string) => ({ resource, action: Action.Add });
const names = (flight: InFlight, key: string): string[] => flight.since(key).map(({ resource }) => resource);

test('InFlight: nobody in flight, nothing kept', () => {
  const flight = new InFlight();
  flight.record(event('Node'));
  assert.is(flight.eventCount, 0);
});

test('InFlight: a pod sees what came after its start, and no more is kept than the oldest needs', () => {
  const flight = new InFlight();
  flight.start(queuedPod(pod('a'), 0, 0));
  flight.record(event('1'));
  flight.start(queuedPod(pod('b'), 1, 0));
  flight.record(event('2'));
  flight.start(queuedPod(pod('c'), 2, 0));
  assert.equal([names(flight, 'a'), names(flight, 'b'), names(flight, 'c')], [['1', '2'], ['2'], []]);

  flight.done('b');
  assert.equal([names(flight, 'a'), names(flight, 'b')], [['1', '2'], []]);
  flight.done('a');
  assert.is(flight.eventCount, 0);
  flight.record(event('3'));
  assert.equal(names(flight, 'c'), ['3']);
  flight.done('c');
  assert.equal([flight.size, flight.eventCount], [0, 0]);
});

test('InFlight: done twice is done once; the same pod twice is a bug', () => {
  const flight = new InFlight();
  flight.start(queuedPod(pod('a'), 0, 0));
  assert.throws(() => flight.start(queuedPod(pod('a'), 1, 0)), /a is in flight already/);
  flight.done('a');
  flight.done('a');
  assert.not(flight.has('a'));
});

test.run();
