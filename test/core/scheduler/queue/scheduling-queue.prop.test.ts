import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Pod } from '../../../../core/objects/types.ts';
import { type Bench, bench, places, pod, START_MS } from './pods.ts';
import { EVENTS, PLUGINS, QueueModel } from './queue-model.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...NAMES);
const priority = fc.nat(1);
const plugins = fc.subarray(PLUGINS);

// Few pods, much time going by in few sorts of steps: collisions are the point. (Without 'max', most arrays stay tiny.)
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), name, priority, gated: fc.boolean() }),
  fc.record({ do: fc.constant('pop' as const) }),
  fc.record({ do: fc.constant('fail' as const), flying: fc.nat(4), plugins }),
  fc.record({ do: fc.constant('done' as const), flying: fc.nat(4) }),
  fc.record({ do: fc.constant('event' as const), event: fc.constantFrom(...Object.keys(EVENTS)) }),
  fc.record({ do: fc.constant('update' as const), name, priority, gated: fc.boolean() }),
  fc.record({ do: fc.constant('delete' as const), name }),
  fc.record({ do: fc.constant('activate' as const), name }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 250, 750, 1000, 5000, 30_000, 300_000) }),
  fc.record({ do: fc.constant('flush' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const podOf = (podName: string, parts: { priority: number; gated: boolean }): Pod =>
  pod(podName, {
    spec: { priority: parts.priority, ...(parts.gated && { schedulingGates: [{ name: 'g' }] }) },
  });

function apply(step: Step, { queue, clock }: Bench, model: QueueModel): void {
  const known = 'name' in step ? model.find(step.name) : undefined;
  const inFlight = model.pods.filter(({ place }) => place === 'inFlight');
  const flying = 'flying' in step ? inFlight[step.flying % inFlight.length] : undefined;
  switch (step.do) {
    case 'add':
      if (known) return;
      queue.add(podOf(step.name, step));
      model.add(step.name, step.priority, step.gated);
      return;
    case 'pop':
      assert.is(queue.pop()?.key, model.pop());
      return;
    case 'fail':
      if (!flying) return;
      queue.addUnschedulableIfNotPresent(queue.get(flying.name)!, { unschedulablePlugins: step.plugins });
      model.fail(flying, step.plugins);
      return;
    case 'done':
      if (!flying) return;
      queue.done(flying.name);
      model.done(flying);
      return;
    case 'event': {
      const { event, heardBy } = EVENTS[step.event];
      queue.moveAllToActiveOrBackoffQueue(event);
      model.event(heardBy);
      return;
    }
    case 'update': {
      if (!known) return;
      // Gates cannot be added, and one in flight has none.
      const gated = known.gated && step.gated;
      queue.update(podOf(step.name, known), podOf(step.name, { priority: step.priority, gated }));
      model.update(known, step.priority, gated);
      return;
    }
    case 'delete':
      queue.delete(pod(step.name));
      model.remove(step.name);
      return;
    case 'activate':
      if (!known) return;
      queue.activate([podOf(step.name, known)]);
      model.activate(known);
      return;
    case 'wait':
      clock.advance(step.ms);
      model.now += step.ms;
      return;
    case 'flush':
      queue.flush();
      model.flush();
  }
}

function placesOf({ pods }: QueueModel): ReturnType<typeof places> {
  const found: ReturnType<typeof places> = {};
  for (const one of pods) found[one.place] = [...(found[one.place] ?? []), one.name].sort();
  return found;
}

test('SchedulingQueue: any operations leave every pod in the one place where the naive model has it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const real = bench();
      const model = new QueueModel(START_MS);
      for (const one of steps) {
        apply(one, real, model);
        assert.equal(places(real.queue), placesOf(model));
        const counted = Object.values(real.queue.counts).reduce((sum, count) => sum + count, 0);
        assert.is(counted, model.pods.length, 'no pod is lost, none counted twice');
      }
    }),
    { numRuns: 5000 },
  );
});

test('SchedulingQueue: flushing when nextFlush says is flushing all the time', () => {
  // A timeout shorter than the backoffs, so that either may come first.
  const options = { maxInUnschedulablePodsMs: 5000, backoff: { initialBackoffMs: 20_000, maxBackoffMs: 100_000 } };
  const failures = fc.array(fc.record({ name, plugins, afterMs: fc.nat(4000) }), {
    minLength: 1,
    maxLength: 8,
    size: 'max',
  });
  fc.assert(
    fc.property(failures, fc.nat(200), (list, seconds) => {
      const [lazy, eager] = [bench(options), bench(options)];
      for (const { queue, clock } of [lazy, eager]) {
        for (const one of list) {
          if (!queue.get(one.name)) queue.add(pod(one.name));
          clock.advance(one.afterMs);
          queue.flush();
          const entry = queue.pop();
          if (entry) queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: one.plugins });
        }
      }
      for (const end = lazy.clock.now() + seconds * 1000; lazy.clock.now() < end; ) {
        for (const { clock } of [lazy, eager]) clock.advance(250);
        eager.queue.flush();
        if ((lazy.queue.nextFlush() ?? end) <= lazy.clock.now()) lazy.queue.flush();
        assert.equal(places(lazy.queue), places(eager.queue));
      }
    }),
    { numRuns: 60 },
  );
});

test.run();
