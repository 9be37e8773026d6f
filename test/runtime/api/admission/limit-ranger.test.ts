import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Pod } from '../../../../core/index.ts';
import type { LimitRangeItem } from '../../../../runtime/api/admission/limit-ranger/limit-range.ts';
import { limitRanger } from '../../../../runtime/api/admission/limit-ranger/limit-ranger.ts';
import { FakeView } from '../auth/fake-view.ts';
import { admit, outcomeOf, type RequestOptions } from './requests.ts';

const range = (...limits: LimitRangeItem[]): KubeObject =>
  ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { namespace: 'a', name: 'r' }, spec: { limits } }) as KubeObject;
const pod = (...resources: object[]): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'a', name: 'web' },
  spec: { containers: resources.map((one, index) => ({ name: `c${index}`, resources: one })) },
});
const claim = (storage?: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'a', name: 'data' },
    spec: { resources: { requests: storage && { storage } } },
  }) as KubeObject;
const plugin = (...items: LimitRangeItem[]): ReturnType<typeof limitRanger> =>
  limitRanger(new FakeView([range(...items)]));

const defaults: [string, LimitRangeItem, object, object, string?][] = [
  [
    'both defaults',
    { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' } },
    {},
    { limits: { cpu: '1' }, requests: { cpu: '100m' } },
    'cpu request for container c0; cpu limit for container c0',
  ],
  [
    'a default limit is the default request',
    { type: 'Container', default: { memory: '1Gi' } },
    {},
    { limits: { memory: '1Gi' }, requests: { memory: '1Gi' } },
    'memory request for container c0; memory limit for container c0',
  ],
  [
    'a maximum is the default limit',
    { type: 'Container', max: { cpu: '2' } },
    {},
    { limits: { cpu: '2' }, requests: { cpu: '2' } },
    'cpu request for container c0; cpu limit for container c0',
  ],
  [
    'a minimum is the default request',
    { type: 'Container', min: { cpu: '1' } },
    {},
    { limits: {}, requests: { cpu: '1' } },
    'cpu request for container c0',
  ],
  [
    'what is there stays',
    { type: 'Container', default: { cpu: '1', memory: '1Gi' } },
    { limits: { cpu: '3' }, requests: { cpu: '2' } },
    { limits: { cpu: '3', memory: '1Gi' }, requests: { cpu: '2', memory: '1Gi' } },
    'memory request for container c0; memory limit for container c0',
  ],
  [
    'nothing is missing',
    { type: 'Container', default: { cpu: '1' } },
    { limits: { cpu: '3' }, requests: { cpu: '2' } },
    { limits: { cpu: '3' }, requests: { cpu: '2' } },
  ],
  [
    'a limit for pods gives no defaults',
    { type: 'Pod', max: { cpu: '2' } },
    { requests: { cpu: '1' }, limits: { cpu: '1' } },
    { requests: { cpu: '1' }, limits: { cpu: '1' } },
  ],
];
for (const [name, item, resources, expected, words] of defaults) {
  test(`LimitRanger defaults: ${name}`, async () => {
    const filled = (await admit(plugin(item), pod(resources))) as Pod;
    assert.equal(filled.spec.containers[0].resources, expected);
    const annotation = filled.metadata.annotations?.['kubernetes.io/limit-ranger'];
    assert.is(annotation, words && `LimitRanger plugin set: ${words}`);
  });
}

const own = (request: string | undefined, limit?: string, name = 'cpu'): object => ({
  requests: request ? { [name]: request } : {},
  limits: limit ? { [name]: limit } : {},
});
const no = (why: string): string => `403 pods "web" is forbidden: ${why}`;
const bounds: [string, LimitRangeItem, KubeObject, string, RequestOptions?][] = [
  ['exactly the minimum', { type: 'Container', min: { cpu: '100m' } }, pod(own('100m', '1')), 'done'],
  [
    'below the minimum',
    { type: 'Container', min: { cpu: '100m' } },
    pod(own('99m', '1')),
    no('minimum cpu usage per Container is 100m, but request is 99m'),
  ],
  ['exactly the maximum', { type: 'Container', max: { memory: '1Gi' } }, pod(own('1Gi', '1024Mi', 'memory')), 'done'],
  [
    'a limit above the maximum',
    { type: 'Container', max: { memory: '1Gi' } },
    pod(own('1Gi', '1025Mi', 'memory')),
    no('maximum memory usage per Container is 1Gi, but limit is 1025Mi'),
  ],
  [
    'the second container',
    { type: 'Container', max: { cpu: '1' } },
    pod(own('1', '1'), own('1', '1500m')),
    no('maximum cpu usage per Container is 1, but limit is 1500m'),
  ],
  [
    'both containers at once',
    { type: 'Container', max: { cpu: '1' } },
    pod(own('1', '2'), own('1', '3')),
    no('[maximum cpu usage per Container is 1, but limit is 2, maximum cpu usage per Container is 1, but limit is 3]'),
  ],
  [
    'all containers together',
    { type: 'Pod', max: { cpu: '2' } },
    pod(own('1', '1500m'), own('1', '1')),
    no('maximum cpu usage per Pod is 2, but limit is 2500m'),
  ],
  [
    'all containers together, just fitting',
    { type: 'Pod', max: { cpu: '2' } },
    pod(own('1', '1'), own('1', '1')),
    'done',
  ],
  [
    'a pod without a limit',
    { type: 'Pod', max: { cpu: '2' } },
    pod(own('1')),
    no('maximum cpu usage per Pod is 2.  No limit is specified'),
  ],
  [
    'a pod without a request',
    { type: 'Pod', min: { cpu: '1' } },
    pod(own(undefined)),
    no('minimum cpu usage per Pod is 1.  No request is specified'),
  ],
  ['a ratio just allowed', { type: 'Container', maxLimitRequestRatio: { cpu: '2' } }, pod(own('500m', '1')), 'done'],
  [
    'a ratio too high',
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    pod(own('100m', '250m')),
    no('cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000'),
  ],
  [
    'a ratio without a request',
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    pod(own(undefined, '1')),
    no('cpu max limit to request ratio per Container is 2, but no request is specified or request is 0'),
  ],
  [
    'a ratio without a limit',
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    pod(own('1')),
    no('cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0'),
  ],
  ['an update', { type: 'Container', max: { cpu: '1' } }, pod(own('1', '2')), 'done', { old: pod(own('1', '1')) }],
  [
    'a claim that is too small',
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
    claim('500Mi'),
    '403 persistentvolumeclaims "data" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
  ],
  [
    'a claim that is too large',
    { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
    claim('2Gi'),
    '403 persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
  ],
  [
    'a claim that grows too large',
    { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } },
    claim('2Gi'),
    '403 persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    { old: claim('1Gi') },
  ],
  ['a claim that fits', { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }, claim('1Gi'), 'done'],
  [
    'a limit for containers does not count for claims',
    { type: 'Container', max: { storage: '1Gi' } },
    claim('2Gi'),
    'done',
  ],
];
for (const [name, item, object, expected, options] of bounds) {
  test(`LimitRanger bounds: ${name}`, async () => assert.is(await outcomeOf(plugin(item), object, options), expected));
}

test('LimitRanger: another namespace’s range does not count', async () => {
  const there = range({ type: 'Container', max: { cpu: '1' } });
  const view = new FakeView([{ ...there, metadata: { namespace: 'b', name: 'r' } }]);
  assert.is(await outcomeOf(limitRanger(view), pod(own('2', '2'))), 'done');
});

test.run();
