/** The parts of the made-up world by themselves: the API's writes, patches, times, and what is recorded. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeObject, type Pod, VirtualClock } from '../../../core/index.ts';
import { Series } from '../../../sim/cluster/record/series.ts';
import { Wholeness } from '../../../sim/cluster/record/wholeness.ts';
import { MadeUpApi } from '../../../sim/cluster/world/api.ts';
import { KindTable } from '../../../sim/cluster/world/kinds.ts';
import { patched } from '../../../sim/cluster/world/patch.ts';
import { DEFAULT_TIMES, parseRange, parseSpan, timeTaken } from '../../../sim/cluster/world/pod-life.ts';
import { sinceText, spanText } from '../../../sim/cluster/world/time-text.ts';
import { podSpec } from '../../support/simulated-cluster.ts';

const PODS = { group: '', resource: 'pods' };

function api(): MadeUpApi {
  const made = new MadeUpApi(new KindTable(), new VirtualClock(Date.UTC(2026, 0, 1)), 1);
  create(made, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  return made;
}

function create(made: MadeUpApi, object: KubeObject) {
  return made.create(made.kinds.of(object)!, object, 'test');
}

function pod(name: string, more: object = {}, spec: object = {}): KubeObject {
  const metadata = { name, namespace: 'default', ...more };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec('1', spec) } as KubeObject;
}

const remove = (made: MadeUpApi, name: string, request = {}) =>
  made.delete(made.kinds.of(pod(name))!, { namespace: 'default', name }, request, 'test');
const live = (made: MadeUpApi, name: string): Pod | undefined => made.objects.get(PODS, 'default', name) as Pod;

test('what is created has a name, a uid, times and defaults; a second of its name is refused', () => {
  const made = api();
  const { object } = create(made, pod('', { generateName: 'web-' }));
  assert.match(object?.metadata.name ?? '', /^web-[a-z0-9]{5}$/);
  assert.match(object?.metadata.uid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.is(object?.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
  assert.is((object as Pod).status?.phase, 'Pending');
  assert.is((object as Pod).spec.priority, 0);
  create(made, pod('a'));
  assert.is(create(made, pod('a')).refusal?.reason, 'AlreadyExists');
  assert.is(create(made, pod('b', { namespace: 'nowhere' })).refusal?.code, 404);
});

test('a write of an older version is refused, and one that changes nothing is none', () => {
  const made = api();
  const { object: first } = create(made, pod('a', { labels: { n: '1' } }));
  const commits: string[] = [];
  made.follow(({ object }) => void commits.push(object.metadata.resourceVersion ?? ''));
  const update = (object: KubeObject) => made.carryOut({ type: 'update', resource: PODS, object }, 'test');
  const { object: second } = update({ ...first!, metadata: { ...first!.metadata, labels: { n: '2' } } });
  assert.is(update(first!).refusal?.reason, 'Conflict');
  update(second!);
  assert.is(commits.length, 1);
});

test('a generation counts what was asked for, not what is said of it', () => {
  const made = api();
  const { object } = create(made, pod('a'));
  const body = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const target = { resource: PODS, namespace: 'default', name: 'a' };
  made.carryOut({ type: 'patch', ...target, patch: 'strategic', body, subresource: 'status' }, 'test');
  assert.is(live(made, 'a')?.metadata.generation, 1);
  assert.equal(live(made, 'a')?.status?.conditions, [{ type: 'Ready', status: 'True' }]);
  made.change(PODS, 'default/a', (old) => ({ ...old, spec: { ...(old as Pod).spec, nodeName: 'n' } }) as Pod, 'test');
  assert.is(live(made, 'a')?.metadata.generation, 2);
  assert.is(live(made, 'a')?.metadata.uid, object?.metadata.uid);
});

test('a pod without a node goes at once, one that is bound when its kubelet says so', () => {
  const made = api();
  create(made, pod('free'));
  remove(made, 'free');
  assert.is(live(made, 'free'), undefined);
  create(made, pod('bound', {}, { nodeName: 'n' }));
  remove(made, 'bound');
  assert.is(live(made, 'bound')?.metadata.deletionTimestamp, '2026-01-01T00:00:30Z');
  remove(made, 'bound', { graceSeconds: 0 });
  assert.is(live(made, 'bound'), undefined);
});

test('a finalizer holds an object until it is taken off', () => {
  const made = api();
  create(made, pod('held', { finalizers: ['example.com/hold'] }));
  remove(made, 'held', { propagation: 'Foreground' });
  assert.equal(live(made, 'held')?.metadata.finalizers, ['example.com/hold', 'foregroundDeletion']);
  const body = { metadata: { finalizers: [] } };
  const target = { resource: PODS, namespace: 'default', name: 'held' };
  made.carryOut({ type: 'patch', ...target, patch: 'merge', body }, 'test');
  assert.is(live(made, 'held'), undefined);
});

test('nothing is made in a namespace that is on its way out', () => {
  const made = api();
  const space = made.kinds.named('namespace')!;
  made.delete(space, { namespace: '', name: 'default' }, {}, 'test');
  assert.equal(create(made, pod('late')).refusal?.causes, ['NamespaceTerminating']);
});

const patches = [
  { name: 'null takes a field off', type: 'merge', old: { a: 1, b: 2 }, body: { a: null }, is: { b: 2 } },
  { name: 'maps are merged', type: 'merge', old: { a: { b: 1 } }, body: { a: { c: 2 } }, is: { a: { b: 1, c: 2 } } },
  {
    name: 'a merge patch replaces lists',
    type: 'merge',
    old: { conditions: [1] },
    body: { conditions: [2] },
    is: { conditions: [2] },
  },
  {
    name: 'a strategic patch merges conditions by type',
    type: 'strategic',
    old: { conditions: [{ type: 'A', status: 'x', reason: 'r' }] },
    body: { conditions: [{ type: 'A', status: 'y' }, { type: 'B' }] },
    is: { conditions: [{ type: 'A', status: 'y', reason: 'r' }, { type: 'B' }] },
  },
  {
    name: 'a strategic patch takes an owner off by its uid',
    type: 'strategic',
    old: { ownerReferences: [{ uid: '1' }, { uid: '2' }] },
    body: { ownerReferences: [{ $patch: 'delete', uid: '1' }] },
    is: { ownerReferences: [{ uid: '2' }] },
  },
] as const;
for (const { name, type, old, body, is } of patches) {
  test(`patch: ${name}`, () => {
    const before = JSON.stringify(old);
    assert.equal(patched(old, body, type), is);
    assert.is(JSON.stringify(old), before, 'the old one stays as it was');
  });
}

test('spans and ranges of time, as users write them', () => {
  assert.equal(['500ms', '1.5s', '2m', '1h', '0s', '5', 's', '-1s', '1 s', '1d'].map(parseSpan), [
    500,
    1500,
    120_000,
    3_600_000,
    0,
    ...Array(5).fill(undefined),
  ]);
  assert.equal(parseRange('1s..2m'), { fromMs: 1000, toMs: 120_000 });
  assert.equal(parseRange('3s'), { fromMs: 3000, toMs: 3000 });
  assert.equal([parseRange('2s..1s'), parseRange('1s..2s..3s'), parseRange('')], [undefined, undefined, undefined]);
});

test('spans and moments in words', () => {
  assert.equal([0, 7540, 59_949, 60_000, 125_000, 3_600_000, 3_780_000].map(spanText), [
    '0s',
    '7.5s',
    '59.9s',
    '1m',
    '2m 5s',
    '1h',
    '1h 3m',
  ]);
  assert.equal([0, 7500, 300_000, 3_723_000].map(sinceText), ['0:00', '0:07.5', '5:00', '1:02:03']);
});

test('what a pod takes is drawn within its range, not before its probe, and no longer than its grace', () => {
  const of = (more: object, annotations?: Record<string, string>): Pod =>
    pod('a', { uid: 'u', annotations }, more) as Pod;
  for (let seed = 0; seed < 50; seed++) {
    const start = timeTaken(of({}), 'start', 1, DEFAULT_TIMES, seed);
    assert.ok(start >= 1000 && start <= 3000, String(start));
  }
  const probed = of({ containers: [{ name: 'c', readinessProbe: { initialDelaySeconds: 9 } }] });
  assert.is(timeTaken(probed, 'ready', 1, DEFAULT_TIMES, 1), 9000);
  assert.is(timeTaken(of({ terminationGracePeriodSeconds: 0 }), 'stop', 1, DEFAULT_TIMES, 1), 0);
  assert.is(timeTaken(of({}, { 'keelson.dev/made-up-start': '7s' }), 'start', 1, DEFAULT_TIMES, 1), 7000);
});

test('a series is read off in steps: the last value, or the least since the step before', () => {
  const series = new Series(['n']);
  for (const [at, n] of [
    [0, 1],
    [0, 2],
    [5, 7],
    [12, 3],
    [14, 9],
    [30, 4],
  ]) {
    series.record(at, { n });
  }
  assert.equal(series.steps('n', 30, 10), [2, 7, 9, 4]);
  assert.equal(series.steps('n', 30, 10, 'least'), [2, 2, 3, 4]);
  assert.equal(
    [...series.spans(40)].map(({ fromMs, toMs, values }) => [fromMs, toMs, values.n]),
    [
      [0, 5, 2],
      [5, 12, 7],
      [12, 14, 3],
      [14, 30, 9],
      [30, 40, 4],
    ],
  );
});

test('how long an event took to be over', () => {
  let now = 0;
  const wholeness = new Wholeness(() => now);
  for (const [at, whole] of [
    [0, false],
    [10, true],
    [100, false],
    [130, true],
    [150, false],
    [170, true],
    [200, false],
  ] as const) {
    now = at;
    wholeness.turn(whole);
  }
  assert.is(wholeness.recovery(50, 60), 0, 'nothing was missing before the next event');
  assert.is(wholeness.recovery(90, 200), 40, 'what began after it is its doing');
  assert.is(wholeness.recovery(90, 200, 160), 80, 'and all until it was over, where it took time');
  assert.is(wholeness.recovery(180, 400), null, 'it never was whole again');
});

test.run();
