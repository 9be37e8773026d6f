import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';

const schemas = await loadSchemas();

const podWith = (container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'c', ...container }] },
});

test('checkObject: an object that is right is handed back itself', () => {
  const pod = podWith({ image: 'i', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } });
  const checked = schemas.checkObject('v1', 'Pod', pod);
  assert.is(checked.object, pod);
  assert.equal([checked.unknown, checked.mistyped], [[], []]);
});

test('checkObject: unknown fields are dropped and named, and the argument is left alone', () => {
  const pod = { ...podWith({ bar: 1 }), foo: {} };
  const before = structuredClone(pod);
  const checked = schemas.checkObject('v1', 'Pod', pod);
  assert.equal(checked.unknown, ['spec.containers[0].bar', 'foo']);
  assert.equal(checked.object, podWith({}));
  assert.equal(pod, before);
});

test('checkObject: after a hundred unknown fields no more are named, and all are dropped', () => {
  const extra = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`extra${i}`, i]));
  const checked = schemas.checkObject('v1', 'Pod', podWith(extra));
  assert.is(checked.unknown.length, 100);
  assert.equal(checked.object, podWith({}));
});

const stored: { name: string; kind: [string, string]; given: object; kept: object }[] = [
  {
    name: 'a null creationTimestamp is absent',
    kind: ['v1', 'ConfigMap'],
    given: { metadata: { name: 'a', creationTimestamp: null } },
    kept: { metadata: { name: 'a' } },
  },
  {
    name: 'a null list is absent, a null in a map of texts is the empty text',
    kind: ['v1', 'ConfigMap'],
    given: { metadata: { finalizers: null, labels: { a: null } } },
    kept: { metadata: { labels: { a: '' } } },
  },
  {
    name: 'a quantity may be a number, and is kept in its one text',
    kind: ['v1', 'ResourceQuota'],
    given: { spec: { hard: { cpu: 1, memory: '1024Mi', pods: 0.5, storage: '0.1Gi', swap: '4687.5Ki' } } },
    kept: { spec: { hard: { cpu: '1', memory: '1Gi', pods: '500m', storage: '107374182400m', swap: '4800k' } } },
  },
  {
    name: 'IntOrString takes both',
    kind: ['policy/v1', 'PodDisruptionBudget'],
    given: { spec: { minAvailable: '50%', maxUnavailable: 1 } },
    kept: { spec: { minAvailable: '50%', maxUnavailable: 1 } },
  },
  {
    name: 'open objects keep whatever they hold, in FieldsV1, RawExtension and the schemas of CRDs',
    kind: ['apps/v1', 'ControllerRevision'],
    given: { metadata: { managedFields: [{ fieldsV1: { 'f:a': {} } }] }, data: { any: [1, { thing: null }] } },
    kept: { metadata: { managedFields: [{ fieldsV1: { 'f:a': {} } }] }, data: { any: [1, { thing: null }] } },
  },
  {
    name: 'base64 may be broken into lines',
    kind: ['v1', 'Secret'],
    given: { data: { a: 'aGVs\nbG8=' } },
    kept: { data: { a: 'aGVsbG8=' } },
  },
  {
    name: 'of a kind that is not built in only the metadata is checked',
    kind: ['example.com/v1', 'Widget'],
    given: { metadata: { name: 'w', creationTimestamp: null }, spec: { anything: null } },
    kept: { metadata: { name: 'w' }, spec: { anything: null } },
  },
];
for (const { name, kind, given, kept } of stored) {
  test(`checkObject: ${name}`, () => {
    const checked = schemas.checkObject(...kind, given);
    assert.equal([checked.unknown, checked.mistyped], [[], []]);
    assert.equal(checked.object, kept);
  });
}

const GO = 'json: cannot unmarshal';
const refused: { name: string; kind: [string, string]; given: unknown; message: string }[] = [
  {
    name: 'a text where an int32 is due',
    kind: ['apps/v1', 'Deployment'],
    given: { spec: { replicas: '3' } },
    message: `${GO} string into Go struct field DeploymentSpec.spec.replicas of type int32`,
  },
  {
    name: 'a fraction where an int32 is due',
    kind: ['apps/v1', 'Deployment'],
    given: { spec: { replicas: 1.5 } },
    message: `${GO} number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32`,
  },
  {
    name: 'one more than an int32 holds',
    kind: ['apps/v1', 'Deployment'],
    given: { spec: { replicas: 2 ** 31 } },
    message: `${GO} number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32`,
  },
  {
    name: 'a number among labels: the place is the map, without key',
    kind: ['v1', 'Pod'],
    given: { metadata: { labels: { a: 1 } } },
    message: `${GO} number into Go struct field ObjectMeta.metadata.labels of type string`,
  },
  {
    name: 'an object where a list is due',
    kind: ['v1', 'Pod'],
    given: { spec: { containers: {} } },
    message: `${GO} object into Go struct field PodSpec.spec.containers of type []v1.Container`,
  },
  {
    name: 'a field of a list item: indexes are left out',
    kind: ['v1', 'Pod'],
    given: podWith({ ports: [{ containerPort: '80' }] }),
    message: `${GO} string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
  },
  {
    name: 'a list where the object is due',
    kind: ['v1', 'Pod'],
    given: [],
    message: `${GO} array into Go value of type v1.Pod`,
  },
  {
    name: 'a bool where an int or a text is due',
    kind: ['policy/v1', 'PodDisruptionBudget'],
    given: { spec: { minAvailable: true } },
    message: `${GO} bool into Go value of type int32`,
  },
  {
    name: 'a time that is none',
    kind: ['v1', 'Pod'],
    given: { metadata: { creationTimestamp: '2020-02-30T00:00:00Z' } },
    message:
      'parsing time "2020-02-30T00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse "2020-02-30T00:00:00Z" as "2006"',
  },
  {
    name: 'a quantity that is none',
    kind: ['v1', 'ResourceQuota'],
    given: { spec: { hard: { cpu: 'much' } } },
    message: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  },
  {
    name: 'base64 that is none',
    kind: ['v1', 'Secret'],
    given: { data: { a: 'abcd*' } },
    message: 'illegal base64 data at input byte 4',
  },
];
for (const { name, kind, given, message } of refused) {
  test(`checkObject refuses ${name}`, () => {
    const { mistyped } = schemas.checkObject(...kind, given);
    assert.equal(
      mistyped.map((found) => found.message),
      [message],
    );
  });
}

test.run();
