/** Annotations about ejection, probes, slow start, zones, priorities and subsets → what pickers are told, on a node. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import { formatProblem } from '../../../core/errors.ts';
import type { Node, Service } from '../../../core/index.ts';
import { type Balance, balanceOf, type Fleet, serviceTableOf } from '../../../runtime/proxy/balance.ts';
import { ANNOTATION_PREFIX } from '../../../runtime/proxy/settings.ts';

const node = (name: string, zone: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
});
const NODES = [node('n2', 'a'), node('n1', 'a'), node('n3', 'b')];
const HERE: Fleet = { place: { name: 'n2', zone: 'a' }, nodes: NODES };
const NOWHERE: Fleet = { place: { name: '' }, nodes: [] };

function read(annotations: Record<string, string>, fleet = HERE): { balance: Balance; says: string[] } {
  const prefixed = Object.entries(annotations).map(([name, value]) => [ANNOTATION_PREFIX + name, value]);
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', annotations: Object.fromEntries(prefixed) },
  };
  const { balance, problems } = balanceOf(service, ANNOTATION_PREFIX, fleet);
  return { balance, says: problems.map(formatProblem) };
}

const understood: { name: string; asks: Record<string, string>; gives: Balance }[] = [
  { name: 'nothing asked for is nothing done', asks: {}, gives: {} },
  {
    name: 'ejection with what is usual',
    asks: { 'eject-after': '5' },
    gives: { outlier: { consecutiveFailures: 5 } },
  },
  {
    name: 'ejection for a short time is swept as often',
    asks: { 'eject-after': '2', 'eject-for': '3s', 'eject-max-percent': '50' },
    gives: {
      outlier: {
        consecutiveFailures: 2,
        baseEjectionSeconds: 3,
        maxEjectionSeconds: 300,
        intervalSeconds: 3,
        maxEjectedPercent: 50,
      },
    },
  },
  {
    name: 'an ejection longer than the usual longest one',
    asks: { 'eject-after': '2', 'eject-for': '10m' },
    gives: {
      outlier: { consecutiveFailures: 2, baseEjectionSeconds: 600, maxEjectionSeconds: 600, intervalSeconds: 10 },
    },
  },
  {
    name: 'a probe that connects',
    asks: { probe: 'tcp' },
    gives: { probe: { path: undefined, intervalMs: 5000, timeoutMs: 1000, failures: 3 } },
  },
  {
    name: 'a probe that asks for a path',
    asks: { probe: '/healthz?full', 'probe-interval': '100ms', 'probe-timeout': '50ms', 'probe-failures': '1' },
    gives: { probe: { path: '/healthz?full', intervalMs: 100, timeoutMs: 50, failures: 1 } },
  },
  {
    name: 'slow start',
    asks: { 'slow-start': '30s', 'slow-start-percent': '5' },
    gives: { slowStart: { windowSeconds: 30, minWeight: 0.05 } },
  },
  {
    name: 'zones, with clients where the nodes are',
    asks: { 'zone-clients': 'nodes', 'zone-min-endpoints': '3' },
    gives: { zones: { local: 'a', clients: { a: 2, b: 1 }, minEndpoints: 3 } },
  },
  {
    name: 'zones, with clients as they are told',
    asks: { 'zone-clients': 'a=3, b=0' },
    gives: { zones: { local: 'a', clients: { a: 3, b: 0 } } },
  },
  {
    name: 'priorities and a panic threshold',
    asks: { 'priority-by': 'node', 'panic-threshold': '0' },
    gives: { levels: { by: 'node', node: 'n2', zone: 'a' }, panicThreshold: 0 },
  },
  {
    name: 'a subset, by the number of the node’s name',
    asks: { subset: '4' },
    gives: { subset: { client: 1, size: 4 } },
  },
];
for (const { name, asks, gives } of understood) {
  test(`balance: ${name}`, () => assert.equal(read(asks), { balance: gives, says: [] }));
}

const refused: { name: string; asks: Record<string, string>; says: RegExp }[] = [
  {
    name: 'no failure at all',
    asks: { 'eject-after': '0' },
    says: /eject-after\]: '0' is not a whole number from 1 to 1000/,
  },
  { name: 'more than all', asks: { 'eject-after': '1', 'eject-max-percent': '101' }, says: /'101' is not .* 1 to 100/ },
  { name: 'no time', asks: { 'eject-after': '1', 'eject-for': '0s' }, says: /'0s' is less than 1 ms/ },
  { name: 'more than a week', asks: { 'eject-after': '1', 'eject-for': '169h' }, says: /'169h' is more than a week/ },
  { name: 'a duration without a unit', asks: { 'slow-start': '30' }, says: /'30' is no duration/ },
  { name: 'a slow start that nobody would notice', asks: { 'slow-start': '4s' }, says: /'4s' is less than 5000 ms/ },
  { name: 'a probe of another kind', asks: { probe: 'grpc' }, says: /'grpc' is neither tcp nor a path/ },
  { name: 'a path with a line break', asks: { probe: '/a\r\nX: y' }, says: /is neither tcp nor a path/ },
  { name: 'a probe too often', asks: { probe: 'tcp', 'probe-interval': '99ms' }, says: /'99ms' is less than 100 ms/ },
  { name: 'zones that are no counts', asks: { 'zone-clients': 'a' }, says: /neither nodes nor clients by zone/ },
  { name: 'a zone twice', asks: { 'zone-clients': 'a=1,a=2' }, says: /zone 'a' is there twice/ },
  { name: 'another order', asks: { 'priority-by': 'rack' }, says: /'rack' is none of zone, node/ },
  { name: 'a threshold above all', asks: { 'panic-threshold': '101' }, says: /from 0 to 100/ },
  { name: 'an empty subset', asks: { subset: '0' }, says: /from 1 to 65535/ },
  {
    name: 'what needs another annotation',
    asks: { 'eject-for': '5s' },
    says: /eject-for\]: means nothing without proxy\.keelson\.dev\/eject-after/,
  },
];
for (const { name, asks, says } of refused) {
  test(`balance: refuses ${name}`, () => {
    const told = read(asks).says;
    assert.is(told.length, 1, told.join('\n'));
    assert.match(told[0], says);
    assert.match(told[0], /^service default\/web: metadata\.annotations\[proxy\.keelson\.dev\//);
  });
}

test('balance: every mistake is told at once', () => {
  assert.is(read({ 'eject-after': 'x', probe: 'y', subset: 'z' }).says.length, 3);
});

test('balance: a node that is not in the file warns, and zones and subsets are not looked at', () => {
  const { balance, says } = read({ 'zone-clients': 'nodes', 'priority-by': 'node', subset: '4' }, NOWHERE);
  assert.equal(balance, { levels: { by: 'node', node: '', zone: '' } });
  assert.is(says.length, 3);
  for (const one of says) assert.match(one, /served for/);
});

const at = (nodeName: string, zone: string): BackendEndpoint => ({
  address: '10.0.0.1',
  port: 80,
  ready: true,
  serving: true,
  terminating: false,
  nodeName,
  zone,
});
const levels: { by: 'zone' | 'node'; endpoint: BackendEndpoint; level: number }[] = [
  { by: 'node', endpoint: at('n2', 'a'), level: 0 },
  { by: 'node', endpoint: at('n1', 'a'), level: 1 },
  { by: 'node', endpoint: at('n3', 'b'), level: 2 },
  { by: 'zone', endpoint: at('n1', 'a'), level: 0 },
  { by: 'zone', endpoint: at('n3', 'b'), level: 1 },
];
for (const { by, endpoint, level } of levels) {
  test(`balance: by ${by}, node ${endpoint.nodeName} in zone ${endpoint.zone} is of level ${level}`, () => {
    const { balance } = read({ 'priority-by': by });
    const table = serviceTableOf({ policy: 'random', affinitySeconds: 0, balance }, [endpoint]);
    assert.is(table.priorityOf?.(endpoint), level);
  });
}

test.run();
