/**
 * Services and slices → what one node does with each connection. The scenarios are those of Cilium's load-balancing
 * scripts (pkg/loadbalancer/tests/testdata), by their names and in our words. Not among them: hostport-lb-collision,
 * as host ports of pods are the container runtime's here, not the balancer's.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Route } from '../../../core/balancer/eligibility/eligible.ts';
import type { NodePlace } from '../../../core/balancer/eligibility/slice-endpoints.ts';
import { planEndpoints } from '../../../core/balancer/endpoints/plan.ts';
import {
  admits,
  backendChanges,
  backendsName,
  type Frontend,
  type FrontendTable,
  frontendAt,
  frontendTable,
} from '../../../core/balancer/frontends.ts';
import { Picker } from '../../../core/balancer/pick/picker.ts';
import { BalancerTables } from '../../../core/balancer/tables/tables.ts';
import { formatProblem } from '../../../core/errors.ts';
import type { Endpoint, EndpointSlice, Service, ServiceSpec } from '../../../core/objects/types.ts';
import { backend, nodeOf, serviceOf, sliceOf } from '../../support/services.ts';

const HERE: NodePlace = { name: 'n1', zone: 'a' };

function words(route: Route): string {
  if (route.verdict !== 'forward') return route.verdict;
  return route.endpoints
    .map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`))
    .join(' ');
}
function line([key, { kind, fromOutside, fromNode }]: [string, Frontend]): string {
  const outside = words(fromOutside);
  const inside = words(fromNode);
  return `${kind} ${key} → ${outside === inside ? inside : `${outside} | here ${inside}`}`;
}
const lines = ({ frontends }: FrontendTable): string[] => [...frontends].map(line);

const at = (n: number, more: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [`10.0.0.${n}`],
  nodeName: 'n2',
  ...more,
});
const here = (n: number, more: Partial<Endpoint> = {}): Endpoint => at(n, { nodeName: 'n1', ...more });
const leaving = { conditions: { ready: false, serving: true, terminating: true } };
const unready = { conditions: { ready: false, serving: false, terminating: false } };
const zones = (...names: string[]): Partial<Endpoint> => ({ hints: { forZones: names.map((name) => ({ name })) } });
const nodes = (name: string, zone: string): Partial<Endpoint> => ({
  hints: { forNodes: [{ name }], forZones: [{ name: zone }] },
});
const ingress = (...ips: string[]): Service['status'] => ({
  loadBalancer: { ingress: ips.map((ip) => ({ ip, ipMode: 'VIP' })) },
});

interface Scenario {
  name: string;
  spec?: ServiceSpec;
  labels?: Record<string, string>;
  status?: Service['status'];
  slices?: EndpointSlice[];
  endpoints?: Endpoint[];
  place?: NodePlace;
  table: string[];
}
const NODE_PORT: ServiceSpec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };

const scenarios: Scenario[] = [
  {
    name: 'clusterip',
    endpoints: [at(2), here(1)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:8080'],
  },
  { name: 'clusterip without endpoints', endpoints: [], table: ['ClusterIP 10.96.0.10:80/TCP → reject'] },
  { name: 'clusterip, nobody ready', endpoints: [at(1, unready)], table: ['ClusterIP 10.96.0.10:80/TCP → reject'] },
  {
    name: 'nodeport',
    spec: NODE_PORT,
    endpoints: [at(1)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080', 'NodePort 0.0.0.0:30080/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'nodeport, policy Local with an endpoint here',
    spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' },
    endpoints: [here(1), at(2)],
    table: [
      'ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:8080',
      'NodePort 0.0.0.0:30080/TCP → 10.0.0.1:8080 | here 10.0.0.1:8080 10.0.0.2:8080',
    ],
  },
  {
    name: 'nodeport, policy Local with none here',
    spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' },
    endpoints: [at(2)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.2:8080', 'NodePort 0.0.0.0:30080/TCP → drop | here 10.0.0.2:8080'],
  },
  {
    name: 'nodeport, policy Local with none anywhere',
    spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' },
    endpoints: [],
    table: ['ClusterIP 10.96.0.10:80/TCP → reject', 'NodePort 0.0.0.0:30080/TCP → reject'],
  },
  {
    name: 'trafficpolicy, inside Local with one here',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: [here(1), at(2)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'trafficpolicy, inside Local with none here',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: [at(2)],
    table: ['ClusterIP 10.96.0.10:80/TCP → drop'],
  },
  {
    name: 'trafficpolicy, inside Local and outside Cluster',
    spec: { ...NODE_PORT, internalTrafficPolicy: 'Local' },
    endpoints: [at(2)],
    table: ['ClusterIP 10.96.0.10:80/TCP → drop', 'NodePort 0.0.0.0:30080/TCP → 10.0.0.2:8080'],
  },
  {
    name: 'dualstack: each family with its own',
    spec: { ...NODE_PORT, clusterIPs: ['10.96.0.10', 'fd00::10'], ipFamilies: ['IPv4', 'IPv6'] },
    slices: [
      sliceOf('web', 'four', [at(1)]),
      sliceOf('web', 'six', [at(1, { addresses: ['FD00:0::1'] })], { addressType: 'IPv6' }),
    ],
    table: [
      'ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080',
      'NodePort 0.0.0.0:30080/TCP → 10.0.0.1:8080',
      'ClusterIP [fd00::10]:80/TCP → [fd00::1]:8080',
      'NodePort [::]:30080/TCP → [fd00::1]:8080',
    ],
  },
  {
    name: 'dualstack: one family without endpoints',
    spec: { clusterIPs: ['10.96.0.10', 'fd00::10'] },
    endpoints: [at(1)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080', 'ClusterIP [fd00::10]:80/TCP → reject'],
  },
  {
    name: 'multiport: ports are told apart by name and protocol',
    spec: {
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53 },
      ],
    },
    slices: [
      sliceOf('web', 'one', [at(1)], {
        ports: [
          { name: 'http', port: 8080 },
          { name: 'dns', port: 5353, protocol: 'UDP' },
        ],
      }),
      sliceOf('web', 'two', [at(2)], {
        ports: [
          { name: 'http', port: 9090 },
          { name: 'dns', port: 5353, protocol: 'TCP' },
        ],
      }),
    ],
    table: [
      'ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:9090',
      'ClusterIP 10.96.0.10:53/UDP → 10.0.0.1:5353',
      'ClusterIP 10.96.0.10:53/TCP → reject',
    ],
  },
  { name: 'headless', spec: { clusterIP: 'None' }, endpoints: [at(1)], table: [] },
  { name: 'headless by label', labels: { 'service.kubernetes.io/headless': '' }, endpoints: [at(1)], table: [] },
  {
    name: "another proxy's, by label",
    labels: { 'service.kubernetes.io/service-proxy-name': 'cilium' },
    endpoints: [at(1)],
    table: [],
  },
  { name: 'ExternalName', spec: { type: 'ExternalName', externalName: 'db' }, endpoints: [at(1)], table: [] },
  {
    name: 'external-ips',
    spec: { externalIPs: ['192.0.2.7'], externalTrafficPolicy: 'Local' },
    endpoints: [here(1), at(2)],
    table: [
      'ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:8080',
      'ExternalIP 192.0.2.7:80/TCP → 10.0.0.1:8080 | here 10.0.0.1:8080 10.0.0.2:8080',
    ],
  },
  {
    name: 'loadbalancer: addresses that keep up to the node, not those of proxies or names',
    spec: { type: 'LoadBalancer' },
    status: {
      loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2', ipMode: 'Proxy' }, { hostname: 'lb' }] },
    },
    endpoints: [at(1)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080', 'LoadBalancer 192.0.2.1:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'graceful-termination: no new connections to one that leaves',
    endpoints: [at(1, leaving), at(2)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.2:8080'],
  },
  {
    name: 'graceful-termination: all leave, and those that still serve stand in',
    endpoints: [at(1, leaving), at(2, { conditions: { ready: false, serving: false, terminating: true } })],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'restore-terminating-backend: one that is ready again is used',
    endpoints: [at(1, { conditions: { ready: true, serving: true, terminating: false } }), at(2, leaving)],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'conditions that are left open count as ready',
    endpoints: [at(1, { conditions: {} }), at(2, { conditions: { ready: false, terminating: true } })],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'topology-aware: the own zone',
    endpoints: [at(1, zones('a')), at(2, zones('b'))],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'prefer-same-node',
    endpoints: [here(1, nodes('n1', 'a')), at(2, nodes('n2', 'a'))],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'prefer-same-node: none here, so the own zone',
    endpoints: [at(1, nodes('n2', 'a')), at(2, nodes('n3', 'b'))],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'prefer-same-zone-fallback: the zone is empty, so all',
    endpoints: [at(1, zones('b')), at(2, zones('c'))],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:8080'],
  },
  {
    name: 'multiple-endpointslices: joined, and each endpoint once',
    slices: [sliceOf('web', 'a', [at(1), at(2)]), sliceOf('web', 'b', [at(2), at(3)])],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080 10.0.0.2:8080 10.0.0.3:8080'],
  },
  {
    name: 'an endpoint in two slices that disagree: the one that is here counts',
    spec: { internalTrafficPolicy: 'Local' },
    slices: [sliceOf('web', 'a', [at(1)]), sliceOf('web', 'b', [here(1)])],
    table: ['ClusterIP 10.96.0.10:80/TCP → 10.0.0.1:8080'],
  },
  {
    name: 'slices of other Services, types and namespaces',
    slices: [
      sliceOf('db', 'a', [at(1)]),
      sliceOf('web', 'b', [at(2, { addresses: ['web.example.com'] })], { addressType: 'FQDN' }),
      sliceOf('web', 'c', [at(3)], {
        metadata: { name: 'c', namespace: 'other', labels: { 'kubernetes.io/service-name': 'web' } },
      }),
    ],
    table: ['ClusterIP 10.96.0.10:80/TCP → reject'],
  },
];
for (const { name, spec, labels, status, endpoints, slices, place = HERE, table } of scenarios) {
  test(`node: ${name}`, () => {
    const service = { ...serviceOf('web', spec, { labels }), ...(status && { status }) };
    const found = frontendTable([service], slices ?? [sliceOf('web', 'web-1', endpoints ?? [])], place);
    assert.equal(lines(found), table);
    assert.equal(found.problems, []);
  });
}

test('node: scale-to-zero-prune: what pods leave behind, step by step', () => {
  const service = serviceOf('web', NODE_PORT);
  const plan = (pods: ReturnType<typeof backend>[], before: readonly EndpointSlice[]) =>
    planEndpoints(service, pods, nodeOf, before).slices;
  const routes = (slices: readonly EndpointSlice[]): string[] =>
    lines(frontendTable([service], slices, HERE)).map((text) => text.split(' → ')[1]);
  const two = plan([backend(0), backend(1)], []);
  assert.equal(routes(two), ['10.0.0.1:80 10.0.0.2:80', '10.0.0.1:80 10.0.0.2:80']);
  const going = plan([backend(0, { terminating: true }), backend(1, { terminating: true, ready: false })], two);
  assert.equal(routes(going), ['10.0.0.1:80', '10.0.0.1:80']);
  const none = plan([], going);
  assert.equal(routes(none), ['reject', 'reject']);
  assert.equal(routes(plan([backend(2)], none)), ['10.0.0.3:80', '10.0.0.3:80']);
});

// --- source-ranges, affinity, node addresses -------------------------------------------------------------------------

test('node: source-ranges close the address of the load balancer, and no other', () => {
  const spec = { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }] };
  const loadBalancerSourceRanges = ['10.0.0.0/8 ', 'fd00::/8'];
  const service = { ...serviceOf('web', { ...spec, loadBalancerSourceRanges }), status: ingress('192.0.2.1') };
  const { frontends } = frontendTable([service], [], HERE);
  const allowed = (key: string, client: string): boolean => admits(frontends.get(key) as Frontend, client);
  assert.equal(
    ['10.1.2.3', '11.1.2.3', 'fd00::1', 'nobody'].map((client) => allowed('192.0.2.1:80/TCP', client)),
    [true, false, false, false],
  );
  assert.ok(allowed('10.96.0.10:80/TCP', '11.1.2.3'));
  assert.ok(allowed('0.0.0.0:30080/TCP', '11.1.2.3'));
});

test('node: source-ranges of the other family alone leave the address open', () => {
  const service = {
    ...serviceOf('web', { type: 'LoadBalancer', loadBalancerSourceRanges: ['fd00::/8'] }),
    status: ingress('192.0.2.1'),
  };
  const { frontends } = frontendTable([service], [], HERE);
  assert.ok(admits(frontends.get('192.0.2.1:80/TCP') as Frontend, '11.1.2.3'));
});

test('node: affinity is for as long as the Service says', () => {
  const seconds = (spec: ServiceSpec): number[] =>
    [...frontendTable([serviceOf('web', spec)], [], HERE).frontends.values()].map((one) => one.affinitySeconds);
  assert.equal(seconds({}), [0]);
  assert.equal(seconds({ sessionAffinity: 'ClientIP' }), [10_800]);
  assert.equal(
    seconds({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }),
    [5],
  );
});

test('node: node ports answer on the addresses of the node only', () => {
  const table = frontendTable([serviceOf('web', NODE_PORT)], [], HERE);
  const own = new Set(['192.168.0.1', 'fd00::99']);
  const kind = (address: string, port: number): string | undefined =>
    frontendAt(table, { address, port, protocol: 'TCP' }, own)?.kind;
  assert.is(kind('192.168.0.1', 30_080), 'NodePort');
  assert.is(kind('192.168.0.2', 30_080), undefined);
  assert.is(kind('192.168.0.1', 80), undefined);
  assert.is(kind('fd00::99', 30_080), undefined);
  assert.is(kind('10.96.0.10', 80), 'ClusterIP');
});

// --- name-collisions -------------------------------------------------------------------------------------------------

test('node: name-collisions: one name in two namespaces is two Services', () => {
  const other = serviceOf('web', { clusterIP: '10.96.0.11' }, { namespace: 'other' });
  const slice = sliceOf('web', 'x', [at(9)], {
    metadata: { name: 'x', namespace: 'other', labels: { 'kubernetes.io/service-name': 'web' } },
  });
  const { frontends, problems } = frontendTable([serviceOf('web'), other], [slice, sliceOf('web', 'x', [at(1)])], HERE);
  assert.equal(problems, []);
  assert.equal([...frontends.values()].map(({ service, fromNode }) => `${service} ${words(fromNode)}`).sort(), [
    'default/web 10.0.0.1:8080',
    'other/web 10.0.0.9:8080',
  ]);
});

test('node: what two Services cannot both have goes to the older, and every conflict is told', () => {
  const made = (creationTimestamp: string): object => ({ creationTimestamp });
  const spec = {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 30_100,
    ports: [{ port: 80, nodePort: 30_080 }],
  };
  const young = {
    ...serviceOf('a', { ...spec, externalIPs: ['192.0.2.7'] }, made('2026-02-01T00:00:00Z')),
    status: ingress('192.0.2.1'),
  };
  const old = {
    ...serviceOf('b', { ...spec, externalIPs: ['192.0.2.7'] }, made('2026-01-01T00:00:00Z')),
    status: ingress('192.0.2.1'),
  };
  const { frontends, healthChecks, problems } = frontendTable([young, old, old], [], HERE);
  assert.equal(new Set([...frontends.values()].map(({ service }) => service)), new Set(['default/b']));
  assert.is(healthChecks.get(30_100), old);
  assert.equal(problems.map(formatProblem), [
    'service default/b: metadata.name: there is another of this name, which counts',
    'service default/a: spec.clusterIPs: 10.96.0.10:80/TCP belongs to service default/b',
    'service default/a: status.loadBalancer.ingress: 192.0.2.1:80/TCP belongs to service default/b',
    'service default/a: spec.externalIPs: 192.0.2.7:80/TCP belongs to service default/b',
    'service default/a: spec.ports: 0.0.0.0:30080/TCP belongs to service default/b',
    'service default/a: spec.healthCheckNodePort: 30100 belongs to service default/b',
  ]);
});

test('node: an external address that is also the load balancer’s stays closed to whom it is closed', () => {
  const spec = { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'], externalIPs: ['192.0.2.1'] };
  const { frontends, problems } = frontendTable(
    [{ ...serviceOf('web', spec), status: ingress('192.0.2.1') }],
    [],
    HERE,
  );
  assert.equal(problems, []);
  assert.is(frontends.get('192.0.2.1:80/TCP')?.kind, 'LoadBalancer');
});

// --- what pickers are told -------------------------------------------------------------------------------------------

test('node: frontends of a port share what pickers choose from, one list for each policy', () => {
  const service = serviceOf('web', { ...NODE_PORT, externalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' });
  const { backends, frontends } = frontendTable([service], [sliceOf('web', 's', [here(1), at(2)])], HERE);
  assert.equal(
    [...backends].map(([name, { endpoints, affinitySeconds }]) => [name, endpoints.length, affinitySeconds]),
    [
      ['default/web:/TCP/IPv4/Cluster', 2, 10_800],
      ['default/web:/TCP/IPv4/Local', 1, 10_800],
    ],
  );
  const nodePort = frontends.get('0.0.0.0:30080/TCP') as Frontend;
  assert.is(backendsName(nodePort, nodePort.fromOutside), 'default/web:/TCP/IPv4/Local');
  assert.is(backendsName(nodePort, nodePort.fromNode), 'default/web:/TCP/IPv4/Cluster');
});

test('node: pickers are told of what changed, and of nothing else', () => {
  const services = [serviceOf('web'), serviceOf('db', { clusterIP: '10.96.0.11' })];
  const table = (web: Endpoint[], db: Endpoint[]): FrontendTable =>
    frontendTable(services, [sliceOf('web', 'w', web), sliceOf('db', 'd', db)], HERE);
  const first = table([at(1)], [at(2)]);
  assert.is(backendChanges(undefined, first).changed.length, 2);
  assert.equal(backendChanges(first, table([at(1)], [at(2)])), { changed: [], gone: [] });
  const { changed, gone } = backendChanges(first, table([at(1), at(3)], []));
  assert.equal(
    changed.map(([name]) => name),
    ['default/web:/TCP/IPv4/Cluster'],
  );
  assert.equal(gone, ['default/db:/TCP/IPv4/Cluster']);
  const moved = backendChanges(first, table([at(1, { zone: 'b' })], [at(2)]));
  assert.is(moved.changed.length, 1);
});

test('from pods to a pick: only those who are eligible are picked, and after a change no one else', () => {
  const service = serviceOf('web');
  const tables = new BalancerTables();
  const picker = new Picker(tables.shared, tables.join(), 1);
  let before: FrontendTable | undefined;
  let slices: readonly EndpointSlice[] = [];
  const picked = (pods: ReturnType<typeof backend>[]): string[] => {
    slices = planEndpoints(service, pods, nodeOf, slices).slices;
    const now = frontendTable([service], slices, HERE);
    const { changed, gone } = backendChanges(before, now);
    for (const [name, { endpoints }] of changed) tables.apply(name, { policy: 'random', endpoints }, 0);
    for (const name of gone) tables.remove(name);
    before = now;
    const { fromNode } = frontendAt(now, { address: '10.96.0.10', port: 80, protocol: 'TCP' }, new Set()) as Frontend;
    if (fromNode.verdict !== 'forward') return [fromNode.verdict];
    const id = tables.serviceId('default/web:/TCP/IPv4/Cluster') ?? assert.unreachable();
    const found = new Set<string>();
    for (let i = 0; i < 200; i++) found.add(String(picker.pick(id as number, i, i)));
    return [...found].sort();
  };
  assert.is(picked([backend(0), backend(1), backend(2, { ready: false })]).length, 2);
  const both = picked([backend(0), backend(1)]);
  const [one] = picked([backend(0, { terminating: true }), backend(1)]);
  assert.ok(both.includes(one));
  assert.equal(picked([]), ['reject']);
});

test.run();
