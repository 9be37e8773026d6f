import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../core/clock.ts';
import { Listers } from '../../../core/cluster/listers.ts';
import type { Pod } from '../../../core/objects/types.ts';
import type { Attempt } from '../../../core/scheduler/attempts.ts';
import type { Decision } from '../../../core/scheduler/decision.ts';
import type { CycleError, Decider } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { Nominator } from '../../../core/scheduler/queue/nominator.ts';
import { Scheduler } from '../../../core/scheduler/scheduler.ts';
import { node, pod, START_MS } from './queue/pods.ts';

type Answer = Partial<Decision>;

/** A scheduler whose cycle says what the test wrote down, and whose bindings wait until the test ends them. */
function stage(answers: Record<string, Answer[]> = {}) {
  /** What the decider was told. */
  const told: string[] = [];
  const say = (what: string) => (about: Pod | { metadata: { name: string } } | string) => {
    const name = typeof about === 'string' ? about : about.metadata.name;
    const on = typeof about !== 'string' && 'spec' in about ? (about.spec.nodeName ?? '') : '';
    told.push(`${what} ${name}${on && ` on ${on}`}`);
  };
  const decider = {
    kind: 'reference',
    addNode: say('+node'),
    updateNode: say('~node'),
    removeNode: say('-node'),
    addPod: say('+'),
    updatePod: say('~'),
    removePod: say('-'),
    objectChanged: say('object'),
    unreserve: say('unreserve'),
    begin: () => {
      throw new Error('the cycle is made up here');
    },
  } satisfies Decider;
  const clock = new VirtualClock(START_MS);
  const nominator = new Nominator();
  const bindings = new Map<string, (error?: CycleError) => void>();
  const evicted: string[] = [];
  const log: [string, Decision['result'], Attempt][] = [];
  const scheduler = new Scheduler({
    decider,
    listers: new Listers(),
    profiles: [defaultProfile()],
    nominator,
    clock,
    cycle: {
      schedule: (one) => {
        const answer = answers[one.metadata.name]?.shift() ?? { result: 'scheduled', host: 'n' };
        return { pod: one, result: 'unschedulable', evaluated: 1, feasible: 0, unschedulablePlugins: [], ...answer };
      },
    },
    binder: { bind: (one, nodeName, done) => bindings.set(`${one.metadata.name} to ${nodeName}`, done) },
    evictor: {
      evict: (victims, { metadata }) =>
        evicted.push(`${victims.map(({ metadata: m }) => m.name)} for ${metadata.name}`),
    },
    onDecision: (decision, attempt) => log.push([decision.pod.metadata.name, decision.result, attempt]),
  });
  const names = (): string[] =>
    [...scheduler.pending()].map(({ pod: one, place }) => `${one.metadata.name} ${place}`).sort();
  return { scheduler, told, clock, nominator, bindings, evicted, log, names };
}

const refusedBy = (...unschedulablePlugins: string[]): Answer => ({ unschedulablePlugins, message: 'no room' });
const broken = { plugin: 'Bind', message: 'no connection' };
const onNode = (name: string, nodeName = 'n'): Pod => pod(name, { spec: { nodeName } });

// --- placing -----------------------------------------------------------------------------------------------------------

test('Scheduler: a placed pod counts on its node before it is bound', () => {
  const { scheduler, told, bindings, names } = stage();
  scheduler.podAdded(pod('a'));
  assert.is(scheduler.scheduleNext()?.host, 'n');
  assert.equal(told, ['+ a on n']);
  assert.equal([...bindings.keys()], ['a to n']);
  assert.equal(names(), []);
  assert.is(scheduler.scheduleNext(), undefined);
});

const confirmations = [
  { name: 'by the binder', by: ['done'] },
  { name: 'by an update', by: ['update'] },
  { name: 'by the binder, then by an update', by: ['done', 'update'] },
  { name: 'by an update, then by the binder', by: ['update', 'done'] },
  { name: 'by the binder, before an update of the time when it waited,', by: ['done', 'late', 'update'] },
];
for (const { name, by } of confirmations) {
  test(`Scheduler: a binding confirmed ${name} is told the decider once as placed, and wakes who waited for the pod`, () => {
    const affinity = {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: 'z' }] },
    };
    const { scheduler, told, bindings, names } = stage({ w: [refusedBy('InterPodAffinity')] });
    scheduler.podAdded(pod('w', { spec: { affinity } }));
    scheduler.scheduleNext();
    scheduler.podAdded(pod('a'));
    scheduler.scheduleNext();
    assert.equal(names(), ['w unschedulable']);
    for (const way of by) {
      if (way === 'done') bindings.get('a to n')!();
      else if (way === 'late') scheduler.podUpdated(pod('a', { metadata: { labels: { written: 'before' } } }));
      else scheduler.podUpdated(onNode('a'));
    }
    assert.equal(names(), ['w backoff']);
    assert.equal(
      told.filter((line) => line.startsWith('+')),
      ['+ a on n'],
    );
    scheduler.podDeleted(pod('a'));
    assert.is(told.at(-1), '- a on n');
  });
}

test('Scheduler: somebody else bound the pod elsewhere while ours was under way', () => {
  const { scheduler, told, bindings } = stage();
  scheduler.podAdded(pod('a'));
  scheduler.scheduleNext();
  scheduler.podUpdated(onNode('a', 'm'));
  bindings.get('a to n')!(broken);
  assert.equal(told, ['+ a on n', 'unreserve a on n', '- a on n', '+ a on m']);
  assert.equal(scheduler.counters.errors, 0);
});

test('Scheduler: a failed binding frees the place, wakes who wants it and backs off', () => {
  const { scheduler, told, bindings, log, names, nominator } = stage({ w: [refusedBy('NodeResourcesFit')] });
  scheduler.podAdded(pod('a', { status: { nominatedNodeName: 'n' } }));
  scheduler.scheduleNext();
  assert.is(nominator.size, 0);
  scheduler.podAdded(pod('w'));
  scheduler.scheduleNext();
  bindings.get('a to n')!(broken);
  assert.equal(told, ['+ a on n', 'unreserve a on n', '- a on n']);
  assert.equal(names(), ['a errorBackoff', 'w backoff']);
  assert.equal(
    log.map(([name, result]) => `${name} ${result}`),
    ['a scheduled', 'w unschedulable', 'a error'],
  );
  const [entry] = [...scheduler.pending()].filter(({ pod: one }) => one.metadata.name === 'a');
  assert.is(entry.message, 'no connection');
  assert.is(entry.pod.status?.nominatedNodeName, undefined);
});

// --- pods that come and go -----------------------------------------------------------------------------------------------

test('Scheduler: whose scheduler no profile has, and who is finished, is left alone', () => {
  const { scheduler, told, names } = stage();
  scheduler.podAdded(pod('foreign', { spec: { schedulerName: 'other' } }));
  scheduler.podUpdated(pod('foreign', { spec: { schedulerName: 'other' }, metadata: { labels: { a: 'b' } } }));
  scheduler.podAdded(pod('finished', { status: { phase: 'Succeeded' } }));
  assert.is(scheduler.scheduleNext(), undefined);
  assert.equal(names(), []);
  scheduler.podUpdated(pod('foreign', { spec: { schedulerName: 'other', nodeName: 'n' } }));
  assert.equal(told, ['+ foreign on n'], 'on a node it counts');
});

test('Scheduler: a finished pod leaves its node', () => {
  const { scheduler, told } = stage();
  scheduler.podAdded(onNode('a'));
  scheduler.podUpdated(pod('a', { spec: { nodeName: 'n' }, status: { phase: 'Failed' } }));
  scheduler.podDeleted(onNode('a'));
  assert.equal(told, ['+ a on n', '- a on n']);
});

test('Scheduler: a terminating pod is skipped, the next one is tried', () => {
  const { scheduler, names } = stage();
  scheduler.podAdded(pod('a'));
  scheduler.podUpdated(pod('a', { metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } }));
  scheduler.podAdded(pod('b'));
  assert.is(scheduler.scheduleNext()?.pod.metadata.name, 'b');
  assert.is(scheduler.counters.skipped, 1);
  assert.equal(names(), []);
});

test('Scheduler: a pod deleted while it waits is never tried', () => {
  const { scheduler } = stage();
  scheduler.podAdded(pod('a'));
  scheduler.podDeleted(pod('a'));
  assert.is(scheduler.scheduleNext(), undefined);
});

for (const way of ['deleted', 'terminating'] as const) {
  test(`Scheduler: a pod ${way} while it is being bound gives up its place at once`, () => {
    const { scheduler, told, bindings, names } = stage({ w: [refusedBy('NodeResourcesFit')] });
    scheduler.podAdded(pod('w'));
    scheduler.scheduleNext();
    scheduler.podAdded(pod('a'));
    scheduler.scheduleNext();
    if (way === 'deleted') scheduler.podDeleted(pod('a'));
    else scheduler.podUpdated(pod('a', { metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } }));
    assert.equal(told, ['+ a on n', 'unreserve a on n', '- a on n']);
    assert.equal(names(), ['w backoff']);
    bindings.get('a to n')!(broken);
    assert.is(scheduler.counters.errors, 0);
  });
}

test('Scheduler: the same delivery twice is one', () => {
  const { scheduler, told } = stage();
  for (const _ of [1, 2]) {
    scheduler.nodeAdded(node('n'));
    scheduler.podAdded(pod('a'));
    scheduler.podAdded(onNode('b'));
    scheduler.podDeleted(pod('gone'));
    scheduler.nodeDeleted('gone');
    scheduler.objectDeleted({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'gone' } });
  }
  assert.equal(told, ['+node n', '+ b on n', '~node n', '~ b on n']);
  assert.is(scheduler.runUntilIdle(), 1);
});

// --- failures and preemption -----------------------------------------------------------------------------------------------

test('Scheduler: decisions are told before they are carried out, with the number of the attempt', () => {
  const { scheduler, log, clock } = stage({ a: [refusedBy('NodeName')] });
  scheduler.podAdded(pod('a'));
  clock.advance(100);
  scheduler.scheduleNext();
  clock.advance(5000);
  scheduler.nodeAdded(node('n'));
  assert.is(scheduler.scheduleNext()?.result, 'scheduled');
  assert.equal(log, [
    ['a', 'unschedulable', { number: 1, queuedAtMs: START_MS, nowMs: START_MS + 100 }],
    ['a', 'scheduled', { number: 2, queuedAtMs: START_MS + 100, nowMs: START_MS + 5100 }],
  ]);
});

test('Scheduler: no node at all counts as an error for the queue, whose backoff nothing shortens', () => {
  const { scheduler, names } = stage({ a: [{ message: 'no nodes available to schedule pods' }] });
  scheduler.podAdded(pod('a'));
  scheduler.scheduleNext();
  assert.equal(names(), ['a errorBackoff']);
  assert.is(scheduler.counters.unschedulable, 1);
});

const won = (...victims: Pod[]): Answer => ({
  unschedulablePlugins: ['NodeResourcesFit'],
  preemption: { eligible: true, nominatedNode: 'n', victims, clearedNominations: [] },
});

test('Scheduler: a preemptor waits until the deletion of its last victim has begun', () => {
  const { scheduler, evicted, names, nominator } = stage({ a: [won(onNode('v1'), onNode('v2'))] });
  for (const name of ['v1', 'v2']) scheduler.podAdded(onNode(name));
  scheduler.podAdded(pod('a'));
  scheduler.scheduleNext();
  assert.equal(evicted, ['v1,v2 for a']);
  assert.is(nominator.nodeOf('a'), 'n');
  scheduler.podDeleted(onNode('v1'));
  assert.equal(names(), ['a gated']);
  scheduler.podUpdated(pod('v2', { spec: { nodeName: 'n' }, metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } }));
  scheduler.podDeleted(onNode('v2'));
  assert.equal(names(), ['a backoff']);
  assert.is(scheduler.scheduleNext()?.pod.status?.nominatedNodeName, 'n', 'the cycle tries the nominated node first');
  assert.equal([scheduler.counters.preemptions, scheduler.counters.victims], [1, 2]);
});

test('Scheduler: victims already terminating are not evicted again', () => {
  const going = pod('v', { spec: { nodeName: 'n' }, metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } });
  const { scheduler, evicted } = stage({ a: [won(going)] });
  scheduler.podAdded(pod('a'));
  scheduler.scheduleNext();
  assert.equal(evicted, []);
});

test('Scheduler: an eviction that failed brings the preemptor back at once', () => {
  const { scheduler, names } = stage({ a: [won(onNode('v'))] });
  scheduler.podAdded(onNode('v'));
  scheduler.podAdded(pod('a'));
  scheduler.scheduleNext();
  scheduler.evictionFailed(pod('a'));
  assert.equal(names(), ['a active']);
});

test('Scheduler: a nomination cleared for a higher priority wakes those it held back', () => {
  const low = pod('low', { spec: { priority: 1 } });
  const high: Answer = {
    unschedulablePlugins: ['NodeResourcesFit'],
    preemption: { eligible: true, nominatedNode: 'n', victims: [], clearedNominations: [low] },
  };
  const { scheduler, names, nominator } = stage({
    low: [won()],
    same: [refusedBy('NodeResourcesFit')],
    above: [refusedBy('NodeResourcesFit')],
    high: [high],
  });
  scheduler.podAdded(low);
  scheduler.podAdded(pod('same', { spec: { priority: 1 } }));
  scheduler.podAdded(pod('above', { spec: { priority: 2 } }));
  for (const _ of [1, 2, 3]) scheduler.scheduleNext();
  assert.equal(names(), ['above unschedulable', 'low unschedulable', 'same unschedulable']);
  scheduler.podAdded(pod('high', { spec: { priority: 3 } }));
  scheduler.scheduleNext();
  assert.equal(names(), ['above unschedulable', 'high unschedulable', 'low backoff', 'same backoff']);
  assert.equal([nominator.nodeOf('low'), nominator.nodeOf('high')], [undefined, 'n']);
});

const lost: { name: string; preemption: Decision['preemption']; stays: boolean }[] = [
  {
    name: 'is lost when preemption found nothing',
    preemption: { eligible: true, victims: [], clearedNominations: [] },
    stays: false,
  },
  {
    name: 'stays when preemption was not eligible',
    preemption: { eligible: false, why: 'w', victims: [], clearedNominations: [] },
    stays: true,
  },
  { name: 'stays when preemption did not run', preemption: undefined, stays: true },
];
for (const { name, preemption, stays } of lost) {
  test(`Scheduler: the nomination of a pod that failed again ${name}`, () => {
    const { scheduler, nominator } = stage({ a: [{ ...refusedBy('NodeResourcesFit'), preemption }] });
    scheduler.podAdded(pod('a', { status: { nominatedNodeName: 'n' } }));
    scheduler.scheduleNext();
    assert.is(nominator.nodeOf('a'), stays ? 'n' : undefined);
    assert.is([...scheduler.pending()][0].pod.status?.nominatedNodeName, stays ? 'n' : undefined);
  });
}

for (const way of ['deleted', 'nominated elsewhere'] as const) {
  test(`Scheduler: a nominated pod that is ${way} wakes pods of lower or equal priority`, () => {
    const { scheduler, names } = stage({ low: [refusedBy('NodeResourcesFit')], high: [refusedBy('NodeResourcesFit')] });
    const nominated = { spec: { priority: 1 }, status: { nominatedNodeName: 'n' } };
    scheduler.podAdded(pod('low'));
    scheduler.podAdded(pod('high', { spec: { priority: 2 } }));
    for (const _ of [1, 2]) scheduler.scheduleNext();
    scheduler.podAdded(pod('a', nominated));
    if (way === 'deleted') scheduler.podDeleted(pod('a'));
    else scheduler.podUpdated(pod('a', { ...nominated, status: { nominatedNodeName: 'm' } }));
    assert.ok(names().includes('low backoff'));
    assert.ok(names().includes('high unschedulable'));
  });
}

test.run();
