/** EndpointSlices as the controller makes them: what is in them, and what is written on a change. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EndpointOptions, type EndpointPlan, planEndpoints } from '../../../../core/balancer/endpoints/plan.ts';
import type { EndpointSlice, Pod, Service, ServiceSpec } from '../../../../core/objects/types.ts';
import { backend, nodeOf, serviceOf, sliceOf } from '../../../support/services.ts';

const plan = (
  service: Service,
  pods: Pod[],
  existing: readonly EndpointSlice[] = [],
  options?: EndpointOptions,
): EndpointPlan => planEndpoints(service, pods, nodeOf, existing, options);
const backends = (from: number, to: number): Pod[] => Array.from({ length: to - from }, (_, i) => backend(from + i));
const sizes = (slices: readonly EndpointSlice[]): number[] =>
  slices.map(({ endpoints }) => endpoints.length).sort((a, b) => b - a);
const done = ({ actions }: EndpointPlan): string[] => actions.map(({ type }) => type).sort();
const only = ({ slices }: EndpointPlan): EndpointSlice => {
  assert.is(slices.length, 1);
  return slices[0];
};
const web = serviceOf('web');

// --- what is in a slice ----------------------------------------------------------------------------------------------

test('endpoints: a slice whole', () => {
  const { metadata, ...rest } = only(plan(serviceOf('web', {}, { labels: { team: 'a' } }), [backend(0, { on: 'n3' })]));
  const { name, ...meta } = metadata;
  assert.match(name, /^web-[a-z0-9]{5}$/);
  assert.equal(meta, {
    generateName: 'web-',
    namespace: 'default',
    labels: {
      team: 'a',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'uid-of-web', controller: true, blockOwnerDeletion: true },
    ],
  });
  assert.equal(rest, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { kind: 'Pod', namespace: 'default', name: 'web-0', uid: 'uid-of-default-web-0' },
        nodeName: 'n3',
        zone: 'b',
      },
    ],
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  });
});

const conditions: {
  name: string;
  pod: Pod;
  published?: true;
  is: [ready: boolean, serving: boolean, terminating: boolean];
}[] = [
  { name: 'ready', pod: backend(0), is: [true, true, false] },
  { name: 'not ready', pod: backend(0, { ready: false }), is: [false, false, false] },
  { name: 'leaving and still serving', pod: backend(0, { terminating: true }), is: [false, true, true] },
  {
    name: 'leaving and no longer serving',
    pod: backend(0, { terminating: true, ready: false }),
    is: [false, false, true],
  },
  { name: 'not ready but published', pod: backend(0, { ready: false }), published: true, is: [true, false, false] },
  { name: 'leaving but published', pod: backend(0, { terminating: true }), published: true, is: [true, true, true] },
];
for (const { name, pod, published, is } of conditions) {
  test(`endpoints: a pod that is ${name}`, () => {
    const service = serviceOf('web', { publishNotReadyAddresses: published });
    const [ready, serving, terminating] = is;
    assert.equal(only(plan(service, [pod])).endpoints[0].conditions, { ready, serving, terminating });
  });
}

const leftOut: { name: string; pod: Pod }[] = [
  { name: 'that succeeded', pod: backend(0, { phase: 'Succeeded' }) },
  { name: 'that failed', pod: backend(0, { phase: 'Failed' }) },
  { name: 'without an address', pod: backend(0, { ips: [] }) },
  { name: 'with other labels', pod: backend(0, { app: 'db' }) },
  { name: 'in another namespace', pod: backend(0, { namespace: 'other' }) },
  { name: 'with an address of the other family only', pod: backend(0, { ips: ['fd00::1'] }) },
];
for (const { name, pod } of leftOut) {
  test(`endpoints: a pod ${name} is left out, and the slice stays empty`, () => {
    const slice = only(plan(web, [pod]));
    assert.equal(slice.endpoints, []);
    assert.equal(slice.ports, []);
  });
}

test('endpoints: a pod on a node that is unknown waits, unless unready ones are published', () => {
  const lost = backend(0, { on: 'n9' });
  const { slices, waiting } = plan(web, [lost, backend(1)]);
  assert.equal(sizes(slices), [1]);
  assert.equal(waiting, [lost]);
  assert.equal(sizes(plan(serviceOf('web', { publishNotReadyAddresses: true }), [lost]).slices), [1]);
});

test('endpoints: a hostname for a pod of the subdomain', () => {
  const pod = backend(0, { spec: { hostname: 'zero', subdomain: 'web' } });
  assert.is(only(plan(web, [pod])).endpoints[0].hostname, 'zero');
  const other = backend(0, { spec: { hostname: 'zero', subdomain: 'db' } });
  assert.is(only(plan(web, [other])).endpoints[0].hostname, undefined);
});

test('endpoints: only podIP is known', () => {
  const pod = backend(0);
  pod.status = { ...pod.status, podIPs: undefined };
  assert.equal(only(plan(web, [pod])).endpoints[0].addresses, ['10.0.0.1']);
});

// --- ports -----------------------------------------------------------------------------------------------------------

const listening = (
  n: number,
  port: number,
  where: 'containers' | 'initContainers' = 'containers',
  always = true,
): Pod => {
  const container = { name: 'c', ports: [{ name: 'http', containerPort: port }] };
  const main = [{ name: 'main' }];
  const spec =
    where === 'containers'
      ? { containers: [container] }
      : { containers: main, initContainers: [{ ...container, ...(always && { restartPolicy: 'Always' }) }] };
  return backend(n, { spec });
};

test('endpoints: a named port that differs from pod to pod makes a slice for each number', () => {
  const service = serviceOf('web', { ports: [{ port: 80, targetPort: 'http' }] });
  const { slices } = plan(service, [listening(0, 8080), listening(1, 8081), listening(2, 8080)]);
  const ports = slices.map(({ ports, endpoints }) => [ports?.[0].port, endpoints.length]);
  assert.equal(ports.sort(), [
    [8080, 2],
    [8081, 1],
  ]);
});

test('endpoints: a named port of a sidecar counts, of another init container not', () => {
  const service = serviceOf('web', { ports: [{ port: 80, targetPort: 'http' }] });
  assert.is(only(plan(service, [listening(0, 9000, 'initContainers')])).ports?.[0].port, 9000);
  const without = only(plan(service, [listening(0, 9000, 'initContainers', false)]));
  assert.equal([without.ports, without.endpoints.length], [[], 1]);
});

test('endpoints: one slice for all ports of a Service', () => {
  const service = serviceOf('web', {
    ports: [
      { name: 'http', port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/h2c' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  });
  assert.equal(only(plan(service, [backend(0)])).ports, [
    { name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ]);
});

// --- kinds of Services -----------------------------------------------------------------------------------------------

test('endpoints: two families, two slices', () => {
  const service = serviceOf('web', { ipFamilies: ['IPv6', 'IPv4'] });
  const { slices } = plan(service, [backend(0, { ips: ['10.0.0.1', 'FD00:0::1'] })]);
  assert.equal(
    slices.map(({ addressType, endpoints }) => [addressType, endpoints[0].addresses]),
    [
      ['IPv6', ['fd00::1']],
      ['IPv4', ['10.0.0.1']],
    ],
  );
});

test('endpoints: a family taken away takes its slices along', () => {
  const pods = [backend(0, { ips: ['10.0.0.1', 'fd00::1'] })];
  const both = plan(serviceOf('web', { ipFamilies: ['IPv4', 'IPv6'] }), pods);
  const one = plan(serviceOf('web', { ipFamilies: ['IPv4'] }), pods, both.slices);
  assert.equal(done(one), ['delete']);
  assert.is(only(one).addressType, 'IPv4');
});

test('endpoints: without families the address tells which, and a headless Service has both', () => {
  const families = (spec: ServiceSpec): string[] =>
    plan(serviceOf('web', spec), []).slices.map((slice) => slice.addressType);
  assert.equal(families({ clusterIP: 'fd00::10' }), ['IPv6']);
  assert.equal(families({ clusterIP: 'None' }), ['IPv4', 'IPv6']);
});

test('endpoints: a headless Service is labelled, and may have no ports', () => {
  const slice = only(plan(serviceOf('web', { clusterIP: 'None', ipFamilies: ['IPv4'], ports: [] }), [backend(0)]));
  assert.is(slice.metadata.labels?.['service.kubernetes.io/headless'], '');
  assert.equal([slice.ports, slice.endpoints.length], [[], 1]);
});

test('endpoints: nothing is made without a selector or for an ExternalName, and nothing is touched', () => {
  const mine = sliceOf('web', 'mine', [{ addresses: ['192.0.2.1'] }]);
  for (const spec of [{ selector: undefined }, { selector: {} }, { type: 'ExternalName', externalName: 'db' }]) {
    const { actions, slices } = plan(serviceOf('web', spec), [backend(0)], [mine]);
    assert.equal([actions, slices], [[], []]);
  }
});

test("endpoints: slices of the user beside the controller's are left alone", () => {
  const mine = sliceOf('web', 'mine', [{ addresses: ['192.0.2.1'] }]);
  assert.equal(done(plan(web, [backend(0)], [mine])), ['create']);
});

// --- hints -----------------------------------------------------------------------------------------------------------

const zoneA = { forZones: [{ name: 'a' }] };
const hints: { name: string; distribution?: string; annotation?: string; on: string; ready?: false; is: unknown }[] = [
  { name: 'PreferClose names the zone', distribution: 'PreferClose', on: 'n1', is: zoneA },
  { name: 'PreferSameZone names the zone', distribution: 'PreferSameZone', on: 'n1', is: zoneA },
  {
    name: 'PreferSameNode names both',
    distribution: 'PreferSameNode',
    on: 'n1',
    is: { ...zoneA, forNodes: [{ name: 'n1' }] },
  },
  { name: 'a node without a zone', distribution: 'PreferSameZone', on: 'n4', is: undefined },
  { name: 'its name alone', distribution: 'PreferSameNode', on: 'n4', is: { forNodes: [{ name: 'n4' }] } },
  { name: 'none for the unready', distribution: 'PreferClose', on: 'n1', ready: false, is: undefined },
  { name: 'none unless asked for', on: 'n1', is: undefined },
  {
    name: 'the annotation wins over the field',
    distribution: 'PreferClose',
    annotation: 'Auto',
    on: 'n1',
    is: undefined,
  },
  { name: 'a disabled annotation does not', distribution: 'PreferClose', annotation: 'Disabled', on: 'n1', is: zoneA },
];
for (const { name, distribution: trafficDistribution, annotation, on, ready, is } of hints) {
  test(`endpoints, hints: ${name}`, () => {
    const annotations: Record<string, string> = annotation ? { 'service.kubernetes.io/topology-mode': annotation } : {};
    const service = serviceOf('web', { trafficDistribution }, { annotations });
    assert.equal(only(plan(service, [backend(0, { on, ready })])).endpoints[0].hints, is);
  });
}

test('endpoints, hints: asked for later, and taken back', () => {
  const pods = backends(0, 3);
  const plain = plan(web, pods);
  const close = serviceOf('web', { trafficDistribution: 'PreferClose' });
  const hinted = plan(close, pods, plain.slices);
  assert.equal(done(hinted), ['update']);
  assert.equal(only(hinted).endpoints[2].hints, zoneA);
  assert.equal(done(plan(close, pods, hinted.slices)), []);
  const back = plan(web, pods, hinted.slices);
  assert.equal(done(back), ['update']);
  assert.is(only(back).endpoints[2].hints, undefined);
});

// --- few writes ------------------------------------------------------------------------------------------------------

test('endpoints, writes: 250 pods make slices of 100, 100 and 50', () => {
  const made = plan(web, backends(0, 250));
  assert.equal(sizes(made.slices), [100, 100, 50]);
  assert.equal(done(made), ['create', 'create', 'create']);
  assert.equal(done(plan(web, backends(0, 250), made.slices)), []);
});

const changes: { name: string; before: number; now: Pod[]; max?: number; does: string[]; sizes: number[] }[] = [
  {
    name: 'one more fits a slice with room',
    before: 250,
    now: backends(0, 251),
    does: ['update'],
    sizes: [100, 100, 51],
  },
  { name: 'one more than full', before: 200, now: backends(0, 201), does: ['create'], sizes: [100, 100, 1] },
  { name: 'one less', before: 250, now: backends(1, 250), does: ['update'], sizes: [100, 99, 50] },
  {
    name: 'one for another: the slice that lost one is filled, though a third has room',
    before: 250,
    now: backends(1, 251),
    does: ['update'],
    sizes: [100, 100, 50],
  },
  {
    name: 'one that only changed is changed where it is',
    before: 250,
    now: [backend(0, { ready: false }), ...backends(1, 250)],
    does: ['update'],
    sizes: [100, 100, 50],
  },
  {
    name: 'untouched slices are not packed closer',
    before: 300,
    now: [...backends(0, 1), ...backends(100, 101), ...backends(200, 300)],
    does: ['update', 'update'],
    sizes: [100, 1, 1],
  },
  {
    name: '60 more do not fit into 50 and are not split',
    before: 250,
    now: backends(0, 310),
    does: ['create'],
    sizes: [100, 100, 60, 50],
  },
  {
    name: '120 more fill a new one and then the one with room',
    before: 250,
    now: backends(0, 370),
    does: ['create', 'update'],
    sizes: [100, 100, 100, 70],
  },
  {
    name: 'all gone: one slice is emptied, the others go',
    before: 250,
    now: [],
    does: ['delete', 'delete', 'update'],
    sizes: [0],
  },
  {
    name: 'all replaced: every slice is written once',
    before: 250,
    now: backends(1000, 1250),
    does: ['update', 'update', 'update'],
    sizes: [100, 100, 50],
  },
  { name: 'slices of two', before: 4, now: backends(0, 5), max: 2, does: ['create'], sizes: [2, 2, 1] },
];
for (const { name, before, now, max, does, sizes: expected } of changes) {
  test(`endpoints, writes: ${name}`, () => {
    const options = { maxEndpointsPerSlice: max };
    const changed = plan(web, now, plan(web, backends(0, before), [], options).slices, options);
    assert.equal(done(changed), does);
    assert.equal(sizes(changed.slices), expected);
  });
}

test('endpoints, writes: the first pod takes over the empty slice, name and all', () => {
  const empty = only(plan(web, []));
  const stored = { ...empty, metadata: { ...empty.metadata, uid: 'u', resourceVersion: '7' } };
  const first = plan(web, [backend(0)], [stored]);
  assert.equal(done(first), ['update']);
  const { metadata, ports } = only(first);
  assert.equal([metadata.name, metadata.uid, metadata.resourceVersion], [empty.metadata.name, 'u', '7']);
  assert.is(ports?.[0].port, 80);
  assert.equal(done(plan(web, [], [stored])), []);
});

test('endpoints, writes: labels of the Service are copied, reserved ones not', () => {
  const made = plan(web, backends(0, 3));
  const labelled = serviceOf('web', {}, { labels: { team: 'a', 'kubernetes.io/service-name': 'other' } });
  const changed = plan(labelled, backends(0, 3), made.slices);
  assert.equal(done(changed), ['update']);
  assert.equal(only(changed).metadata.labels, { ...made.slices[0].metadata.labels, team: 'a' });
  assert.equal(done(plan(labelled, backends(0, 3), changed.slices)), []);
});

test('endpoints, writes: a new target port rewrites the slices in place', () => {
  const made = plan(web, backends(0, 150));
  const moved = plan(serviceOf('web', { ports: [{ port: 80, targetPort: 8080 }] }), backends(0, 150), made.slices);
  assert.equal(done(moved), ['update', 'update']);
  assert.equal(
    new Set(moved.slices.map(({ metadata }) => metadata.name)),
    new Set(made.slices.map(({ metadata }) => metadata.name)),
  );
});

test('endpoints, writes: slices of an earlier Service of that name are deleted, not taken over', () => {
  const old = plan(serviceOf('web', {}, { uid: 'earlier' }), backends(0, 3));
  const made = plan(web, backends(0, 3), old.slices);
  assert.equal(done(made), ['create', 'delete']);
  assert.is.not(only(made).metadata.name, only(old).metadata.name);
});

test('endpoints, writes: a Service on its way out gets no new slice', () => {
  const leaving = serviceOf('web', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  assert.equal(plan(leaving, backends(0, 3)).actions, []);
});

test('endpoints, writes: a slice that is being deleted is not counted on', () => {
  const made = plan(web, backends(0, 3));
  const [slice] = made.slices;
  const leaving = { ...slice, metadata: { ...slice.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.equal(done(plan(web, backends(0, 3), [leaving])), ['create']);
});

test('endpoints: a slice takes 1 to 1,000', () => {
  assert.equal(sizes(plan(web, backends(0, 1001), [], { maxEndpointsPerSlice: 1000 }).slices), [1000, 1]);
  for (const maxEndpointsPerSlice of [0, 1001, 1.5]) {
    assert.throws(() => plan(web, [], [], { maxEndpointsPerSlice }), /1 to 1000 are allowed/);
  }
});

test.run();
