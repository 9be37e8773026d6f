/** Bytes that are no snapshot are refused in words; objects come back as they were, whatever they hold. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SnapshotContent } from '../../../../core/cluster/snapshot/content.ts';
import { FORMAT } from '../../../../core/cluster/snapshot/envelope.ts';
import { readSnapshot, writeSnapshot } from '../../../../core/cluster/snapshot/snapshot.ts';
import { ApiError } from '../../../../core/errors.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';

const TRACES = { zones: [], order: 'made' as const, imageSizes: [], frozenImages: [], pending: [], freedPorts: [] };
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };

function contentOf(pods: readonly Pod[], nodeName = 'n1'): SnapshotContent {
  const placed: SnapshotContent['placed'] = (each) => {
    for (const pod of pods) each(pod, podKey(pod), nodeName, false);
  };
  return { nodes: [NODE], placed, traces: TRACES, objects: [], rest: null };
}

const whole = writeSnapshot(contentOf([]));

/** A copy with the bytes from `at` on replaced. */
function patched(at: number, ...bytes: number[]): Uint8Array {
  const copy = whole.slice();
  copy.set(bytes, at);
  return copy;
}

const BAD: readonly [name: string, bytes: Uint8Array, message: RegExp][] = [
  ['no bytes at all', new Uint8Array(0), /is not a snapshot of Keelson/],
  ['some other file', new TextEncoder().encode('apiVersion: v1\nkind: Node\n'), /does not begin with KEELSNAP/],
  ['the name alone', whole.slice(0, 8), /is cut short: its header alone takes 24 bytes/],
  ['half of the header', whole.slice(0, 23), /is cut short: its header alone takes 24 bytes/],
  ['the header alone', whole.slice(0, 24), /is cut short: 0 of \d+ bytes/],
  ['all but the last byte', whole.slice(0, -1), /is cut short: \d+ of \d+ bytes/],
  ['a byte too many', new Uint8Array([...whole, 0]), /is followed by 1 bytes that are not its own/],
  ['the other byte order', patched(8, 1, 2, 3, 4), /machine of another byte order/],
  ['the next format', patched(12, FORMAT + 1), /is of format 2; this version reads format 1/],
  ['a flipped bit in the checksum', patched(20, whole[20] ^ 1), /is damaged/],
  ['a flipped bit in the first byte', patched(24, whole[24] ^ 128), /is damaged/],
  ['a flipped bit in the last byte', patched(whole.length - 1, whole[whole.length - 1] ^ 1), /is damaged/],
];

for (const [name, bytes, message] of BAD) {
  test(`refused, with the reason: ${name}`, () => {
    assert.throws(
      () => readSnapshot(bytes),
      (error: unknown) => error instanceof ApiError && error.code === 'Invalid' && message.test(error.message),
    );
  });
}

test('every single flipped bit is seen', () => {
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const at = bit >> 3;
    assert.throws(() => readSnapshot(patched(at, whole[at] ^ (1 << (bit & 7)))), `bit ${bit}`);
  }
});

test('bytes may stand anywhere in a larger buffer', () => {
  for (let offset = 0; offset < 5; offset++) {
    const larger = new Uint8Array(whole.length + offset);
    larger.set(whole, offset);
    assert.equal(readSnapshot(larger.subarray(offset)).nodes, [NODE]);
  }
});

const META = { apiVersion: 'v1', kind: 'Pod' };
const SPEC = { containers: [{ name: 'main' }] };
const ODD_PODS: readonly [name: string, pod: Pod][] = [
  ['bare', { ...META, metadata: { name: 'a' }, spec: SPEC }],
  ['keys in another order', { spec: SPEC, metadata: { uid: 'u', name: 'a' }, ...META, status: {} }],
  ['null times', { ...META, metadata: { name: 'a', uid: 'u', creationTimestamp: null }, spec: SPEC }],
  ['a null node', { ...META, metadata: { name: 'a' }, spec: { ...SPEC, nodeName: null } as unknown as Pod['spec'] }],
  ['on its node', { ...META, metadata: { name: 'a' }, spec: { nodeName: 'n1', ...SPEC } }],
  ['with another node in its spec', { ...META, metadata: { name: 'a' }, spec: { nodeName: 'n2', ...SPEC } }],
  ['no uid but a version', { ...META, metadata: { name: 'a', resourceVersion: '17' }, spec: SPEC }],
  ['started', { ...META, metadata: { name: 'a' }, spec: SPEC, status: { startTime: '2026-01-01T00:00:00Z' } }],
  ['a null status', { ...META, metadata: { name: 'a' }, spec: SPEC, status: null } as unknown as Pod],
  ['names beyond ASCII', { ...META, metadata: { name: 'ä\u{1F600}', uid: '' }, spec: SPEC }],
  ['a label __proto__', JSON.parse('{"metadata":{"name":"a","labels":{"constructor":"x"}},"spec":{},"kind":"Pod"}')],
  [
    'fields nobody knows',
    { ...META, metadata: { name: 'a' }, spec: SPEC, more: [1.5, -0.25, 2 ** 60, { x: [] }] } as Pod,
  ],
];

for (const [name, pod] of ODD_PODS) {
  test(`a pod comes back as it was: ${name}`, () => {
    const bytes = writeSnapshot(contentOf([pod, pod, { ...pod }, structuredClone(pod)]));
    let count = 0;
    readSnapshot(bytes).placed((back, key, nodeName) => {
      assert.is(JSON.stringify(back), JSON.stringify(pod));
      assert.is(key, podKey(pod));
      assert.is(nodeName, 'n1');
      count++;
    });
    assert.is(count, 4);
  });
}

test('pods of one make are stored once: a thousand more cost their names', () => {
  const stamped = (count: number): Uint8Array => {
    const env = Array.from({ length: 50 }, (_, i) => ({ name: `VARIABLE_${i}`, value: `value of ${i}` }));
    const pods = Array.from({ length: count }, (_, i) => ({
      ...META,
      metadata: { name: `web-${i}`, uid: `uid-${i}` },
      spec: { nodeName: 'n1', containers: [{ name: 'main', env }] },
    }));
    return writeSnapshot(contentOf(pods));
  };
  const perPod = (stamped(2000).length - stamped(1000).length) / 1000;
  assert.ok(perPod < 32, `${perPod} bytes a pod`);
});

test.run();
