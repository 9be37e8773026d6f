import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  hasPodLevelRequests,
  isExtendedResource,
  isScalarResource,
  NON_ZERO_DEFAULTS,
  podRequests,
  type RequestOptions,
} from '../../../core/objects/pod-requests.ts';
import { milliUnitsOf, unitsOf } from '../../../core/objects/quantity.ts';
import type { Container, PodSpec, PodStatus, ResourceList } from '../../../core/objects/types.ts';
import { pod } from '../../support/builders.ts';

const container = (name: string, requests?: ResourceList): Container => ({
  name,
  image: name,
  resources: { requests },
});
const sidecar = (name: string, requests?: ResourceList): Container => ({
  ...container(name, requests),
  restartPolicy: 'Always',
});

interface Case {
  name: string;
  spec: Partial<PodSpec>;
  status?: PodStatus;
  options?: RequestOptions;
  /** Millicores of cpu, whole units of all else. */
  asks: Record<string, number>;
}

const cases: Case[] = [
  {
    name: 'containers add up',
    spec: { containers: [container('a', { cpu: '1' }), container('b', { cpu: '500m', memory: '1Ki' })] },
    asks: { cpu: 1500, memory: 1024 },
  },
  {
    name: 'sums round once',
    spec: { containers: [container('a', { cpu: '100.5m' }), container('b', { cpu: '100.5m' })] },
    asks: { cpu: 201 },
  },
  { name: 'nobody asks', spec: { containers: [container('a')] }, asks: {} },
  { name: 'an explicit zero is an ask', spec: { containers: [container('a', { cpu: '0' })] }, asks: { cpu: 0 } },
  {
    name: 'an init container counts by its peak',
    spec: {
      initContainers: [container('i', { cpu: '3' }), container('j', { cpu: '2' })],
      containers: [container('a', { cpu: '1' })],
    },
    asks: { cpu: 3000 },
  },
  {
    name: 'a small init container costs nothing',
    spec: { initContainers: [container('i', { cpu: '1' })], containers: [container('a', { cpu: '2' })] },
    asks: { cpu: 2000 },
  },
  {
    name: 'a sidecar runs beside the containers',
    spec: { initContainers: [sidecar('s', { cpu: '1' })], containers: [container('a', { cpu: '2' })] },
    asks: { cpu: 3000 },
  },
  {
    name: 'a sidecar runs beside the init containers after it',
    spec: {
      initContainers: [sidecar('s', { cpu: '1' }), container('i', { cpu: '5' })],
      containers: [container('a', { cpu: '2' })],
    },
    asks: { cpu: 6000 },
  },
  {
    name: 'a sidecar does not run beside the init containers before it',
    spec: {
      initContainers: [container('i', { cpu: '5' }), sidecar('s', { cpu: '1' })],
      containers: [container('a', { cpu: '2' })],
    },
    asks: { cpu: 5000 },
  },
  {
    name: 'every resource has its own peak',
    spec: {
      initContainers: [container('i', { cpu: '3', memory: '1' })],
      containers: [container('a', { cpu: '1', memory: '4' })],
    },
    asks: { cpu: 3000, memory: 4 },
  },
  {
    name: 'overhead comes on top',
    spec: { overhead: { cpu: '250m' }, containers: [container('a', { cpu: '1' })] },
    asks: { cpu: 1250 },
  },
  {
    name: 'overhead comes on top of the init peak',
    spec: { overhead: { cpu: '1' }, initContainers: [container('i', { cpu: '3' })], containers: [container('a')] },
    asks: { cpu: 4000 },
  },
  {
    name: 'a pod-level request replaces the sum, even a larger one',
    spec: { resources: { requests: { cpu: '1' } }, containers: [container('a', { cpu: '2', memory: '7' })] },
    asks: { cpu: 1000, memory: 7 },
  },
  {
    name: 'overhead is added to a pod-level request',
    spec: { overhead: { cpu: '1' }, resources: { requests: { cpu: '1' } }, containers: [container('a', { cpu: '2' })] },
    asks: { cpu: 2000 },
  },
  {
    name: 'pod-level requests of other resources are ignored',
    spec: { resources: { requests: { 'example.com/gpu': '1' } }, containers: [container('a', { cpu: '2' })] },
    asks: { cpu: 2000 },
  },
  {
    name: 'the scorer ignores pod-level requests',
    spec: { resources: { requests: { cpu: '1' } }, containers: [container('a', { cpu: '2' })] },
    options: { ignorePodLevel: true },
    asks: { cpu: 2000 },
  },
  {
    name: 'stand-ins count for each container that names nothing',
    spec: { containers: [container('a'), container('b', { cpu: '1' }), container('c', { memory: '0' })] },
    options: { nonMissing: NON_ZERO_DEFAULTS },
    asks: { cpu: 1200, memory: 2 * 209_715_200 },
  },
  {
    name: 'stand-ins count for init containers too',
    spec: { initContainers: [container('i'), sidecar('s')], containers: [container('a', { cpu: '0', memory: '0' })] },
    options: { nonMissing: NON_ZERO_DEFAULTS },
    asks: { cpu: 100, memory: 209_715_200 },
  },
];

const resizing = (resources: ResourceList, allocated?: ResourceList, reason?: string): PodStatus => ({
  conditions: reason ? [{ type: 'PodResizePending', status: 'True', reason }] : [],
  containerStatuses: [{ name: 'a', resources: { requests: resources }, allocatedResources: allocated }],
});
const two = { containers: [container('a', { cpu: '2' })] };
cases.push(
  {
    name: 'the status is not looked at for an incoming pod',
    spec: two,
    status: resizing({ cpu: '3' }),
    asks: { cpu: 2000 },
  },
  {
    name: 'on a node, the larger of spec and status counts',
    spec: two,
    status: resizing({ cpu: '3' }),
    options: { useStatus: true },
    asks: { cpu: 3000 },
  },
  {
    name: 'on a node, a smaller status does not count',
    spec: two,
    status: resizing({ cpu: '1' }),
    options: { useStatus: true },
    asks: { cpu: 2000 },
  },
  {
    name: 'what is allocated counts',
    spec: two,
    status: resizing({ cpu: '1' }, { cpu: '5' }),
    options: { useStatus: true },
    asks: { cpu: 5000 },
  },
  {
    name: 'an infeasible resize is not counted',
    spec: two,
    status: resizing({ cpu: '1' }, { cpu: '1' }, 'Infeasible'),
    options: { useStatus: true },
    asks: { cpu: 1000 },
  },
  {
    name: 'a deferred resize is counted',
    spec: two,
    status: resizing({ cpu: '1' }, { cpu: '1' }, 'Deferred'),
    options: { useStatus: true },
    asks: { cpu: 2000 },
  },
  {
    name: 'a plain init container has no status',
    spec: { initContainers: [container('i', { cpu: '2' })], containers: [container('a')] },
    status: { initContainerStatuses: [{ name: 'i', resources: { requests: { cpu: '9' } } }] },
    options: { useStatus: true },
    asks: { cpu: 2000 },
  },
  {
    name: 'a sidecar has one',
    spec: { initContainers: [sidecar('s', { cpu: '2' })], containers: [container('a')] },
    status: { initContainerStatuses: [{ name: 's', resources: { requests: { cpu: '9' } } }] },
    options: { useStatus: true },
    asks: { cpu: 9000 },
  },
  {
    name: 'the pod level is resized too',
    spec: { ...two, resources: { requests: { cpu: '2' } } },
    status: { resources: { requests: { cpu: '4' } } },
    options: { useStatus: true },
    asks: { cpu: 4000 },
  },
);

for (const { name, spec, status, options, asks } of cases) {
  test(`podRequests: ${name}`, () => {
    const requests = podRequests(pod('web', { spec, status }), options);
    const units = [...requests].map(([key, nano]) => [key, Number(key === 'cpu' ? milliUnitsOf(nano) : unitsOf(nano))]);
    assert.equal(Object.fromEntries(units), asks);
  });
}

const resources: { name: string; scalar: boolean; extended: boolean }[] = [
  { name: 'cpu', scalar: false, extended: false },
  { name: 'storage', scalar: false, extended: false },
  { name: 'foo', scalar: false, extended: false },
  { name: 'example.com/gpu', scalar: true, extended: true },
  { name: 'hugepages-2Mi', scalar: true, extended: false },
  { name: 'attachable-volumes-aws-ebs', scalar: true, extended: false },
  { name: 'kubernetes.io/foo', scalar: true, extended: false },
  { name: 'sub.kubernetes.io/foo', scalar: true, extended: false },
  { name: 'requests.example.com/gpu', scalar: false, extended: false },
  { name: 'Example.com/gpu', scalar: false, extended: false },
];
for (const { name, scalar, extended } of resources) {
  test(`${name} is ${scalar ? 'a' : 'no'} scalar and ${extended ? 'an' : 'no'} extended resource`, () => {
    assert.is(isScalarResource(name), scalar);
    assert.is(isExtendedResource(name), extended);
  });
}

test('only cpu, memory and huge pages are asked for at pod level', () => {
  const asks = (requests: ResourceList) => hasPodLevelRequests(pod('web', { spec: { resources: { requests } } }));
  assert.ok(asks({ cpu: '1' }));
  assert.ok(asks({ 'hugepages-2Mi': '2Mi' }));
  assert.not(asks({ 'example.com/gpu': '1' }));
  assert.not(asks({}));
});

test.run();
