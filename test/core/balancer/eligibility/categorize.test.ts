/**
 * Which endpoints may get traffic on a node: every case that kube-proxy's own test of this decision tries, in our words,
 * and those of hints for nodes that came later. Endpoints are numbers; a list that the Service never uses is absent.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { categorizeEndpoints } from '../../../../core/balancer/eligibility/categorize.ts';
import type { ProxiedPort } from '../../../../core/balancer/eligibility/service-ports.ts';
import type { SeenEndpoint } from '../../../../core/balancer/eligibility/slice-endpoints.ts';

type Parts = Partial<Omit<SeenEndpoint, 'address' | 'port'>>;
const endpoint = (n: number, parts: Parts): SeenEndpoint => ({
  address: `10.0.0.${n}`,
  port: 80,
  ready: false,
  serving: false,
  terminating: false,
  local: false,
  forZones: [],
  forNodes: [],
  ...parts,
});
const ready = (parts: Parts = {}): Parts => ({ ready: true, serving: true, ...parts });
const unready = (parts: Parts = {}): Parts => ({ ...parts });
const leaving = (parts: Parts = {}): Parts => ({ serving: true, terminating: true, ...parts });
const gone = (parts: Parts = {}): Parts => ({ terminating: true, ...parts });
const inZones = (...forZones: string[]): Parts => ready({ forZones });
const onNodes = (...forNodes: string[]): Parts => ready({ forNodes, forZones: ['a'] });
const here = { local: true };

const abca = [inZones('a'), inZones('b'), inZones('c'), inZones('a')];
const bothWays = [inZones('a'), inZones('b'), inZones('c'), inZones('a')].map((parts, i) =>
  i < 2 ? { ...parts, ...here } : parts,
);

interface Case {
  name: string;
  internalLocal?: true;
  externalLocal?: true;
  exposed?: true;
  zone?: string;
  endpoints: Parts[];
  cluster?: number[];
  local?: number[];
  /** The union, where it is neither of the two. */
  reachable?: number[];
  /** Someone could serve elsewhere, though nobody is reachable here. */
  onlyElsewhere?: true;
}

const cases: Case[] = [
  // Topology.
  { name: 'the own zone is preferred when all have hints', zone: 'a', endpoints: abca, cluster: [0, 3] },
  {
    name: 'endpoints without hints are all used',
    zone: 'a',
    endpoints: [ready(), ready(), ready()],
    cluster: [0, 1, 2],
  },
  {
    name: 'hints do not hold for policy Local from outside',
    zone: 'a',
    externalLocal: true,
    exposed: true,
    endpoints: bothWays,
    cluster: [0, 3],
    local: [0, 1],
    reachable: [0, 1, 3],
  },
  {
    name: 'hints do not hold for policy Local from inside',
    zone: 'a',
    internalLocal: true,
    exposed: true,
    endpoints: bothWays,
    cluster: [0, 3],
    local: [0, 1],
    reachable: [0, 1, 3],
  },
  { name: 'a node without labels takes all', endpoints: [inZones('a')], cluster: [0] },
  { name: 'a node with an empty zone takes all', zone: '', endpoints: [inZones('a')], cluster: [0] },
  { name: 'a zone that nobody names takes all', zone: 'b', endpoints: [inZones('a')], cluster: [0] },
  {
    name: 'an unready endpoint of the own zone is not used',
    zone: 'a',
    endpoints: [inZones('a'), inZones('b'), inZones('c'), unready({ forZones: ['a'] })],
    cluster: [0],
  },
  {
    name: 'only unready endpoints in the zone: the others are used',
    zone: 'a',
    endpoints: [unready({ forZones: ['a'] }), inZones('b'), inZones('c'), unready({ forZones: ['a'] })],
    cluster: [1, 2],
  },
  {
    name: 'one endpoint without a hint ends the preference',
    zone: 'a',
    endpoints: [inZones('a'), inZones('b'), ready(), inZones('a')],
    cluster: [0, 1, 2, 3],
  },
  {
    name: 'an unready endpoint without a hint does not',
    zone: 'a',
    endpoints: [inZones('a'), inZones('b'), unready(), inZones('a')],
    cluster: [0, 3],
  },
  {
    name: 'several zones in one hint: any of them will do',
    zone: 'c',
    endpoints: [inZones('a', 'b', 'c'), inZones('b', 'c'), inZones('b', 'd'), inZones('c')],
    cluster: [0, 1, 3],
  },
  {
    name: 'the own zone and the own node disagree: both lists count',
    zone: 'a',
    externalLocal: true,
    exposed: true,
    endpoints: [{ ...inZones('a'), ...here }, { ...inZones('b'), ...here }, inZones('a'), inZones('b')],
    cluster: [0, 2],
    local: [0, 1],
    reachable: [0, 1, 2],
  },
  {
    name: 'the own node is preferred to the own zone',
    zone: 'a',
    endpoints: [onNodes('n1'), onNodes('n2'), onNodes('n1')],
    cluster: [0, 2],
  },
  {
    name: 'no endpoint for the own node: the own zone',
    zone: 'a',
    endpoints: [onNodes('n2'), onNodes('n3'), { ...onNodes('n3'), forZones: ['b'] }],
    cluster: [0, 1],
  },
  {
    name: 'one endpoint without a node: the own zone',
    zone: 'a',
    endpoints: [onNodes('n1'), inZones('a'), { ...onNodes('n1'), forZones: ['b'] }],
    cluster: [0, 1],
  },
  {
    name: 'the own node only unready: the own zone',
    zone: 'a',
    endpoints: [unready({ forNodes: ['n1'], forZones: ['a'] }), onNodes('n2')],
    cluster: [1],
  },
  {
    name: 'terminating endpoints stand in whatever their hints',
    zone: 'a',
    endpoints: [leaving({ forZones: ['a'] }), leaving({ forZones: ['b'] })],
    cluster: [0, 1],
  },
  // Policies.
  { name: 'Local without endpoints', internalLocal: true, endpoints: [], local: [] },
  { name: 'Cluster without endpoints', endpoints: [], cluster: [] },
  {
    name: 'Local, all endpoints elsewhere',
    internalLocal: true,
    endpoints: [ready(), ready()],
    local: [],
    onlyElsewhere: true,
  },
  {
    name: 'Local, all endpoints elsewhere and terminating',
    internalLocal: true,
    endpoints: [leaving(), leaving()],
    local: [],
    onlyElsewhere: true,
  },
  { name: 'Local, all endpoints here', internalLocal: true, endpoints: [ready(here), ready(here)], local: [0, 1] },
  { name: 'Local, some endpoints here', internalLocal: true, endpoints: [ready(here), ready()], local: [0] },
  { name: 'Cluster, nobody ready', endpoints: [unready(), unready()], cluster: [] },
  { name: 'Local, nobody ready', internalLocal: true, endpoints: [unready(here), unready()], local: [] },
  { name: 'Cluster, some ready', endpoints: [unready(), ready()], cluster: [1] },
  { name: 'Cluster, all terminating', endpoints: [leaving(here), leaving()], cluster: [0, 1] },
  { name: 'Cluster, all terminating, one no longer serving', endpoints: [leaving(), gone()], cluster: [0] },
  { name: 'Cluster, all gone', endpoints: [gone(here), gone()], cluster: [] },
  { name: 'Cluster, one ready: no terminating one is used', endpoints: [leaving(here), ready()], cluster: [1] },
  {
    name: 'ready and terminating, as published unready: it is ready',
    endpoints: [ready({ terminating: true }), leaving()],
    cluster: [0],
  },
  {
    name: 'Local inside, Cluster outside, some here',
    internalLocal: true,
    exposed: true,
    endpoints: [ready(here), ready()],
    cluster: [0, 1],
    local: [0],
    reachable: [0, 1],
  },
  {
    name: 'Cluster inside, Local outside, some here',
    externalLocal: true,
    exposed: true,
    endpoints: [ready(here), ready()],
    cluster: [0, 1],
    local: [0],
    reachable: [0, 1],
  },
  {
    name: 'Local both ways, some here',
    internalLocal: true,
    externalLocal: true,
    exposed: true,
    endpoints: [ready(here), ready()],
    cluster: [0, 1],
    local: [0],
    reachable: [0, 1],
  },
  {
    name: 'Local both ways, all elsewhere',
    internalLocal: true,
    externalLocal: true,
    exposed: true,
    endpoints: [ready(), ready()],
    cluster: [0, 1],
    local: [],
    reachable: [0, 1],
  },
  {
    name: 'Local both ways, all elsewhere and terminating',
    internalLocal: true,
    externalLocal: true,
    exposed: true,
    endpoints: [leaving(), leaving()],
    cluster: [0, 1],
    local: [],
    reachable: [0, 1],
  },
  {
    name: 'Local outside: terminating ones here beside ready ones elsewhere',
    externalLocal: true,
    exposed: true,
    endpoints: [ready(), unready(here), leaving(here), leaving()],
    cluster: [0],
    local: [2],
    reachable: [0, 2],
  },
  {
    name: 'Local outside does not count where nothing comes from outside',
    externalLocal: true,
    endpoints: [ready(), ready(here)],
    cluster: [0, 1],
  },
  {
    name: 'Local inside and nothing from outside: no Cluster list',
    internalLocal: true,
    endpoints: [ready(), ready(here)],
    local: [1],
  },
];

for (const { name, zone, endpoints: parts, cluster, local, reachable, onlyElsewhere, ...policy } of cases) {
  test(`eligible: ${name}`, () => {
    const endpoints = parts.map((part, i) => endpoint(i, part));
    const port: ProxiedPort = {
      family: 'IPv4',
      name: '',
      protocol: 'TCP',
      port: 80,
      clusterIP: '10.96.0.1',
      nodePort: policy.exposed ? 30_000 : 0,
      externalIPs: [],
      loadBalancerIPs: [],
      sourceRanges: [],
      internalLocal: policy.internalLocal ?? false,
      externalLocal: policy.externalLocal ?? false,
      affinitySeconds: 0,
    };
    const found = categorizeEndpoints(port, endpoints, { name: 'n1', ...(zone !== undefined && { zone }) });
    const numbers = (list?: readonly SeenEndpoint[]): number[] | undefined =>
      list?.map((one) => endpoints.indexOf(one)).sort();
    assert.equal(numbers(found.cluster), cluster, 'cluster');
    assert.equal(numbers(found.local), local, 'local');
    const union = reachable ?? cluster ?? local ?? [];
    assert.equal(numbers(found.reachable), union, 'reachable');
    assert.is(found.hasAny, union.length > 0 || onlyElsewhere === true, 'hasAny');
  });
}

test.run();
