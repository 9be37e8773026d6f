import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { carryOver } from '../../../../core/balancer/addresses/carry-over.ts';
import { type AllocatorOptions, ServiceAllocator } from '../../../../core/balancer/addresses/service-allocator.ts';
import { ApiError } from '../../../../core/errors.ts';
import type { Service, ServicePort, ServiceSpec } from '../../../../core/objects/types.ts';
import { Random } from '../../../../core/random.ts';
import { serviceOf } from '../../../support/services.ts';

const allocator = (options: Partial<AllocatorOptions> = {}): ServiceAllocator =>
  new ServiceAllocator({ serviceCidrs: ['10.96.0.0/24'], random: new Random(5), ...options });
const DUAL = { serviceCidrs: ['10.96.0.0/24', 'fd00::/112'] };
const fresh = (name: string, spec: ServiceSpec = {}): Service => serviceOf(name, { clusterIP: undefined, ...spec });
const complaints = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};
const nodePorts = ({ spec }: Service): (number | undefined)[] => (spec?.ports ?? []).map(({ nodePort }) => nodePort);

test('addresses: an unasked one is from the upper band, and released with its Service', () => {
  const addresses = allocator();
  const { spec } = addresses.assign(fresh('web'));
  assert.ok(Number(spec?.clusterIP?.split('.')[3]) >= 17);
  assert.equal(
    [spec?.clusterIPs, spec?.ipFamilies, spec?.ipFamilyPolicy],
    [[spec?.clusterIP], ['IPv4'], 'SingleStack'],
  );
  assert.is(addresses.ownerOfAddress(spec?.clusterIP ?? ''), 'default/web');
  addresses.release(fresh('web'));
  assert.is(addresses.ownerOfAddress(spec?.clusterIP ?? ''), undefined);
});

test('addresses: equal seeds give equal addresses', () => {
  const first = allocator({ random: new Random(9) }).assign(fresh('web', { type: 'NodePort' }));
  assert.equal(allocator({ random: new Random(9) }).assign(fresh('web', { type: 'NodePort' })), first);
});

test('addresses: one that is asked for, and asked for twice', () => {
  const addresses = allocator();
  assert.is(addresses.assign(fresh('web', { clusterIP: '10.96.0.5' })).spec?.clusterIP, '10.96.0.5');
  const again = (): unknown => addresses.assign(fresh('db', { clusterIP: '10.96.0.5' }));
  assert.equal(complaints(again), ['spec.clusterIPs[0]: 10.96.0.5 is already allocated to default/web']);
});

test("addresses: the first is the API server's own", () => {
  const addresses = allocator();
  const taken = (name: string): string[] => complaints(() => addresses.assign(fresh(name, { clusterIP: '10.96.0.1' })));
  assert.equal(taken('web'), ['spec.clusterIPs[0]: 10.96.0.1 is already allocated to default/kubernetes']);
  assert.equal(taken('kubernetes'), []);
  addresses.release(fresh('kubernetes'));
  assert.is(addresses.ownerOfAddress('10.96.0.1'), 'default/kubernetes');
});

const unusable: { name: string; spec: ServiceSpec; problems: string[] }[] = [
  {
    name: 'outside the range',
    spec: { clusterIP: '10.97.0.1' },
    problems: ['spec.clusterIPs[0]: 10.97.0.1 is not in the range 10.96.0.0/24'],
  },
  {
    name: "the network's own",
    spec: { clusterIP: '10.96.0.0' },
    problems: ['spec.clusterIPs[0]: 10.96.0.0 is not in the range 10.96.0.0/24'],
  },
  {
    name: 'of a family the cluster lacks',
    spec: { clusterIP: 'fd00::1' },
    problems: ['spec.clusterIPs[0]: the cluster has no IPv6 addresses'],
  },
  {
    name: 'two families where there is one',
    spec: { ipFamilyPolicy: 'RequireDualStack' },
    problems: ['spec.ipFamilyPolicy: the cluster has one address family only'],
  },
  {
    name: 'a family that is not there',
    spec: { ipFamilies: ['IPv6'] },
    problems: ['spec.ipFamilies[0]: the cluster has no IPv6 addresses'],
  },
  {
    name: 'everything at once',
    spec: {
      type: 'NodePort',
      clusterIP: '10.97.0.1',
      ports: [
        { name: 'a', port: 80, nodePort: 80 },
        { name: 'b', port: 81, nodePort: 40_000 },
      ],
    },
    problems: [
      'spec.clusterIPs[0]: 10.97.0.1 is not in the range 10.96.0.0/24',
      'spec.ports[0].nodePort: 80 is not in the range 30000-32767',
      'spec.ports[1].nodePort: 40000 is not in the range 30000-32767',
    ],
  },
];
for (const { name, spec, problems } of unusable) {
  test(`addresses refused: ${name}`, () => {
    assert.equal(
      complaints(() => allocator().assign(fresh('web', spec))),
      problems,
    );
  });
}

test('addresses: neither an ExternalName nor a headless Service has one', () => {
  const addresses = allocator();
  const external = addresses.assign(fresh('db', { type: 'ExternalName', externalName: 'db.example.com' })).spec;
  assert.equal([external?.clusterIP, external?.clusterIPs, external?.ipFamilies], [undefined, undefined, undefined]);
  const headless = addresses.assign(fresh('web', { clusterIP: 'None' })).spec;
  assert.equal(
    [headless?.clusterIPs, headless?.ipFamilies, headless?.ipFamilyPolicy],
    [['None'], ['IPv4'], 'SingleStack'],
  );
});

test('addresses: a headless Service without a selector has both families wherever', () => {
  const { spec } = allocator().assign(fresh('web', { clusterIP: 'None', selector: undefined }));
  assert.equal([spec?.ipFamilies, spec?.ipFamilyPolicy], [['IPv4', 'IPv6'], 'RequireDualStack']);
});

test('addresses: a full range says so, and nothing else was taken', () => {
  const addresses = allocator({ serviceCidrs: ['10.96.0.0/30'], nodePorts: '30000-30001' });
  addresses.assign(fresh('a', { type: 'NodePort' }));
  assert.equal(
    complaints(() => addresses.assign(fresh('b', { type: 'NodePort' }))),
    ['spec.clusterIPs[0]: the range 10.96.0.0/30 is full: all its 2 addresses are allocated'],
  );
  assert.equal([30_000, 30_001].map((port) => addresses.ownerOfNodePort(port)).filter(Boolean), ['default/a']);
  addresses.release(fresh('a'));
  assert.equal(
    complaints(() => addresses.assign(fresh('b', { type: 'NodePort' }))),
    [],
  );
});

test('addresses: two families', () => {
  const addresses = allocator(DUAL);
  const policies = ['SingleStack', 'PreferDualStack', 'RequireDualStack'];
  const families = policies.map(
    (ipFamilyPolicy, i) => addresses.assign(fresh(`w${i}`, { ipFamilyPolicy })).spec?.ipFamilies,
  );
  assert.equal(families, [['IPv4'], ['IPv4', 'IPv6'], ['IPv4', 'IPv6']]);
  const other = addresses.assign(fresh('v6', { ipFamilies: ['IPv6'], ipFamilyPolicy: 'PreferDualStack' })).spec;
  assert.equal(other?.ipFamilies, ['IPv6', 'IPv4']);
  assert.match(other?.clusterIP ?? '', /^fd00::/);
  assert.is(other?.clusterIPs?.length, 2);
});

// --- node ports ------------------------------------------------------------------------------------------------------

const both: ServicePort[] = [
  { name: 'tcp', port: 53, protocol: 'TCP' },
  { name: 'udp', port: 53, protocol: 'UDP' },
];

test('node ports: TCP and UDP of one port share a number', () => {
  const [tcp, udp] = nodePorts(allocator().assign(fresh('dns', { type: 'NodePort', ports: both })));
  assert.ok(tcp && tcp >= 30_086);
  assert.is(udp, tcp);
});

test('node ports: one that is named for UDP holds for TCP too', () => {
  const ports = [both[0], { ...both[1], nodePort: 30_053 }];
  assert.equal(nodePorts(allocator().assign(fresh('dns', { type: 'NodePort', ports }))), [30_053, 30_053]);
});

test('node ports: different ports have different numbers, and a Service keeps others off its number', () => {
  const addresses = allocator();
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81, nodePort: 30_001 },
  ];
  const numbers = nodePorts(addresses.assign(fresh('web', { type: 'LoadBalancer', ports })));
  assert.is(new Set(numbers).size, 2);
  const udp = fresh('udp', { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30_001 }] });
  assert.equal(
    complaints(() => addresses.assign(udp)),
    ['spec.ports[0].nodePort: 30001 is already allocated to default/web'],
  );
});

test('node ports: a load balancer without them gets none, but those it names', () => {
  const spec = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false };
  assert.equal(nodePorts(allocator().assign(fresh('web', spec))), [undefined]);
  const named = { ...spec, ports: [{ port: 80, nodePort: 30_001 }] };
  assert.equal(nodePorts(allocator().assign(fresh('web', named))), [30_001]);
});

test('node ports: a health check has its own, which is none of the ports', () => {
  const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
  const addresses = allocator({ nodePorts: '30000-30001' });
  const web = addresses.assign(fresh('web', spec));
  assert.equal([...nodePorts(web), web.spec?.healthCheckNodePort].sort(), [30_000, 30_001]);
  assert.is(addresses.ownerOfNodePort(web.spec?.healthCheckNodePort ?? 0), 'the health check of default/web');
  const same = { ...spec, ports: [{ port: 80, nodePort: 30_009 }], healthCheckNodePort: 30_009 };
  assert.equal(
    complaints(() => allocator().assign(fresh('web', same))),
    ['spec.healthCheckNodePort: 30009 is already allocated to default/web'],
  );
});

// --- updates ---------------------------------------------------------------------------------------------------------

test('updates: what is left out stays, what is no longer needed goes', () => {
  const addresses = allocator();
  const before = addresses.assign(fresh('web', { type: 'NodePort' }));
  const [port] = nodePorts(before);
  const same = addresses.assign(fresh('web', { type: 'NodePort' }), before);
  assert.equal([same.spec?.clusterIPs, nodePorts(same)], [before.spec?.clusterIPs, [port]]);
  const inside = addresses.assign({ ...same, spec: { ...same.spec, type: 'ClusterIP' } }, same);
  assert.equal([inside.spec?.clusterIP, nodePorts(inside)], [before.spec?.clusterIP, [undefined]]);
  assert.is(addresses.ownerOfNodePort(port ?? 0), undefined);
  const name = { type: 'ExternalName', externalName: 'db.example.com', ports: [] };
  const outside = addresses.assign({ ...inside, spec: { ...inside.spec, ...name } }, inside);
  assert.equal(
    [outside.spec?.clusterIP, outside.spec?.clusterIPs, outside.spec?.ipFamilies],
    [undefined, undefined, undefined],
  );
  assert.is(addresses.ownerOfAddress(before.spec?.clusterIP ?? ''), undefined);
  const back = addresses.assign(fresh('web', { type: 'NodePort' }), outside);
  assert.ok(back.spec?.clusterIP && nodePorts(back)[0]);
});

test('updates: a number that moves to another port of the Service is not kept for the first', () => {
  const addresses = allocator();
  const a = { name: 'a', port: 80 };
  const b = { name: 'b', port: 81 };
  const before = addresses.assign(fresh('web', { type: 'NodePort', ports: [{ ...a, nodePort: 30_001 }] }));
  const after = addresses.assign(fresh('web', { type: 'NodePort', ports: [a, { ...b, nodePort: 30_001 }] }), before);
  const [first, second] = nodePorts(after);
  assert.is(second, 30_001);
  assert.ok(first && first !== second);
});

test('updates: an address is for life, and a refusal changes nothing', () => {
  const addresses = allocator();
  const before = addresses.assign(fresh('web', { clusterIP: '10.96.0.9' }));
  for (const clusterIP of ['10.96.0.10', 'None']) {
    assert.equal(
      complaints(() => addresses.assign(fresh('web', { clusterIP }), before)),
      [`spec.clusterIP: cannot change from 10.96.0.9 to ${clusterIP}`],
    );
  }
  assert.is(addresses.ownerOfAddress('10.96.0.9'), 'default/web');
  assert.is(addresses.ownerOfAddress('10.96.0.10'), undefined);
});

test('updates: a second family comes and goes by policy only', () => {
  const addresses = allocator(DUAL);
  const one = addresses.assign(fresh('web'));
  const two = addresses.assign({ ...one, spec: { ...one.spec, ipFamilyPolicy: 'RequireDualStack' } }, one);
  assert.equal([two.spec?.clusterIPs?.[0], two.spec?.clusterIPs?.length], [one.spec?.clusterIP, 2]);
  const shorter = { ...two, spec: { ...two.spec, clusterIPs: two.spec?.clusterIPs?.slice(0, 1) } };
  assert.equal(
    complaints(() => addresses.assign(shorter, two)),
    ["spec.clusterIPs: only ipFamilyPolicy 'SingleStack' releases the second"],
  );
  const back = addresses.assign({ ...two, spec: { ...two.spec, ipFamilyPolicy: 'SingleStack' } }, two);
  assert.equal([back.spec?.clusterIPs, back.spec?.ipFamilies], [one.spec?.clusterIPs, ['IPv4']]);
  assert.is(addresses.ownerOfAddress(two.spec?.clusterIPs?.[1] ?? ''), undefined);
});

test('updates: a Service that prefers two families stays with one when the cluster gains the other', () => {
  const before = allocator().assign(fresh('web', { ipFamilyPolicy: 'PreferDualStack' }));
  const later = allocator(DUAL);
  assert.equal(later.restore([before]), []);
  assert.equal(later.assign(before, before).spec?.ipFamilies, ['IPv4']);
});

// --- restoring -------------------------------------------------------------------------------------------------------

test('restoring: the first keeps a number, and every conflict is told', () => {
  const services = [
    serviceOf('a', { clusterIP: '10.96.0.5', type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] }),
    serviceOf('b', { clusterIP: '10.96.0.5', type: 'NodePort', ports: [{ port: 80, nodePort: 30_001 }] }),
    serviceOf('c', { clusterIP: '10.97.0.5' }),
    serviceOf('d', { clusterIP: 'None' }),
    serviceOf('e', { type: 'ExternalName', externalName: 'x' }),
  ];
  const addresses = allocator();
  const problems = addresses.restore(services).map(({ object, path, message }) => `${object}: ${path}: ${message}`);
  assert.equal(problems, [
    'service default/b: spec.clusterIPs[0]: 10.96.0.5 is already allocated to default/a',
    'service default/b: spec.ports[0].nodePort: 30001 is already allocated to default/a',
    'service default/c: spec.clusterIPs[0]: 10.97.0.5 is not in the range 10.96.0.0/24',
  ]);
  assert.is(addresses.ownerOfAddress('10.96.0.5'), 'default/a');
});

test('ranges that are wrong are refused all at once', () => {
  const problems = complaints(() => allocator({ serviceCidrs: ['x', '10.0.0.0/24', '10.1.0.0/24'], nodePorts: 'y' }));
  assert.equal(problems, [
    "serviceCidrs[0]: 'x' is not a network, like 10.96.0.0/16",
    'serviceCidrs[2]: a second IPv4 range',
    "nodePorts: 'y' is not a range of ports, like 30000-32767",
  ]);
  assert.equal(
    complaints(() => allocator({ serviceCidrs: [] })),
    ['serviceCidrs: must not be empty'],
  );
});

for (const { name, from, to, keeps = [], drops } of [
  {
    name: 'a node port becomes a cluster address',
    from: { type: 'NodePort', externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster' },
    to: { type: 'ClusterIP' },
    keeps: ['internalTrafficPolicy', 'clusterIP'],
    drops: ['externalTrafficPolicy'],
  },
  {
    name: 'a load balancer becomes a name elsewhere',
    from: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    },
    to: { type: 'ExternalName', externalName: 'example.com' },
    drops: [
      'externalTrafficPolicy',
      'internalTrafficPolicy',
      'allocateLoadBalancerNodePorts',
      'clusterIP',
      'clusterIPs',
    ],
  },
  {
    name: 'what is asked for anew is not dropped in silence',
    from: { type: 'NodePort', externalTrafficPolicy: 'Cluster' },
    to: { type: 'ClusterIP', externalTrafficPolicy: 'Local' },
    keeps: ['externalTrafficPolicy'],
    drops: [],
  },
] as { name: string; from: ServiceSpec; to: ServiceSpec; keeps?: string[]; drops: string[] }[]) {
  test(`type changes: ${name}`, () => {
    const of = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });
    const previous = of({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ...from });
    const { spec = {} } = carryOver(of({ ...previous.spec, ...to }), previous);
    assert.equal([...keeps, ...drops].filter((field) => Object.hasOwn(spec, field)).sort(), [...keeps].sort());
  });
}

test.run();
