import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Action, assignedPodAdd, assignedPodDelete } from '../../../../core/scheduler/queue/events.ts';
import { bench, fail, node, places, pod, START_MS } from './pods.ts';

const FIT = 'NodeResourcesFit';
const gated = { spec: { schedulingGates: [{ name: 'g' }] } };
const nodeAdd = { resource: 'Node', action: Action.Add, new: node('n') };
const leaves = (name = 'gone') => assignedPodDelete(pod(name, { spec: { nodeName: 'n' } }));

// --- from pop to a place ---------------------------------------------------------------------------------------------

test('SchedulingQueue: a new pod is active, a popped one in flight, a done one gone', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  assert.equal(places(queue), { active: ['a'] });
  const entry = queue.pop()!;
  assert.is(entry.attempts, 1);
  assert.equal(places(queue), { inFlight: ['a'] });
  queue.done(entry.key);
  assert.equal(places(queue), {});
  assert.is(queue.pop(), undefined);
});

test('SchedulingQueue: after a plugin refused it a pod waits in unschedulablePods, after an error in the error backoff', () => {
  const { queue } = bench();
  queue.add(pod('refused'));
  fail(queue, FIT);
  queue.add(pod('broken'));
  fail(queue);
  assert.equal(places(queue), { unschedulable: ['refused'], errorBackoff: ['broken'] });
  assert.is(queue.pop(), undefined, 'neither may be popped');
  assert.equal(
    [...queue.pending()].map(({ pod: { metadata }, plugins, message }) => [metadata.name, plugins, message]),
    [
      ['broken', [], 'no'],
      ['refused', [FIT], 'no'],
    ],
  );
});

test('SchedulingQueue: a pod nobody can place holds up nobody', () => {
  const { queue } = bench();
  queue.add(pod('huge', { spec: { priority: 1000 } }));
  queue.add(pod('small'));
  assert.is(fail(queue, FIT), 'huge');
  assert.is(queue.pop()?.key, 'small');
});

// --- events ----------------------------------------------------------------------------------------------------------

test('SchedulingQueue: an event moves whom it helps, to backoffQ while the backoff lasts', () => {
  const { queue, clock } = bench();
  queue.add(pod('a'));
  fail(queue, FIT);
  assert.is(queue.moveAllToActiveOrBackoffQueue(leaves()), 1);
  assert.equal(places(queue), { backoff: ['a'] });

  queue.add(pod('b'));
  assert.is(fail(queue, FIT), 'b');
  clock.advance(3000);
  queue.moveAllToActiveOrBackoffQueue(leaves());
  assert.equal(places(queue), { backoff: ['a'], active: ['b'] });
});

test('SchedulingQueue: an event that reaches no rejector does nothing', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  fail(queue, 'NodeName');
  assert.is(queue.moveAllToActiveOrBackoffQueue(leaves()), 0);
  assert.is(queue.moveAllToActiveOrBackoffQueue({ resource: 'Service', action: Action.Add }), 0);
  assert.equal(places(queue), { unschedulable: ['a'] });
  assert.is(queue.moveAllToActiveOrBackoffQueue(nodeAdd), 1);
});

test('SchedulingQueue: only the plugins that rejected the pod are asked', () => {
  const { queue } = bench();
  queue.add(pod('a', { asks: { cpu: '99' } }));
  fail(queue, FIT);
  queue.add(pod('b', { asks: { cpu: '99' } }));
  fail(queue, FIT, 'NodeName');
  queue.moveAllToActiveOrBackoffQueue(nodeAdd);
  assert.equal(places(queue), { unschedulable: ['a'], backoff: ['b'] });
});

test('SchedulingQueue: a preCheck leaves pods out', () => {
  const { queue } = bench();
  for (const name of ['a', 'b']) {
    queue.add(pod(name));
    fail(queue, FIT);
  }
  queue.moveAllToActiveOrBackoffQueue(leaves(), ({ metadata }) => metadata.name === 'b');
  assert.equal(places(queue), { unschedulable: ['a'], backoff: ['b'] });
});

test('SchedulingQueue: a pending plugin wakes its pod without backoff', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  const entry = queue.pop()!;
  queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: [FIT], pendingPlugins: ['NodeName'] });
  queue.moveAllToActiveOrBackoffQueue(nodeAdd);
  assert.equal(places(queue), { active: ['a'] });
});

// --- in flight -------------------------------------------------------------------------------------------------------

test('SchedulingQueue: an event that came while the pod was in flight counts when it fails', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  const entry = queue.pop()!;
  queue.moveAllToActiveOrBackoffQueue(assignedPodAdd(pod('other', { spec: { nodeName: 'n' } })));
  queue.moveAllToActiveOrBackoffQueue(leaves());
  queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: [FIT] });
  assert.equal(places(queue), { backoff: ['a'] });
});

test('SchedulingQueue: events from before the pop, and those its rejectors do not care for, do not', () => {
  const { queue } = bench();
  queue.add(pod('first'));
  queue.add(pod('a'));
  const first = queue.pop()!;
  queue.moveAllToActiveOrBackoffQueue(leaves());
  const entry = queue.pop()!;
  queue.moveAllToActiveOrBackoffQueue(assignedPodAdd(pod('other', { spec: { nodeName: 'n' } })));
  queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: [FIT] });
  queue.addUnschedulableIfNotPresent(first, { unschedulablePlugins: ['NodeName'] });
  assert.equal(places(queue), { unschedulable: ['a', 'first'] });
});

test('SchedulingQueue: a pod updated in flight comes back in its new version, and its update counts as an event', () => {
  const { queue } = bench();
  const old = pod('a');
  const now = pod('a', { spec: { tolerations: [{ operator: 'Exists' }] } });
  queue.add(old);
  const entry = queue.pop()!;
  queue.update(old, now);
  queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: ['TaintToleration'] });
  assert.equal(places(queue), { backoff: ['a'] });
  assert.is(queue.get('a')?.pod, now);
});

test('SchedulingQueue: a pod that failed after it was done goes to the error backoff', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  const entry = queue.pop()!;
  queue.done('a');
  queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins: [] });
  assert.equal(places(queue), { errorBackoff: ['a'] });
});

// --- backoff and time ------------------------------------------------------------------------------------------------

test('SchedulingQueue: an empty activeQ lets the head of backoffQ go early, but no pod after an error', () => {
  const { queue } = bench();
  for (const name of ['a', 'b']) {
    queue.add(pod(name));
    fail(queue, FIT);
  }
  queue.add(pod('broken'));
  fail(queue);
  queue.moveAllToActiveOrBackoffQueue(leaves());
  assert.equal(places(queue), { backoff: ['a', 'b'], errorBackoff: ['broken'] });
  assert.equal([queue.pop()?.key, queue.pop()?.key, queue.pop()], ['a', 'b', undefined]);
});

test('SchedulingQueue: activeQ comes before backoffQ', () => {
  const { queue } = bench();
  queue.add(pod('a', { spec: { priority: 9 } }));
  fail(queue, FIT);
  queue.moveAllToActiveOrBackoffQueue(leaves());
  queue.add(pod('b'));
  assert.equal([queue.pop()?.key, queue.pop()?.key], ['b', 'a']);
});

test('SchedulingQueue: an ended backoff is flushed to activeQ in the second after it, not before', () => {
  const { queue, clock } = bench();
  queue.add(pod('a'));
  fail(queue);
  assert.is(queue.nextFlush(), START_MS - 250 + 2000);
  clock.set(queue.nextFlush()! - 1);
  queue.flush();
  assert.equal(places(queue), { errorBackoff: ['a'] });
  clock.advance(1);
  queue.flush();
  assert.equal(places(queue), { active: ['a'] });
  assert.is(queue.nextFlush(), undefined);
});

test('SchedulingQueue: errors in a row double the backoff, a refusal in between starts them anew', () => {
  const { queue, clock } = bench();
  queue.add(pod('a'));
  const until = (): number | undefined => [...queue.pending()][0].untilMs;
  const second = (): number => Math.floor(clock.now() / 1000) * 1000;
  const again = (...plugins: string[]): void => {
    clock.advance(20_000);
    queue.flush();
    queue.activate([pod('a')]);
    assert.is(fail(queue, ...plugins), 'a');
  };
  fail(queue);
  assert.is(until(), second() + 1000);
  again();
  assert.is(until(), second() + 2000);
  again(FIT);
  again();
  assert.is(until(), second() + 1000);
});

test('SchedulingQueue: after five minutes, at the next half minute, a pod leaves unschedulablePods', () => {
  const { queue, clock } = bench();
  clock.advance(10_000);
  queue.add(pod('a'));
  fail(queue, 'NodeName');
  const due = START_MS + 330_000;
  assert.is(queue.nextFlush(), due);
  clock.set(due - 1);
  queue.flush();
  assert.equal(places(queue), { unschedulable: ['a'] });
  clock.set(due);
  queue.flush();
  assert.equal(places(queue), { active: ['a'] });
});

test('SchedulingQueue: five minutes sharp are not more than five minutes', () => {
  const { queue, clock } = bench();
  queue.add(pod('a'));
  fail(queue, 'NodeName');
  clock.advance(300_000);
  queue.flush();
  assert.equal(places(queue), { unschedulable: ['a'] });
  assert.is(queue.nextFlush(), START_MS + 330_000);
});

test('SchedulingQueue: the timeout is a setting, and so is the backoff', () => {
  const backoff = { initialBackoffMs: 60_000, maxBackoffMs: 600_000 };
  const { queue, clock } = bench({ maxInUnschedulablePodsMs: 20_000, backoff });
  queue.add(pod('a'));
  fail(queue, 'NodeName');
  clock.advance(30_000);
  queue.flush();
  assert.equal(places(queue), { backoff: ['a'] });
});

// --- gates -----------------------------------------------------------------------------------------------------------

test('SchedulingQueue: a gated pod is kept out until its last gate opens', () => {
  const { queue } = bench();
  const closed = pod('a', gated);
  const open = pod('a');
  queue.add(closed);
  assert.equal(places(queue), { gated: ['a'] });
  assert.is(queue.pop(), undefined);
  queue.update(closed, open);
  assert.equal(places(queue), { active: ['a'] });
  assert.is(queue.pop()?.pod, open);
});

test('SchedulingQueue: a gated pod hears no events but those of its gate, and never times out', () => {
  const { queue, clock } = bench();
  queue.add(pod('a', gated));
  queue.moveAllToActiveOrBackoffQueue(nodeAdd);
  queue.moveAllToActiveOrBackoffQueue(leaves());
  assert.is(queue.nextFlush(), undefined);
  clock.advance(3_600_000);
  queue.flush();
  assert.equal(places(queue), { gated: ['a'] });
});

test('SchedulingQueue: a label on a gated pod opens nothing', () => {
  const { queue } = bench();
  const old = pod('a', gated);
  queue.add(old);
  queue.update(old, pod('a', { ...gated, metadata: { labels: { a: 'b' } } }));
  assert.equal(places(queue), { gated: ['a'] });
});

test('SchedulingQueue: a pod gated by another plugin leaves by the hints of its other rejectors', () => {
  let preempting = true;
  const { queue } = bench({ gates: [{ name: 'DefaultPreemption', preEnqueue: () => !preempting }] });
  preempting = false;
  queue.add(pod('a'));
  fail(queue, FIT);
  preempting = true;
  queue.moveAllToActiveOrBackoffQueue(leaves('first victim'));
  assert.equal(places(queue), { gated: ['a'] });
  queue.moveAllToActiveOrBackoffQueue(nodeAdd);
  assert.equal(places(queue), { gated: ['a'] }, 'a node is no event of that gate');
  preempting = false;
  queue.moveAllToActiveOrBackoffQueue(leaves('last victim'));
  assert.equal(places(queue), { backoff: ['a'] });
});

// --- update, delete, activate ----------------------------------------------------------------------------------------

test('SchedulingQueue: an update in activeQ and backoffQ stays there and keeps its turn', () => {
  const { queue, clock } = bench();
  const a = pod('a');
  queue.add(a);
  clock.advance(10);
  queue.add(pod('b'));
  clock.advance(10);
  const labelled = pod('a', { metadata: { labels: { x: 'y' } } });
  queue.update(a, labelled);
  assert.is(queue.pop()?.pod, labelled);
  queue.addUnschedulableIfNotPresent(queue.get('a')!, { unschedulablePlugins: [FIT] });
  queue.moveAllToActiveOrBackoffQueue(leaves());
  queue.update(labelled, a);
  assert.equal(places(queue), { active: ['b'], backoff: ['a'] });
  assert.is(queue.get('a')?.pod, a);
});

test('SchedulingQueue: a raised priority moves the pod up', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  queue.add(pod('b'));
  queue.update(pod('b'), pod('b', { spec: { priority: 1 } }));
  assert.is(queue.pop()?.key, 'b');
});

test('SchedulingQueue: an update that helps wakes the pod, another does not', () => {
  const { queue } = bench();
  const old = pod('a', { asks: { cpu: '2' } });
  queue.add(old);
  fail(queue, FIT);
  queue.update(old, pod('a', { asks: { cpu: '3' } }));
  assert.equal(places(queue), { unschedulable: ['a'] });
  queue.update(pod('a', { asks: { cpu: '3' } }), pod('a', { asks: { cpu: '1' } }));
  assert.equal(places(queue), { backoff: ['a'] });
});

test('SchedulingQueue: an update of an unknown pod adds it', () => {
  const { queue } = bench();
  queue.update(pod('a'), pod('a'));
  assert.equal(places(queue), { active: ['a'] });
});

test('SchedulingQueue: a deleted pod is in no place any more, and an unknown one may be deleted', () => {
  const { queue, nominator } = bench();
  queue.add(pod('active', { status: { nominatedNodeName: 'n' } }));
  queue.add(pod('gated', gated));
  assert.is(nominator.nodeOf('active'), 'n');
  for (const name of ['active', 'gated', 'unknown']) queue.delete(pod(name));
  assert.equal(places(queue), {});
  assert.is(nominator.size, 0);
});

test('SchedulingQueue: activate skips hint and backoff, but not the gates', () => {
  const { queue } = bench();
  for (const name of ['waits', 'backs off']) {
    queue.add(pod(name));
    fail(queue, FIT);
  }
  queue.moveAllToActiveOrBackoffQueue(leaves(), ({ metadata }) => metadata.name === 'backs off');
  queue.add(pod('gated', gated));
  queue.activate([pod('waits'), pod('backs off'), pod('gated', gated), pod('unknown')]);
  assert.equal(places(queue), { active: ['backs off', 'waits'], gated: ['gated'] });
});

test('SchedulingQueue: activating a pod in flight has it, and only it, tried again should it fail', () => {
  const { queue } = bench();
  queue.add(pod('a'));
  queue.add(pod('b'));
  const [a, b] = [queue.pop()!, queue.pop()!];
  queue.activate([pod('a')]);
  queue.addUnschedulableIfNotPresent(a, { unschedulablePlugins: ['NodeName'] });
  queue.addUnschedulableIfNotPresent(b, { unschedulablePlugins: ['NodeName'] });
  assert.equal(places(queue), { backoff: ['a'], unschedulable: ['b'] });
});

// --- nominations -----------------------------------------------------------------------------------------------------

test('SchedulingQueue: a nomination counts from the moment the pod is active', () => {
  const { queue, nominator } = bench();
  const closed = pod('a', { ...gated, status: { nominatedNodeName: 'n' } });
  queue.add(closed);
  assert.is(nominator.nodeOf('a'), undefined);
  queue.update(closed, pod('a', { status: { nominatedNodeName: 'n' } }));
  assert.is(nominator.nodeOf('a'), 'n');
});

test('SchedulingQueue: a nomination made here survives an update that names no node, and stands in the status', () => {
  const { queue, nominator } = bench();
  const old = pod('a');
  queue.add(old);
  queue.setNominatedNode(old, 'n');
  queue.update(old, pod('a', { metadata: { labels: { x: 'y' } } }));
  assert.is(nominator.nodeOf('a'), 'n');
  assert.is(queue.get('a')?.pod.status?.nominatedNodeName, 'n');
  queue.setNominatedNode(old, undefined);
  assert.is(nominator.nodeOf('a'), undefined);
  assert.is(queue.get('a')?.pod.status?.nominatedNodeName, undefined);
});

test('SchedulingQueue: a nomination delivered from outside is taken back from outside', () => {
  const { queue, nominator } = bench();
  const named = pod('a', { status: { nominatedNodeName: 'n' } });
  queue.add(named);
  queue.update(named, pod('a'));
  assert.is(nominator.nodeOf('a'), undefined);
});

test.run();
