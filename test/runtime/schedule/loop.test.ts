/** The scheduler loop against an API server: what it binds, writes back and leaves alone, and how it goes on after faults. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Pod } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { ApiError, conflict } from '../../../runtime/api/http/status.ts';
import { ScheduleLoop } from '../../../runtime/schedule/loop.ts';
import { startApi, type TestServer } from '../../support/api-server.ts';

const PODS = { group: '', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };
const EVENTS = { group: '', resource: 'events' };

interface Context {
  api: TestServer;
  client: ApiClient;
  problems: string[];
  /** Waiting times, and the clock on the wall. */
  clocks: { steady: number; wall: number };
  loops: ScheduleLoop[];
}

const test = suite<Context>('scheduler loop');
test.before.each(async (context) => {
  const api = await startApi();
  Object.assign(context, {
    api,
    client: api.server.client,
    problems: [],
    clocks: { steady: 0, wall: Date.UTC(2026, 5, 1) },
    loops: [],
  });
});
test.after.each(async ({ api, loops }) => {
  for (const loop of loops) loop.stop();
  await api.close();
});

async function start(context: Context, client = context.client): Promise<ScheduleLoop> {
  const { clocks, problems } = context;
  const loop = new ScheduleLoop({
    client,
    clock: { now: () => clocks.steady },
    wallClock: { now: () => clocks.wall },
    seed: 1,
    problem: (error) => void problems.push(error.message),
  });
  context.loops.push(loop);
  await loop.start();
  return loop;
}

/** The client with some of its calls replaced. */
function changed(client: ApiClient, calls: Partial<ApiClient>): ApiClient {
  const get = (_: ApiClient, name: keyof ApiClient): unknown => {
    const own: unknown = calls[name] ?? client[name];
    return typeof own === 'function' ? own.bind(client) : own;
  };
  return new Proxy(client, { get: get as ProxyHandler<ApiClient>['get'] });
}

function node(name: string, cpu = '4', labels: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    status: {
      allocatable: { cpu, memory: '8Gi', pods: '2000' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  } as KubeObject;
}

function pod(name: string, cpu = '1', spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'a:1', resources: { requests: { cpu } } }], ...spec },
  } as KubeObject;
}

/** A node without the taint that new ones have until somebody calls them ready. */
async function addNode({ client }: Context, object: KubeObject): Promise<void> {
  const made = await client.create(NODES, object);
  await client.patch(NODES, '', made.metadata.name, { spec: { taints: null } }, { type: 'merge' });
}

function podOf({ client }: Context, name: string): Pod | undefined {
  return client.view.get('', 'pods', 'default', name) as Pod | undefined;
}

function conditionOf(context: Context, name: string) {
  const conditions = podOf(context, name)?.status?.conditions as
    | { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[]
    | undefined;
  return conditions?.find(({ type }) => type === 'PodScheduled');
}

function reasonsOf({ client }: Context, name: string): (string | undefined)[] {
  return [...client.view.list('', 'events', 'default')]
    .filter((event) => Reflect.get(event, 'involvedObject')?.name === name)
    .map((event) => Reflect.get(event, 'reason'));
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 4000; i++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.unreachable(what);
}

/** Whatever was going to be written has been: events of a later pod are there. */
async function settled(context: Context, name: string): Promise<void> {
  await context.client.create(PODS, pod(name, '0'));
  await until(`${name} is told of`, () => reasonsOf(context, name).length > 0);
}

const nodeOf = (context: Context, name: string) => podOf(context, name)?.spec.nodeName;

test('pods that are there and pods that come are bound, and an event says so', async (context) => {
  await addNode(context, node('n'));
  await context.client.create(PODS, pod('before'));
  await start(context);
  await until('it is bound', () => nodeOf(context, 'before') === 'n');
  await context.client.create(PODS, pod('after'));
  await until('it is bound', () => nodeOf(context, 'after') === 'n');
  assert.is(conditionOf(context, 'after')?.status, 'True');
  await until('the event', () => reasonsOf(context, 'after').includes('Scheduled'));
  assert.equal(context.problems, []);
});

const LEFT_ALONE: readonly (readonly [sentence: string, spec: object])[] = [
  ['a pod of another scheduler', { schedulerName: 'other' }],
  ['a pod that has its node', { nodeName: 'elsewhere' }],
  ['a pod behind a gate', { schedulingGates: [{ name: 'example.com/a' }] }],
];
for (const [sentence, spec] of LEFT_ALONE) {
  test(`${sentence} is left alone`, async (context) => {
    await addNode(context, node('n'));
    const loop = await start(context);
    const made = await context.client.create(PODS, pod('p', '1', spec));
    await settled(context, 'later');
    assert.is(podOf(context, 'p')?.spec.nodeName, (spec as { nodeName?: string }).nodeName);
    assert.is(podOf(context, 'p')?.metadata.resourceVersion, made.metadata.resourceVersion, 'nothing is written');
    assert.is(loop.counters.scheduled, 1);
  });
}

test('a gate that goes lets the pod through', async (context) => {
  await addNode(context, node('n'));
  await start(context);
  await context.client.create(PODS, pod('p', '1', { schedulingGates: [{ name: 'example.com/a' }] }));
  await context.client.patch(PODS, 'default', 'p', { spec: { schedulingGates: [] } }, { type: 'merge' });
  await until('it is bound', () => nodeOf(context, 'p') === 'n');
});

test('a pod that fits nowhere says why once, and is bound when a node comes', async (context) => {
  await addNode(context, node('small', '1'));
  await start(context);
  await context.client.create(PODS, pod('p', '2'));
  await until('it says why', () => conditionOf(context, 'p') !== undefined);
  const said = conditionOf(context, 'p');
  assert.is(said?.status, 'False');
  assert.is(said?.reason, 'Unschedulable');
  assert.match(said?.message ?? '', /^0\/1 nodes are available: 1 Insufficient cpu/);
  assert.is(said?.lastTransitionTime, '2026-06-01T00:00:00Z', 'by the clock on the wall');
  await until('the event', () => reasonsOf(context, 'p').includes('FailedScheduling'));
  const { resourceVersion } = podOf(context, 'p')?.metadata ?? {};
  await settled(context, 'other');
  assert.is(podOf(context, 'p')?.metadata.resourceVersion, resourceVersion, 'the same is not written again');
  await addNode(context, node('large', '4'));
  context.clocks.steady += 60_000;
  await context.client.create(PODS, pod('wakes', '0'));
  await until('it is bound', () => nodeOf(context, 'p') === 'large');
});

test('a pod that waits is not kept by a clock on the wall that jumps back by years', async (context) => {
  await start(context);
  await context.client.create(PODS, pod('p'));
  await until('it waits', () => conditionOf(context, 'p') !== undefined);
  context.clocks.wall -= 20 * 365 * 86_400_000;
  await addNode(context, node('n'));
  context.clocks.steady += 60_000;
  await context.client.create(PODS, pod('wakes'));
  await until('it is bound', () => nodeOf(context, 'p') === 'n');
});

test('a pod that goes while it is decided about is forgotten, and what it asked for is free', async (context) => {
  await addNode(context, node('n', '1'));
  const client = changed(context.client, {
    bind: async (target, nodeName) => {
      if (target.name === 'gone') await context.client.delete(PODS, 'default', 'gone', { gracePeriodSeconds: 0 });
      await context.client.bind(target, nodeName);
    },
  });
  await start(context, client);
  await context.client.create(PODS, pod('gone'));
  await until('it is gone', () => podOf(context, 'gone') === undefined);
  await context.client.create(PODS, pod('next'));
  await until('the next has its place', () => nodeOf(context, 'next') === 'n');
  assert.equal(context.problems, []);
});

test('a binding that is refused is tried again', async (context) => {
  await addNode(context, node('n', '1'));
  let refusals = 2;
  const client = changed(context.client, {
    bind: (target, nodeName) =>
      refusals-- > 0 ? Promise.reject(conflict('', 'pods', target.name)) : context.client.bind(target, nodeName),
  });
  await start(context, client);
  await context.client.create(PODS, pod('p'));
  for (let i = 0; nodeOf(context, 'p') === undefined && i < 500; i++) {
    context.clocks.steady += 30_000;
    await context.client.create(EVENTS, wakeUp(i));
    await context.client.create(PODS, pod(`wakes-${i}`, '0'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.is(nodeOf(context, 'p'), 'n');
  assert.ok(refusals < 0);
});

function wakeUp(i: number): KubeObject {
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'x' };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e${i}`, namespace: 'default' },
    involvedObject,
  } as never;
}

test('a pod that is recreated under its name is another one', async (context) => {
  await addNode(context, node('n'));
  const held: (() => void)[] = [];
  const client = changed(context.client, {
    bind: (target, nodeName) =>
      new Promise((resolve, reject) => {
        held.push(() => context.client.bind(target, nodeName).then(resolve, reject));
      }),
  });
  await start(context, client);
  const first = await context.client.create(PODS, pod('p'));
  await until('it is on its way', () => held.length === 1);
  await context.client.delete(PODS, 'default', 'p', { gracePeriodSeconds: 0 });
  const second = await context.client.create(PODS, pod('p'));
  assert.is.not(first.metadata.uid, second.metadata.uid);
  held[0]();
  await until('the second is decided about', () => held.length === 2);
  assert.is(nodeOf(context, 'p'), undefined, 'the first decision is not the second’s');
  held[1]();
  await until('it is bound', () => nodeOf(context, 'p') === 'n');
});

test('more pods than may be on their way at once are all bound', async (context) => {
  await addNode(context, node('n', '2000'));
  const loop = await start(context);
  await Promise.all(Array.from({ length: 1_500 }, (_, i) => context.client.create(PODS, pod(`p${i}`))));
  await until('all are bound', () => loop.counters.scheduled === 1_500);
  assert.ok([...context.client.view.list('', 'pods', 'default')].every((one) => (one as Pod).spec.nodeName === 'n'));
});

test('a pod of a higher priority takes the place of a lower one, which says so before it goes', async (context) => {
  await addNode(context, node('n', '1'));
  await context.client.create({ group: 'scheduling.k8s.io', resource: 'priorityclasses' }, {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 1000,
  } as never);
  const seen: string[] = [];
  const watch = context.client.watch(PODS, {
    onEvents: (events) => {
      for (const { type, object } of events) {
        const { conditions = [] } = (object as Pod).status ?? {};
        const target = (conditions as { type: string }[]).some((one) => one.type === 'DisruptionTarget');
        seen.push(`${type} ${object.metadata.name}${target ? ' disrupted' : ''}`);
      }
    },
  });
  await start(context);
  await context.client.create(PODS, pod('low'));
  await until('it is bound', () => nodeOf(context, 'low') === 'n');
  await context.client.create(PODS, pod('high', '1', { priorityClassName: 'high' }));
  await until('it is nominated', () => podOf(context, 'high')?.status?.nominatedNodeName === 'n');
  // Bound, it ends with grace; its agent takes it away.
  await until('it goes', () => podOf(context, 'low')?.metadata.deletionTimestamp !== undefined);
  await until('it was told why', () => seen.includes('MODIFIED low disrupted'));
  await context.client.delete(PODS, 'default', 'low', { gracePeriodSeconds: 0 });
  await until('it is bound', () => nodeOf(context, 'high') === 'n');
  await until('the event', () => reasonsOf(context, 'low').includes('Preempted'));
  watch.stop();
});

test('when history is lost it lists anew, and knows what has gone and come meanwhile', async (context) => {
  const closes: (() => void)[] = [];
  let deaf = false;
  const client = changed(context.client, {
    watch(resource, options) {
      const handle = context.client.watch(resource, {
        ...options,
        onEvents: (events) => void (deaf || options.onEvents(events)),
      });
      closes.push(() => {
        handle.stop();
        options.onClose?.(new ApiError({ kind: 'Status', apiVersion: 'v1', metadata: {}, code: 410 } as never));
      });
      return handle;
    },
  });
  await addNode(context, node('n', '1'));
  await start(context, client);
  await context.client.create(PODS, pod('first'));
  await until('it is bound', () => nodeOf(context, 'first') === 'n');
  deaf = true;
  await context.client.delete(PODS, 'default', 'first', { gracePeriodSeconds: 0 });
  await context.client.create(PODS, pod('second'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(nodeOf(context, 'second'), undefined);
  deaf = false;
  for (const close of closes.splice(0)) close();
  await until('the second has its place', () => nodeOf(context, 'second') === 'n');
});

test('what is stopped writes nothing more, and another one goes on', async (context) => {
  await addNode(context, node('n'));
  const first = await start(context);
  first.stop();
  const made = await context.client.create(PODS, pod('p'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.is(podOf(context, 'p')?.metadata.resourceVersion, made.metadata.resourceVersion);
  await start(context);
  await until('it is bound', () => nodeOf(context, 'p') === 'n');
});

test('nodes that cannot be and pods that ask for too much end nothing', async (context) => {
  await start(context);
  await addNode(context, node('odd', '1', { constructor: 'a', toString: 'b' }));
  await addNode(context, node('n'));
  await context.client.patch(
    NODES,
    '',
    'odd',
    { status: { allocatable: { cpu: '9999999999E', memory: '-1', pods: '1e-9' } } },
    {
      type: 'merge',
      subresource: 'status',
    },
  );
  await context.client.create(PODS, pod('p'));
  await until('it is bound', () => nodeOf(context, 'p') === 'n');
  assert.equal(context.problems, []);
});

const INHERITED: readonly (readonly [sentence: string, spec: object, binds: boolean])[] = [
  ['a node selector by a name that objects inherit', { nodeSelector: { constructor: 'a' } }, false],
  ['an affinity to a label of such a name', affinityTo({ key: 'toString', operator: 'Exists' }), false],
  ['an aversion to it', affinityTo({ key: 'toString', operator: 'DoesNotExist' }), true],
  [
    'a spread over it',
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'valueOf', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
    },
    false,
  ],
];
function affinityTo(expression: object): object {
  const nodeSelectorTerms = [{ matchExpressions: [expression] }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}
for (const [sentence, spec, binds] of INHERITED) {
  test(`${sentence} ${binds ? 'is met' : 'is not met'} by a node that has no such label`, async (context) => {
    await addNode(context, node('n'));
    await start(context);
    await context.client.create(PODS, pod('p', '1', spec));
    await until('it is decided', () => conditionOf(context, 'p') !== undefined);
    assert.is(nodeOf(context, 'p'), binds ? 'n' : undefined);
  });
}

test.run();
