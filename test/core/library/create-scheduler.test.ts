/** The library face: what goes in and what is refused; what comes out, and what the cluster is like afterwards. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, type Problem } from '../../../core/errors.ts';
import { createScheduler, type DirectSchedulerOptions, readProfiles } from '../../../core/library/create-scheduler.ts';
import { readObjects } from '../../../core/library/intake.ts';
import type { KubeObject, Pod, PriorityClass } from '../../../core/objects/types.ts';
import { DECIDER_KINDS } from '../../../core/scheduler/deciders.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { withPlugin } from '../../../core/scheduler/with-plugin.ts';
import { namespace, node, object, type PodParts, pod as plainPod, service } from '../../support/builders.ts';

/** Without the image, validation would refuse it. */
function pod(name: string, parts: PodParts = {}): Pod {
  const made = plainPod(name, parts);
  const containers = made.spec.containers.map((container) => ({ image: 'app:1', ...container }));
  return { ...made, spec: { ...made.spec, containers } };
}

function problemsIn(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    assert.instance(error, ApiError);
    return (error as ApiError).problems;
  }
  return [];
}

const messages = (run: () => unknown): string =>
  problemsIn(run)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('\n');

// --- pods in, decisions out ----------------------------------------------------------------------------------------------

for (const decider of DECIDER_KINDS) {
  test(`${decider}: a placed pod counts from then on, so that the second one goes elsewhere and the third nowhere`, () => {
    const nodes = [node('n1', { has: { cpu: '1' } }), node('n2', { has: { cpu: '1' } })];
    const scheduler = createScheduler({ nodes, decider });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => scheduler.schedule(pod(name, { asks: { cpu: '1' } })));
    assert.equal([a.host, b.host].sort(), ['n1', 'n2']);
    assert.equal([c.result, c.host, c.feasible], ['unschedulable', undefined, 0]);
    assert.match(c.message ?? '', /^0\/2 nodes are available: 2 Insufficient cpu/);
  });
}

test('threads: the decisions are those of one thread, before the threads are ended and after', async () => {
  const nodes = Array.from({ length: 30 }, (_, i) => node(`n${i}`, { has: { cpu: `${1 + (i % 4)}` } }));
  const hosts: (string | undefined)[][] = [];
  for (const threads of [1, 2, 4]) {
    const scheduler = createScheduler({ nodes, threads });
    const place = (i: number): string | undefined =>
      scheduler.schedule(pod(`p${i}`, { asks: { cpu: `${i}00m` } })).host;
    const before = [1, 2, 3, 4, 5].map(place);
    await scheduler.close();
    hosts.push([...before, ...[6, 7, 8].map(place)]);
  }
  assert.equal(hosts[1], hosts[0]);
  assert.equal(hosts[2], hosts[0]);
  for (const threads of [0, 1.5, 257, Number.NaN]) {
    assert.is(
      messages(() => createScheduler({ threads })),
      `threads: ${threads} is not a whole number from 1 to 256`,
    );
  }
});

test('scheduleAll: the highest priority is served first, equal ones as given, and decisions keep the order of the pods', () => {
  const scheduler = createScheduler({ nodes: [node('n1', { has: { cpu: '2' } })] });
  const asks = { cpu: '1' };
  const pods = [pod('late', { asks }), pod('first', { asks, priority: 10 }), pod('early', { asks, priority: 5 })];
  const decisions = scheduler.scheduleAll(pods);
  assert.equal(
    decisions.map(({ pod: { metadata }, result }) => [metadata.name, result]),
    [
      ['late', 'unschedulable'],
      ['first', 'scheduled'],
      ['early', 'scheduled'],
    ],
  );
});

test('scheduleAll: of equal pods the one given first gets the last place', () => {
  const scheduler = createScheduler({ nodes: [node('n1', { has: { pods: '1' } })] });
  assert.equal(
    scheduler.scheduleAll([pod('a'), pod('b')]).map(({ host }) => host),
    ['n1', undefined],
  );
  assert.equal(createScheduler().scheduleAll([]), []);
});

test('schedule with assume: false answers and leaves everything as it was', () => {
  const scheduler = createScheduler({ nodes: [node('n1', { has: { pods: '1' } })] });
  assert.is(scheduler.schedule(pod('a'), { assume: false }).host, 'n1');
  assert.is(scheduler.schedule(pod('b')).host, 'n1');
  assert.is(scheduler.schedule(pod('c'), { assume: false }).result, 'unschedulable');
});

test('preemption: victims are named, their place is kept, and the second try takes it', () => {
  const low = pod('low', { on: 'n1', asks: { cpu: '4' } });
  const high = pod('high', { asks: { cpu: '4' }, priority: 10 });
  const scheduler = createScheduler({ nodes: [node('n1')], pods: [low] });
  const first = scheduler.schedule(high);
  assert.is(first.preemption?.nominatedNode, 'n1');
  assert.equal(
    first.preemption?.victims.map(({ metadata }) => metadata.name),
    ['low'],
  );
  for (const victim of first.preemption?.victims ?? []) assert.is(scheduler.delete(victim), true);
  assert.is(scheduler.schedule(pod('other', { asks: { cpu: '4' } })).result, 'unschedulable', 'the place is kept');
  assert.is(scheduler.schedule(high).host, 'n1');
});

test('preemption that was only asked about keeps no place', () => {
  const low = pod('low', { on: 'n1', asks: { cpu: '4' } });
  const scheduler = createScheduler({ nodes: [node('n1')], pods: [low] });
  const asked = scheduler.schedule(pod('high', { asks: { cpu: '4' }, priority: 10 }), { assume: false });
  assert.is(asked.preemption?.nominatedNode, 'n1');
  scheduler.delete(low);
  assert.is(scheduler.schedule(pod('other', { asks: { cpu: '4' } })).host, 'n1');
});

test('a gated pod is not tried', () => {
  const scheduler = createScheduler({ nodes: [node('n1')] });
  const gated = pod('a', { spec: { schedulingGates: [{ name: 'example.com/x' }, { name: 'y' }] } });
  const { result, message, unschedulablePlugins } = scheduler.schedule({
    ...gated,
    spec: { ...gated.spec, containers: pod('a').spec.containers },
  });
  assert.equal(
    [result, message, unschedulablePlugins],
    ['unschedulable', 'waiting for scheduling gates: [example.com/x y]', ['SchedulingGates']],
  );
});

test('explain: every node with its verdict and scores, and the choice that schedule then makes', () => {
  const scheduler = createScheduler({ nodes: [node('n1'), node('n2'), node('full', { has: { pods: '0' } })], seed: 3 });
  const { pod: name, nodes } = scheduler.explain(pod('a'));
  assert.is(name, 'default/a');
  assert.is(nodes.find(({ node }) => node === 'full')?.rejectedBy?.plugin, 'NodeResourcesFit');
  const chosen = nodes.find(({ verdict }) => verdict === 'chosen')?.node;
  assert.is(scheduler.schedule(pod('a')).host, chosen);
});

test('scans: what the engine does not decide itself is counted by its reason; the other deciders count nothing', () => {
  const nodes = [node('n1'), node('n2')];
  const [engine, scan] = (['engine', 'scan'] as const).map((decider) => createScheduler({ nodes, decider }));
  for (const scheduler of [engine, scan])
    scheduler.scheduleAll(['a', 'b'].map((name) => pod(name, { asks: { cpu: '99' } })));
  assert.equal([...engine.scans], [['no node fits', 2]]);
  assert.is(scan.scans.size, 0);
});

// --- the cluster changes -------------------------------------------------------------------------------------------------

test('apply: a node that comes, changes and goes', () => {
  const scheduler = createScheduler();
  assert.is(scheduler.schedule(pod('a')).message, 'no nodes available to schedule pods');
  scheduler.apply(node('n1', { unschedulable: true }));
  assert.match(scheduler.schedule(pod('a')).message ?? '', /unschedulable/);
  scheduler.apply(node('n1'));
  assert.is(scheduler.schedule(pod('a')).host, 'n1');
  assert.is(scheduler.delete(node('n1')), true);
  assert.is(scheduler.delete(node('n1')), false, 'it was not known any more');
  assert.is(scheduler.schedule(pod('b')).host, undefined);
});

test('apply: a pod placed here and then seen bound counts once; on another node it moves', () => {
  const nodes = [node('n1', { has: { pods: '1' } }), node('n2', { has: { pods: '1' } })];
  const scheduler = createScheduler({ nodes });
  const host = scheduler.schedule(pod('a')).host ?? '';
  scheduler.apply(pod('a'));
  assert.match(
    messages(() => scheduler.schedule(pod('a'))),
    /was placed on n. before/,
    'a late event changes nothing',
  );
  scheduler.apply(pod('a', { on: host }));
  const other = host === 'n1' ? 'n2' : 'n1';
  assert.is(scheduler.schedule(pod('b'), { assume: false }).host, other);
  scheduler.apply(pod('a', { on: other }));
  assert.is(scheduler.schedule(pod('b')).host, host);
});

for (const [way, leave] of [
  ['deleted', (on: string) => [pod('a', { on })]],
  ['deleted as it was given, without its node', () => [pod('a')]],
] as const) {
  test(`delete: a placed pod that is ${way} makes room`, () => {
    const scheduler = createScheduler({ nodes: [node('n1', { has: { pods: '1' } })] });
    const { host = '' } = scheduler.schedule(pod('a'));
    for (const gone of leave(host)) assert.is(scheduler.delete(gone), true);
    assert.is(scheduler.schedule(pod('a')).host, 'n1');
  });
}

test('apply: a pod that has finished makes room', () => {
  const scheduler = createScheduler({ nodes: [node('n1', { has: { pods: '1' } })], pods: [pod('a', { on: 'n1' })] });
  scheduler.apply(pod('a', { on: 'n1', status: { phase: 'Succeeded' } }));
  assert.is(scheduler.schedule(pod('b')).host, 'n1');
});

test('pods that wait keep a nominated node and nothing else', () => {
  const asks = { cpu: '4' };
  const waiting = pod('waiting', { asks, priority: 5, status: { nominatedNodeName: 'n1' } });
  const scheduler = createScheduler({ nodes: [node('n1')], pods: [waiting, pod('idle', { asks, priority: 9 })] });
  assert.is(scheduler.schedule(pod('a', { asks }), { assume: false }).result, 'unschedulable');
  scheduler.apply(pod('waiting', { asks, priority: 5 }));
  assert.is(scheduler.schedule(pod('a', { asks }), { assume: false }).host, 'n1', 'the nomination was withdrawn');
  scheduler.apply(waiting);
  assert.is(scheduler.schedule(waiting).host, 'n1', 'its own nomination is no obstacle');
});

test('other objects: a Service spreads its pods, until it is deleted', () => {
  const zone = (zone: string) => ({ labels: { 'topology.kubernetes.io/zone': zone } });
  const nodes = [node('n1', zone('a')), node('n2', { ...zone('b'), has: { cpu: '2' } })];
  const web = service('web', { app: 'web' });
  const labels = { app: 'web' };
  const scheduler = createScheduler({
    nodes,
    objects: [web],
    pods: [pod('w1', { on: 'n1', labels, asks: { cpu: '100m' } })],
  });
  const next = pod('w2', { labels, asks: { cpu: '1' } });
  assert.is(scheduler.schedule(next, { assume: false }).host, 'n2');
  assert.is(scheduler.delete(web), true);
  assert.is(scheduler.schedule(next).host, 'n1', 'by resources alone');
  assert.is(scheduler.delete(web), false);
});

// --- defaults ------------------------------------------------------------------------------------------------------------

const vip: PriorityClass = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: 'vip' },
  value: 7,
};

test('defaults: limits stand in for requests, and a priority class counts wherever it stands among the objects', () => {
  const limited = pod('a', { spec: { priorityClassName: 'vip' } });
  limited.spec.containers = [{ name: 'main', image: 'app:1', resources: { limits: { cpu: '8' } } }];
  const scheduler = createScheduler({ nodes: [node('n1')], objects: [vip] });
  const { message, pod: complete } = scheduler.schedule(limited);
  assert.match(message ?? '', /Insufficient cpu/);
  assert.is(complete.spec.priority, 7);
  scheduler.delete(vip);
  assert.is(scheduler.schedule({ ...limited, metadata: { name: 'b' } }).pod.spec.priority, undefined);
});

test('defaults: false takes pods as they are', () => {
  const limited = pod('a');
  limited.spec.containers = [{ name: 'main', image: 'app:1', resources: { limits: { cpu: '8' } } }];
  const { host, pod: taken } = createScheduler({ nodes: [node('n1')], defaults: false }).schedule(limited);
  assert.is(host, 'n1');
  assert.is(taken.spec.containers[0].resources?.requests, undefined);
  assert.is(taken.spec.priority, undefined);
});

// --- what is refused -----------------------------------------------------------------------------------------------------

test('createScheduler: all problems of all objects and options come at once', () => {
  const options: DirectSchedulerOptions = {
    nodes: [node('n1', { has: { cpu: 'much' } })],
    pods: [pod('a', { on: 'n1', asks: { memory: '-1' } })],
    objects: [namespace('Not a name')],
    tieRule: 'coin' as 'order',
    seed: 0.5,
    config: 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: 3',
  };
  const found = problemsIn(() => createScheduler(options)).map(({ object = '', path }) => `${object} ${path}`);
  const expected = [/profiles/, /node n1 .*cpu/, /pod default\/a .*memory/, /namespace .*name/, /tieRule/, /seed/];
  for (const one of expected)
    assert.ok(
      found.some((text) => one.test(text)),
      `${one} in ${found.join('; ')}`,
    );
});

const nodes = [node('n1')];
const options = [
  { name: 'config beside profiles', options: { config: {}, profiles: [defaultProfile()] }, says: /give one of them/ },
  { name: 'no profile', options: { profiles: [] }, says: /profiles: is empty/ },
  {
    name: 'two profiles of one name',
    options: { profiles: [defaultProfile(), defaultProfile()] },
    says: /given twice/,
  },
  { name: 'an unknown decider', options: { decider: 'oracle' as 'scan' }, says: /oracle is no decider/ },
  {
    name: 'the reference with a plugin from outside',
    options: {
      decider: 'reference',
      profiles: [withPlugin(defaultProfile(), { name: 'X', scope: 'local', score() {} })],
    },
    says: /knows no plugins/,
  },
] satisfies { name: string; options: DirectSchedulerOptions; says: RegExp }[];
for (const { name, options: wrong, says } of options) {
  test(`createScheduler: ${name} is refused`, () => {
    assert.match(
      messages(() => createScheduler({ nodes, ...wrong })),
      says,
    );
  });
}

const pods = [
  { name: 'a pod that has a node', pod: pod('a', { on: 'n1' }), says: /spec.nodeName: runs on n1/ },
  { name: 'a pod that has finished', pod: pod('a', { status: { phase: 'Failed' } }), says: /has finished/ },
  {
    name: 'a pod on its way out',
    pod: pod('a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    says: /is being deleted/,
  },
  {
    name: 'a pod of another scheduler',
    pod: pod('a', { spec: { schedulerName: 'x' } }),
    says: /x is none of default-sch/,
  },
  { name: 'something else than a pod', pod: node('n2') as KubeObject as Pod, says: /is not a Pod/ },
  {
    name: 'a pod without a name',
    pod: pod('', { metadata: { generateName: 'a-' } }),
    says: /metadata.name: (is required|must not be empty)/,
  },
];
for (const { name, pod: wrong, says } of pods) {
  test(`schedule: ${name} is refused, also unvalidated`, () => {
    const spec = { ...wrong.spec, containers: wrong.spec.containers ?? pod('x').spec.containers };
    const given = wrong.kind === 'Pod' ? { ...wrong, spec: { ...spec, containers: pod('x').spec.containers } } : wrong;
    for (const validate of [true, false]) {
      assert.match(
        messages(() => createScheduler({ nodes, validate }).schedule(given)),
        says,
      );
    }
  });
}

test('scheduleAll: nothing is decided when one pod is refused, and a pod given twice is one', () => {
  const scheduler = createScheduler({ nodes: [node('n1', { has: { pods: '1' } })] });
  assert.match(
    messages(() => scheduler.scheduleAll([pod('a'), pod('b', { on: 'n1' }), pod('a')])),
    /runs on[\s\S]*given twice/,
  );
  assert.is(scheduler.schedule(pod('a')).host, 'n1', 'the place is free still');
});

test('apply: nothing is taken in when one object is refused', () => {
  const scheduler = createScheduler();
  assert.match(
    messages(() => scheduler.apply(node('n1'), node('n2', { has: { cpu: 'x' } }))),
    /not a quantity/,
  );
  assert.is(scheduler.schedule(pod('a')).result, 'unschedulable');
});

test('warnings are told and let the object pass', () => {
  const told: string[] = [];
  const odd = { ...node('n1'), metadata: { name: 'n1', namespace: 'x' } };
  const scheduler = createScheduler({ nodes: [odd], onWarning: ({ message }) => told.push(message) });
  assert.match(told.join(), /does not live in a namespace/);
  assert.is(scheduler.schedule(pod('a')).host, 'n1');
});

// --- texts ---------------------------------------------------------------------------------------------------------------

test('readObjects: objects of any kind, or every problem with its line', () => {
  const text = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n';
  assert.equal(
    readObjects(text).map(({ kind, metadata }) => [kind, metadata.name]),
    [['Namespace', 'shop']],
  );
  const [problem] = problemsIn(() => readObjects(text.replace('shop', '[]'), 'shop.yaml'));
  assert.equal([problem.source, problem.line], ['shop.yaml', 4]);
});

test('readProfiles: the profiles of a configuration, as text or value, ready for withPlugin', () => {
  const value = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ schedulerName: 'packer' }],
  };
  for (const config of [value, JSON.stringify(value)]) {
    const [packer] = readProfiles(config);
    const scheduler = createScheduler({ nodes, profiles: [packer] });
    assert.is(scheduler.schedule(pod('a', { spec: { ...pod('a').spec, schedulerName: 'packer' } })).host, 'n1');
  }
  assert.match(
    messages(() => readProfiles({ kind: 'Pod' })),
    /is not KubeSchedulerConfiguration/,
  );
});

test('readObjects: an object of a kind nobody reads is kept', () => {
  const scheduler = createScheduler({ nodes, objects: [object('ConfigMap', 'c', { data: { a: '1' } })] });
  assert.is(scheduler.delete(object('ConfigMap', 'c', {})), true);
});

test.run();
