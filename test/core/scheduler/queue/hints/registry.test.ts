import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../../core/cluster/listers.ts';
import { defaultProfile, type Profile } from '../../../../../core/scheduler/profile.ts';
import { Action, isInterestedIn } from '../../../../../core/scheduler/queue/events.ts';
import { QueueingHints, REGISTRATIONS } from '../../../../../core/scheduler/queue/hints/registry.ts';
import { pod } from '../pods.ts';

const hints = (...profiles: Profile[]) => new QueueingHints(profiles, new Listers());
const service = { resource: 'Service', action: Action.Add };

test('QueueingHints: every plugin that can reject a pod has said what it listens to', () => {
  const { preEnqueue, preFilter, filter } = defaultProfile();
  for (const plugin of [...preEnqueue, ...preFilter, ...filter]) assert.ok(REGISTRATIONS[plugin], plugin);
});

test('QueueingHints: nobody listens to Services', () => {
  assert.is(hints(defaultProfile()).listenersOf(service).size, 0);
});

test('QueueingHints: a plugin that says nothing of events hears them all, in its profile only', () => {
  const profile = { ...defaultProfile('gpu'), filter: ['MyGpus'] };
  const both = hints(profile, defaultProfile());
  assert.equal([...both.listenersOf(service)], ['MyGpus']);
  assert.ok(both.isWorthIt('gpu', 'MyGpus', pod('p'), service));
  assert.not(both.isWorthIt('default-scheduler', 'MyGpus', pod('p'), service));
  assert.not(both.isWorthIt('unknown', 'MyGpus', pod('p'), service));
});

test('QueueingHints: a plugin switched off listens no more', () => {
  const profile = defaultProfile();
  const without = { ...profile, filter: profile.filter.filter((name) => name !== 'NodeName') };
  const event = { resource: 'Node', action: Action.Add };
  assert.ok(hints(profile).listens('default-scheduler', 'NodeName', event));
  assert.not(hints(without).listens('default-scheduler', 'NodeName', event));
});

const interests = [
  { name: 'Pod takes in assigned pods', interest: ['Pod', Action.Add], event: ['AssignedPod', Action.Add], is: true },
  {
    name: 'Pod takes in waiting pods',
    interest: ['Pod', Action.Update],
    event: ['UnscheduledPod', Action.UpdatePodLabel],
    is: true,
  },
  { name: 'Pod does not take in nodes', interest: ['Pod', Action.Add], event: ['Node', Action.Add], is: false },
  {
    name: 'a general update is not for who wants one sort',
    interest: ['Pod', Action.UpdatePodLabel],
    event: ['AssignedPod', Action.Update],
    is: false,
  },
  {
    name: 'one sort of update is for who wants all',
    interest: ['Pod', Action.Update],
    event: ['AssignedPod', Action.UpdatePodLabel],
    is: true,
  },
  { name: 'another action', interest: ['Node', Action.Add], event: ['Node', Action.Delete], is: false },
  { name: 'a wildcard hears all', interest: ['*', Action.All], event: ['Node', Action.Delete], is: true },
  { name: 'a wildcard event is not a Pod event', interest: ['Pod', Action.All], event: ['*', Action.All], is: false },
] as const;
for (const { name, interest, event, is } of interests) {
  test(`isInterestedIn: ${name}`, () => {
    const [resource, actions] = interest;
    assert.is(isInterestedIn({ resource, actions }, { resource: event[0], action: event[1] }), is);
  });
}

test.run();
