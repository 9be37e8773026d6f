/** The Endpoints object of a Service, and when Services are looked at. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Endpoints, endpointsController } from '../../../core/controllers/endpoints/endpoints.ts';
import { endpointSliceMirroringController } from '../../../core/controllers/endpoints/mirroring.ts';
import { endpointSliceController } from '../../../core/controllers/endpoints/slices.ts';
import { ADDRESS_LIMIT, type EndpointSubset, subsetsOf } from '../../../core/controllers/endpoints/subsets.ts';
import { ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES } from '../../../core/controllers/resources.ts';
import type { EndpointSlice, KubeObject, Node, Pod, Service } from '../../../core/objects/types.ts';
import { cacheOf, look, lookAgain, NO, tell } from '../../support/look.ts';

function service(spec: object = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'x', uid: 's', labels: { l: '1' } },
    spec: {
      selector: { app: 'a' },
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      ...spec,
    },
  };
}

function pod(
  name: string,
  ip: string,
  ready = true,
  more: { metadata?: object; spec?: object; status?: object } = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', uid: name, labels: { app: 'a' }, ...more.metadata },
    spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 9 }] }], ...more.spec },
    status: {
      phase: 'Running',
      podIP: ip,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...more.status,
    },
  };
}

/** 'ready,ready!notReady@port' of each subset. */
function told(subsets: readonly EndpointSubset[]): string[] {
  const ips = (addresses: { ip: string }[] = []): string => addresses.map(({ ip }) => ip).join();
  return subsets.map(
    ({ addresses, notReadyAddresses, ports = [] }) =>
      `${ips(addresses)}!${ips(notReadyAddresses)}@${ports.map(({ name = '', port }) => `${name}${port}`)}`,
  );
}

const cases: { name: string; of?: Service; pods: Pod[]; to: string[] }[] = [
  {
    name: 'in the order of addresses, ready and not',
    pods: [pod('b', '1.1.1.2'), pod('c', '1.1.1.3', false), pod('a', '1.1.1.1')],
    to: ['1.1.1.1,1.1.1.2!1.1.1.3@http8080'],
  },
  { name: 'who has no address is not there', pods: [pod('a', '')], to: [] },
  { name: 'who is over is not there', pods: [pod('a', '1.1.1.1', true, { status: { phase: 'Failed' } })], to: [] },
  {
    name: 'who goes is not there',
    pods: [pod('a', '1.1.1.1', true, { metadata: { deletionTimestamp: 'x' } })],
    to: [],
  },
  {
    name: 'a Service may publish who is not ready',
    of: service({ publishNotReadyAddresses: true }),
    pods: [pod('a', '1.1.1.1', false)],
    to: ['1.1.1.1!@http8080'],
  },
  {
    name: 'pods with other numbers for a named port are apart',
    of: service({ ports: [{ port: 80, targetPort: 'web' }] }),
    pods: [
      pod('a', '1.1.1.1'),
      pod('b', '1.1.1.2', true, { spec: { containers: [{ name: 'c', ports: [{ name: 'web', containerPort: 10 }] }] } }),
    ],
    to: ['1.1.1.2!@10', '1.1.1.1!@9'],
  },
  {
    name: 'who lacks the named port is not there',
    of: service({ ports: [{ port: 80, targetPort: 'none' }] }),
    pods: [pod('a', '1.1.1.1')],
    to: [],
  },
  {
    name: 'a headless Service needs no ports',
    of: service({ clusterIP: 'None', ports: [] }),
    pods: [pod('a', '1.1.1.1')],
    to: ['1.1.1.1!@'],
  },
];
for (const { name, of = service(), pods, to } of cases) {
  test(`subsets: ${name}`, () => assert.equal(told(subsetsOf(of, pods).subsets), to));
}

test('subsets: beyond a thousand those that are not ready are left out first', () => {
  const pods = Array.from({ length: ADDRESS_LIMIT + 1 }, (_, i) => pod(`p${i}`, `1.1.${i >> 8}.${i & 255}`, i > 1));
  const { subsets, isCut } = subsetsOf(service(), pods);
  assert.is(isCut, true);
  assert.equal([subsets[0].addresses?.length, subsets[0].notReadyAddresses?.length], [ADDRESS_LIMIT - 1, 1]);
  assert.is(subsetsOf(service(), pods.slice(1)).isCut, false);
});

const at = { nowMs: 0 };

test('Endpoints are made with the labels of the Service, and written only when they change', () => {
  const controller = endpointsController();
  const cache = cacheOf([
    [SERVICES, service()],
    [PODS, pod('a', '1.1.1.1')],
  ]);
  const [write] = lookAgain(controller, 'x/s', cache, at).writes;
  const made = (write as { object: Endpoints }).object;
  assert.is(write.type, 'create');
  assert.equal(made.metadata.labels, { l: '1', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' });
  cache.of(ENDPOINTS).set('x/s', made);
  assert.equal(lookAgain(controller, 'x/s', cache, at).writes, []);
  cache.of(SERVICES).delete('x/s');
  assert.is(lookAgain(controller, 'x/s', cache, at).writes[0].type, 'delete');
});

const hands: [name: string, service: Service][] = [
  ['without a selector', service({ selector: undefined })],
  ['with an empty selector', service({ selector: {} })],
  ['that is a name elsewhere', service({ type: 'ExternalName' })],
];
for (const [name, of] of hands) {
  test(`a Service ${name} is its user's`, () => {
    assert.equal(look(endpointsController(), 'x/s', [[SERVICES, of]], at).writes, []);
    assert.equal(look(endpointSliceController(), 'x/s', [[SERVICES, of]], at).writes, []);
  });
}

test('a Service is looked at when a pod changes that it selects, or selected', () => {
  const controller = endpointSliceController();
  const cache = cacheOf([[SERVICES, service()]]);
  const before = pod('a', '1.1.1.1');
  const keys = (now: Pod, old?: Pod): string[] => [...tell(controller, [[PODS, now]], cache, old)];
  assert.equal(keys(before), ['x/s']);
  assert.equal(keys(pod('a', '1.1.1.1', false), before), ['x/s'], 'not ready any more');
  assert.equal(keys(pod('a', '1.1.1.1', true, { metadata: { labels: {} } }), before), ['x/s'], 'not selected any more');
  assert.equal(
    keys(pod('a', '1.1.1.1', true, { metadata: { annotations: { a: 'b' } } }), before),
    [],
    'nothing that shows',
  );
  assert.equal(keys(pod('a', '1.1.1.1', true, { metadata: { labels: { app: 'b' } } })), []);
});

test('a pod on a node that is not known waits for it', () => {
  const controller = endpointSliceController();
  const cache = cacheOf([
    [SERVICES, service()],
    [PODS, pod('a', '1.1.1.1')],
  ]);
  lookAgain(controller, 'x/s', cache, at);
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } as Node as KubeObject;
  assert.equal([...tell(controller, [[NODES, node]], cache)], ['x/s']);
});

test('slices that cannot be written are tried again, and the Service says so', () => {
  const seen = [[SERVICES, service()] as const];
  const looked = look(endpointSliceController(), 'x/s', seen, { nowMs: 0, refuse: () => NO });
  assert.equal([looked.events, looked.refused?.code], [['FailedToUpdateEndpointSlices'], 403]);
});

const byHand = (more: object = {}, subsets: EndpointSubset[] = []): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 's', namespace: 'x', uid: 'e', ...more },
    subsets,
  }) as KubeObject;
const unselected = service({ selector: undefined });
const HAND_SUBSETS: EndpointSubset[] = [
  {
    addresses: [{ ip: '10.1.2.3' }, { ip: 'fd00::1' }],
    notReadyAddresses: [{ ip: '10.1.2.4' }],
    ports: [{ port: 80 }],
  },
];

/** 'name 10.1.2.3 !10.1.2.4' of each slice that is made. */
function mirrored(endpoints: KubeObject, of: Service): string[] {
  const { writes } = look(
    endpointSliceMirroringController(),
    'x/s',
    [
      [SERVICES, of],
      [ENDPOINTS, endpoints],
    ],
    { nowMs: 0 },
  );
  return writes.map((write) => {
    if (write.type !== 'create') return write.type;
    const { metadata, endpoints: found } = write.object as EndpointSlice;
    const ips = found.map(({ addresses, conditions }) => `${conditions?.ready ? '' : '!'}${addresses[0]}`);
    return `${metadata.name} ${ips.join(' ')}`;
  });
}

for (const { name, of = unselected, more = {}, to } of [
  {
    name: 'a slice for each family, ready and not',
    to: ['s-mirror-0-ipv4 10.1.2.3 !10.1.2.4', 's-mirror-0-ipv6 fd00::1'],
  },
  { name: 'not of a Service with a selector', of: service(), to: [] },
  { name: 'not where that is asked', more: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, to: [] },
  { name: 'not of a leader', more: { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }, to: [] },
]) {
  test(`mirroring: ${name}`, () => assert.equal(mirrored(byHand(more, HAND_SUBSETS), of), to));
}

test('mirroring: what changes is written, what is as it should be is left, and all goes with the Endpoints', () => {
  const controller = endpointSliceMirroringController();
  const cache = cacheOf([
    [SERVICES, unselected],
    [ENDPOINTS, byHand({}, HAND_SUBSETS)],
  ]);
  for (const write of lookAgain(controller, 'x/s', cache, { nowMs: 0 }).writes) {
    if (write.type === 'create') cache.of(ENDPOINT_SLICES).set(`x/${write.object.metadata.name}`, write.object);
  }
  assert.equal(lookAgain(controller, 'x/s', cache, { nowMs: 0 }).writes, []);
  const types = (): string[] => lookAgain(controller, 'x/s', cache, { nowMs: 0 }).writes.map(({ type }) => type);
  cache.of(ENDPOINTS).set('x/s', byHand({}, [{ ...HAND_SUBSETS[0], ports: [{ port: 81 }] }]));
  assert.equal(types(), ['update', 'update']);
  cache.of(ENDPOINTS).delete('x/s');
  assert.equal(types(), ['delete', 'delete']);
});

test.run();
