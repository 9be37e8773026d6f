import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/objects/meta.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import type { ApiObject } from '../../../../runtime/api/object.ts';
import { serverSideApply } from '../../../../runtime/api/patch/apply/apply.ts';
import { recordUpdate } from '../../../../runtime/api/patch/apply/update.ts';
import { DEDUCED, mergeTypeOf } from '../../../../runtime/api/patch/merge-types.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';

const schemas = await loadSchemas();
const [T1, T2] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'];

type Json = Record<string, unknown>;

function object(kind: string, body: Json): KubeObject {
  const apiVersion = { Deployment: 'apps/v1', Widget: 'example.com/v1' }[kind] ?? 'v1';
  const { metadata, ...rest } = body;
  return { apiVersion, kind, metadata: { name: 'x', ...(metadata as Json) }, ...rest } as KubeObject;
}

function typeOf(of: KubeObject) {
  return mergeTypeOf(schemas, of.apiVersion, of.kind) ?? DEDUCED;
}

interface Options {
  force?: boolean;
  now?: string;
  subresource?: string;
}

function apply(
  current: KubeObject | undefined,
  manager: string,
  applied: KubeObject,
  options: Options = {},
): KubeObject {
  const { force = false, now = T1, subresource = '' } = options;
  const before = structuredClone([current, applied]);
  const result = serverSideApply({ current, applied, manager, force, type: typeOf(applied), subresource, now });
  assert.equal([current, applied], before);
  return result;
}

function update(
  old: KubeObject | undefined,
  manager: string,
  next: KubeObject,
  { now = T1, subresource = '' }: Options = {},
): KubeObject {
  return recordUpdate({ old, next, manager, type: typeOf(next), subresource, now });
}

/** Manager → operation and fields. */
function owners(of: KubeObject): Json {
  const entries = (of as ApiObject).metadata.managedFields ?? [];
  return Object.fromEntries(entries.map((entry) => [`${entry.manager} ${entry.operation}`, entry.fieldsV1]));
}

function without(of: KubeObject): Json {
  const { managedFields, ...metadata } = (of as ApiObject).metadata;
  return { ...of, metadata };
}

const configMap = (data: Json, metadata: Json = {}): KubeObject => object('ConfigMap', { metadata, data });
const pod = (spec: Json): KubeObject => object('Pod', { spec });

test('apply creates, and its manager owns what it named', () => {
  const created = apply(undefined, 'me', configMap({ a: '1' }, { labels: { l: '1' } }));
  assert.equal((created as ApiObject).metadata.managedFields, [
    {
      manager: 'me',
      operation: 'Apply',
      apiVersion: 'v1',
      time: T1,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
    },
  ]);
});

test('apply of the same again changes nothing, not even the time', () => {
  const created = apply(undefined, 'me', configMap({ a: '1' }));
  assert.is(apply(created, 'me', configMap({ a: '1' }), { now: T2 }), created);
});

test('apply takes out what it no longer names, and nothing else', () => {
  const created = apply(undefined, 'me', configMap({ a: '1', b: '2' }));
  const other = apply(created, 'you', configMap({ c: '3' }));
  const next = apply(other, 'me', configMap({ a: '1' }), { now: T2 });
  assert.equal(without(next), configMap({ a: '1', c: '3' }));
  assert.equal(owners(next), { 'me Apply': { 'f:data': { 'f:a': {} } }, 'you Apply': { 'f:data': { 'f:c': {} } } });
});

test('apply takes out all labels, and metadata keeps its name', () => {
  const created = apply(undefined, 'me', configMap({ a: '1' }, { labels: { l: '1' } }));
  assert.equal(without(apply(created, 'me', configMap({ a: '1' }))), configMap({ a: '1' }));
});

test('apply leaves a field that another manager owns too', () => {
  const both = apply(apply(undefined, 'me', configMap({ a: '1' })), 'you', configMap({ a: '1' }));
  assert.equal(Object.keys(owners(both)), ['me Apply', 'you Apply']);
  const left = apply(both, 'me', configMap({}));
  assert.equal(without(left), configMap({ a: '1' }));
  assert.equal(owners(left), { 'you Apply': { 'f:data': { 'f:a': {} } }, 'me Apply': { 'f:data': {} } });
});

const conflicts: { name: string; live: KubeObject; applied: KubeObject; message: string; fields: string[] }[] = [
  {
    name: 'another applier, one field',
    live: apply(undefined, 'other', configMap({ a: '1' })),
    applied: configMap({ a: '2' }),
    message: 'Apply failed with 1 conflict: conflict with "other": .data.a',
    fields: ['.data.a'],
  },
  {
    name: 'an updater, with the version it used',
    live: update(undefined, 'other', configMap({ a: '1' })),
    applied: configMap({ a: '2' }),
    message: 'Apply failed with 1 conflict: conflict with "other" using v1: .data.a',
    fields: ['.data.a'],
  },
  {
    name: 'through a subresource',
    live: update(
      update(undefined, 'first', object('Deployment', { spec: { replicas: 1 } })),
      'hpa',
      object('Deployment', { spec: { replicas: 3 } }),
      { subresource: 'scale' },
    ),
    applied: object('Deployment', { spec: { replicas: 2 } }),
    message: 'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
    fields: ['.spec.replicas'],
  },
  {
    name: 'several, sorted by manager',
    live: update(
      update(undefined, 'b', pod({ hostname: 'h', containers: [{ name: 'c', image: '1' }] })),
      'a',
      pod({ hostname: 'h', containers: [{ name: 'c', image: '2' }] }),
    ),
    applied: pod({ hostname: 'i', containers: [{ name: 'c', image: '3' }] }),
    message:
      'Apply failed with 2 conflicts: conflicts with "a" using v1:\n- .spec.containers[name="c"].image\nconflicts with "b" using v1:\n- .spec.hostname',
    fields: ['.spec.containers[name="c"].image', '.spec.hostname'],
  },
];
for (const { name, live, applied, message, fields } of conflicts) {
  test(`apply conflicts with ${name}; force takes the fields over`, () => {
    try {
      apply(live, 'me', applied);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError);
      const { status } = error as ApiError;
      assert.equal([status.code, status.reason, status.message], [409, 'Conflict', message]);
      assert.equal(
        status.details?.causes?.map((cause) => cause.field),
        fields,
      );
      assert.is(status.details?.causes?.[0].reason, 'FieldManagerConflict');
    }
    const forced = apply(live, 'me', applied, { force: true });
    assert.equal(without(forced), without(applied));
    // Taken over: the next apply of the same value meets nobody.
    assert.is(apply(forced, 'me', applied), forced);
  });
}

test('apply of a value that is there already is no conflict but shared ownership', () => {
  const live = update(undefined, 'other', configMap({ a: '1' }));
  const shared = apply(live, 'me', configMap({ a: '1' }));
  assert.equal(Object.keys(owners(shared)), ['me Apply', 'other Update']);
});

test('apply: list items by their keys; a dropped item goes with what defaults put into it', () => {
  const first = apply(undefined, 'me', pod({ containers: [{ name: 'a', image: '1' }, { name: 'b' }] }));
  const filled = structuredClone(first) as ApiObject;
  (filled.spec as { containers: Json[] }).containers[1].imagePullPolicy = 'Always';
  const next = apply(filled, 'me', pod({ containers: [{ name: 'a', image: '1' }] }));
  assert.equal(without(next), pod({ containers: [{ name: 'a', image: '1' }] }));
  assert.equal(owners(next)['me Apply'], {
    'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
  });
});

test('apply: container ports are told apart by number and protocol, and the protocol defaults', () => {
  const ports = (...list: Json[]): KubeObject => pod({ containers: [{ name: 'a', ports: list }] });
  const dns = [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }];
  const first = apply(undefined, 'me', ports(...dns));
  const keys = ((owners(first)['me Apply'] as Record<string, Json>)['f:spec']['f:containers'] as Record<string, Json>)[
    'k:{"name":"a"}'
  ]['f:ports'] as Json;
  assert.equal(Object.keys(keys), [
    'k:{"containerPort":53,"protocol":"TCP"}',
    'k:{"containerPort":53,"protocol":"UDP"}',
  ]);
  assert.equal(without(apply(first, 'me', ports(dns[1]))), ports(dns[1]));
});

test('apply: spread constraints are told apart by key and by what happens', () => {
  const spread = (...list: Json[]): KubeObject => pod({ topologySpreadConstraints: list });
  const one = { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 };
  const two = { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 1 };
  const both = apply(apply(undefined, 'me', spread(one)), 'you', spread(two));
  assert.equal(without(both), spread(one, two));
});

test('apply: the applied order counts, live items stay before those they stood before', () => {
  const names = (...list: string[]): KubeObject => pod({ imagePullSecrets: list.map((name) => ({ name })) });
  const live = update(undefined, 'u', names('x', 'a', 'y', 'b', 'z'));
  assert.equal(without(apply(live, 'me', names('b', 'a', 'n'), { force: true })), names('x', 'y', 'b', 'z', 'a', 'n'));
});

test('apply: finalizers are a set', () => {
  const finalizers = (...list: string[]): KubeObject => configMap({}, { finalizers: list });
  const both = apply(apply(undefined, 'me', finalizers('a')), 'you', finalizers('b'));
  assert.equal(both.metadata.finalizers, ['a', 'b']);
  assert.equal(apply(both, 'me', finalizers()).metadata.finalizers, ['b']);
  assert.equal(owners(both)['you Apply'], { 'f:data': {}, 'f:metadata': { 'f:finalizers': { 'v:"b"': {} } } });
});

test('apply: atomic lists and maps are owned as a whole', () => {
  const first = apply(undefined, 'me', pod({ nodeSelector: { a: '1' }, tolerations: [{ key: 'a' }] }));
  assert.equal(owners(first)['me Apply'], { 'f:spec': { 'f:nodeSelector': {}, 'f:tolerations': {} } });
  const forced = apply(first, 'you', pod({ nodeSelector: { b: '2' } }), { force: true });
  assert.equal(without(forced), pod({ nodeSelector: { b: '2' }, tolerations: [{ key: 'a' }] }));
});

test('apply through a subresource is an entry of its own', () => {
  const live = apply(undefined, 'me', pod({ hostname: 'h' }));
  const status = apply(live, 'me', object('Pod', { status: { phase: 'Running' } }), { subresource: 'status' });
  const entries = (status as ApiObject).metadata.managedFields ?? [];
  assert.equal(
    entries.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1]),
    [
      [undefined, { 'f:spec': { 'f:hostname': {} } }],
      ['status', { 'f:status': { 'f:phase': {} } }],
    ],
  );
  assert.equal(without(status), { ...pod({ hostname: 'h' }), status: { phase: 'Running' } });
});

test('apply to an object nobody tracked: all of it belongs to before-first-apply', () => {
  const next = apply(configMap({ a: '1', b: '2' }), 'me', configMap({ a: '1' }));
  assert.equal(owners(next)['before-first-apply Update'], { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } });
  assert.throws(() => apply(configMap({ a: '1' }), 'me', configMap({ a: '2' })), /before-first-apply/);
});

const LAST = 'kubectl.kubernetes.io/last-applied-configuration';

test('apply by kubectl takes what client-side apply wrote, and keeps its annotation true', () => {
  const told = configMap({ a: '1', b: '2' });
  const client = configMap({ a: '1', b: '2' }, { annotations: { [LAST]: JSON.stringify(told) } });
  const live = update(undefined, 'kubectl-client-side-apply', client);
  const next = apply(live, 'kubectl', configMap({ a: '9' }));
  assert.equal((next as ApiObject).data, { a: '9', b: '2' });
  const { metadata, ...rest } = JSON.parse(next.metadata.annotations?.[LAST] ?? '');
  assert.equal(rest, { apiVersion: 'v1', kind: 'ConfigMap', data: { a: '9' } });
  assert.is(metadata.name, 'x');
  assert.throws(() => apply(live, 'argo', configMap({ a: '9' })), /conflict with "kubectl-client-side-apply"/);
});

test('apply by kubectl does not take what was changed after client-side apply', () => {
  const client = configMap({ a: '1' }, { annotations: { [LAST]: JSON.stringify(configMap({ a: '1' })) } });
  const live = update(undefined, 'kubectl-client-side-apply', client);
  const edited = update(live, 'edit', { ...live, data: { a: '5' } } as KubeObject);
  assert.throws(() => apply(edited, 'kubectl', configMap({ a: '9' })), /conflict with "edit"/);
});

test('apply refuses managedFields in the body, no manager, items without key and doubles', () => {
  const refused = (manager: string, applied: KubeObject): number => {
    try {
      apply(undefined, manager, applied);
    } catch (error) {
      if (error instanceof ApiError) return error.code;
    }
    return 0;
  };
  assert.is(refused('me', configMap({}, { managedFields: [{ manager: 'you' }] })), 400);
  assert.is(refused('', configMap({})), 422);
  assert.is(refused('me', pod({ containers: [{ image: 'i' }] })), 400);
  assert.is(refused('me', pod({ containers: [{ name: 'a' }, { name: 'a' }] })), 400);
  assert.is(refused('me', configMap({}, { managedFields: [] })), 0);
});

test('apply: without a schema maps merge and lists are atomic', () => {
  const first = apply(undefined, 'me', object('Widget', { spec: { a: 1, list: [1] } }));
  const next = apply(first, 'you', object('Widget', { spec: { b: 2 } }));
  assert.equal(without(next), object('Widget', { spec: { a: 1, list: [1], b: 2 } }));
  assert.throws(() => apply(next, 'you', object('Widget', { spec: { b: 2, list: [2] } })), /\.spec\.list/);
});

test('a create records all of its fields, each container of them, as a real server writes it', () => {
  const labels = { app: 'web' };
  const created = update(
    undefined,
    'kubectl-create',
    object('Deployment', {
      metadata: { labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }],
            securityContext: {},
          },
        },
      },
    }),
  );
  assert.equal(owners(created)['kubectl-create Update'], {
    'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:selector': {},
      'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {} }, 'f:type': {} },
      'f:template': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:image': {},
              'f:name': {},
              'f:ports': {
                '.': {},
                'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
              },
              'f:resources': {},
            },
          },
          'f:securityContext': {},
        },
      },
    },
  });
});

test('an update takes over what it changes, joins the same manager and keeps the time when it changes nothing', () => {
  const created = update(undefined, 'a', configMap({ x: '1', y: '1' }));
  const next = update(created, 'b', { ...created, data: { x: '2', y: '1', z: '1' } } as KubeObject, { now: T2 });
  assert.equal(owners(next), {
    'a Update': { 'f:data': { '.': {}, 'f:y': {} } },
    'b Update': { 'f:data': { 'f:x': {}, 'f:z': {} } },
  });
  assert.is(update(next, 'b', next, { now: '2027-01-01T00:00:00Z' }), next);
  const gone = update(next, 'b', { ...next, data: { y: '1' } } as KubeObject, { now: '2027-01-01T00:00:00Z' });
  assert.equal(owners(gone), { 'a Update': { 'f:data': { '.': {}, 'f:y': {} } } });
});

test('an update without managedFields keeps the live ones', () => {
  const created = update(undefined, 'a', configMap({ x: '1' }));
  const next = update(created, 'b', configMap({ x: '1', z: '1' }));
  assert.equal(Object.keys(owners(next)), ['a Update', 'b Update']);
});

test('[{}] resets managedFields, but not through a subresource', () => {
  const created = update(undefined, 'a', configMap({ x: '1' }));
  const reset = { ...created, metadata: { ...created.metadata, managedFields: [{}] } } as unknown as KubeObject;
  assert.is((update(created, 'b', reset) as ApiObject).metadata.managedFields, undefined);
  assert.equal(owners(update(created, 'b', reset, { subresource: 'status' })), owners(created));
});

test('a write may hand fields from one manager to another by managedFields itself', () => {
  const created = update(undefined, 'a', configMap({ x: '1' }));
  const [entry] = (created as ApiObject).metadata.managedFields ?? [];
  const moved = { ...created, metadata: { ...created.metadata, managedFields: [{ ...entry, manager: 'z' }] } };
  assert.equal(Object.keys(owners(update(created, 'b', moved as KubeObject))), ['z Update']);
});

test('more than ten updaters: the oldest become ancient-changes', () => {
  let live = update(undefined, 'm00', configMap({}));
  for (let i = 1; i <= 12; i++) {
    const now = `2026-01-01T00:00:${String(i).padStart(2, '0')}Z`;
    const data = { ...((live as ApiObject).data as Json), [`k${i}`]: '1' };
    const manager = `m${String(i).padStart(2, '0')}`;
    live = update(live, manager, { ...live, data } as KubeObject, { now });
    const count = Object.keys(owners(live)).length;
    assert.ok(count <= 10, `${count} managers`);
  }
  assert.ok(Object.keys(owners(live)).includes('ancient-changes Update'));
  assert.ok(Object.keys(owners(live)).includes('m12 Update'));
});

test.run();
