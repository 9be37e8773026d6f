/** Services and EndpointSlices: each rule broken once, several at once, and where in the file they stand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../../core/errors.ts';
import { loadText } from '../../../../core/objects/load.ts';
import { validate } from '../../../../core/objects/validate/validate.ts';

type Value = Record<string, unknown>;
const problemsOf = (value: unknown): string[] =>
  validate(value).problems.map((problem) => formatProblem({ ...problem, object: undefined }));

const service = (spec: Value, more: Value = {}): Value => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { ports: [{ port: 80 }], ...spec },
  ...more,
});
const slice = (more: Value): Value => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1' },
  addressType: 'IPv4',
  endpoints: [],
  ...more,
});
const at = (...addresses: string[]): Value[] => addresses.map((address) => ({ addresses: [address] }));

const good: { name: string; value: Value }[] = [
  { name: 'a headless Service without ports', value: service({ clusterIP: 'None', ports: undefined }) },
  { name: 'an ExternalName', value: service({ type: 'ExternalName', externalName: 'db.example.com.', ports: [] }) },
  {
    name: 'one number for TCP and UDP',
    value: service({
      type: 'NodePort',
      ports: [
        { name: 'tcp', port: 53, nodePort: 30_053 },
        { name: 'udp', port: 53, nodePort: 30_053, protocol: 'UDP' },
      ],
    }),
  },
  {
    name: 'two families',
    value: service({
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9', 'fd00::9'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    }),
  },
  {
    name: 'a load balancer with everything',
    value: service(
      {
        type: 'LoadBalancer',
        loadBalancerSourceRanges: [' 10.0.0.0/8 ', 'fd00::/8'],
        loadBalancerClass: 'example.com/lb',
        allocateLoadBalancerNodePorts: false,
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 30_100,
      },
      { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'Proxy' }, { hostname: 'lb' }] } } },
    ),
  },
  {
    name: 'local traffic from an external address',
    value: service({ externalIPs: ['192.0.2.1'], externalTrafficPolicy: 'Local' }),
  },
  { name: 'a slice of names', value: slice({ addressType: 'FQDN', endpoints: at('db.example.com') }) },
  { name: 'a slice that the controller keeps empty', value: slice({ endpoints: null, ports: null }) },
];
for (const { name, value } of good) test(`accepted: ${name}`, () => assert.equal(problemsOf(value), []));

const bad: { name: string; value: Value; problems: string[] }[] = [
  { name: 'no ports', value: service({ ports: [] }), problems: ['spec.ports: must not be empty'] },
  {
    name: 'ports 0 and 70,000',
    value: service({
      ports: [
        { name: 'a', port: 0 },
        { name: 'b', port: 70_000, targetPort: 70_000 },
      ],
    }),
    problems: [
      'spec.ports[0].port: 0 is less than 1',
      'spec.ports[1].port: 70000 is more than 65535',
      'spec.ports[1].targetPort: 70000 is more than 65535',
    ],
  },
  {
    name: 'one name twice, one port twice',
    value: service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 80, protocol: 'TCP' },
      ],
    }),
    problems: ["spec.ports[1].name: duplicate 'a'", "spec.ports[1].port: duplicate port '80/TCP'"],
  },
  {
    name: 'two ports without names',
    value: service({ ports: [{ port: 80 }, { port: 81 }] }),
    problems: [
      'spec.ports[0].name: is required where there are several ports',
      'spec.ports[1].name: is required where there are several ports',
    ],
  },
  {
    name: 'a target port that is no port name',
    value: service({ ports: [{ port: 80, targetPort: 'Not A Name' }] }),
    problems: [
      "spec.ports[0].targetPort: 'Not A Name' is not a port name (at most 15 of a-z, 0-9 and '-', with a letter)",
    ],
  },
  {
    name: 'a node port of a ClusterIP',
    value: service({ ports: [{ port: 80, nodePort: 30_000 }] }),
    problems: ['spec.ports[0].nodePort: is not for type ClusterIP'],
  },
  {
    name: "the kubelet's port on a load balancer",
    value: service({ type: 'LoadBalancer', ports: [{ port: 10_250 }] }),
    problems: ["spec.ports[0].port: 10250 is the kubelet's and is not exposed"],
  },
  {
    name: 'a headless NodePort',
    value: service({ type: 'NodePort', clusterIP: 'None' }),
    problems: ["spec.clusterIP: 'None' is not for type NodePort"],
  },
  {
    name: 'an address that is none',
    value: service({ clusterIP: '10.96.0.300' }),
    problems: ["spec.clusterIP: '10.96.0.300' is not an IP address"],
  },
  {
    name: 'addresses of the wrong family',
    value: service({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', '10.96.0.10'], ipFamilies: ['IPv6'] }),
    problems: [
      "spec.clusterIPs[0]: '10.96.0.9' is an IPv4 address, but ipFamilies has 'IPv6' there",
      'spec.clusterIPs[1]: is a second IPv4 address',
    ],
  },
  {
    name: 'clusterIPs that do not begin with clusterIP',
    value: service({ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.8'] }),
    problems: ['spec.clusterIPs[0]: must begin with clusterIP'],
  },
  {
    name: 'SingleStack with two families',
    value: service({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }),
    problems: ['spec.ipFamilyPolicy: SingleStack has one address and one family'],
  },
  {
    name: 'external addresses that reach nobody',
    value: service({ externalIPs: ['127.0.0.1', '169.254.1.1', '0.0.0.0'] }),
    problems: [
      "spec.externalIPs[0]: '127.0.0.1' is a loopback address (127.0.0.0/8, ::1)",
      "spec.externalIPs[1]: '169.254.1.1' is link-local (169.254.0.0/16, fe80::/10)",
      "spec.externalIPs[2]: '0.0.0.0' is unspecified",
    ],
  },
  {
    name: 'an ExternalName without a name, with an address',
    value: service({ type: 'ExternalName', clusterIP: '10.96.0.1' }),
    problems: ['spec.clusterIP: is not for type ExternalName', 'spec.externalName: is required for type ExternalName'],
  },
  {
    name: "a load balancer's fields on a NodePort",
    value: service({ type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'], healthCheckNodePort: 30_000 }),
    problems: [
      'spec.loadBalancerSourceRanges: is only for type LoadBalancer',
      'spec.healthCheckNodePort: is only for type LoadBalancer with externalTrafficPolicy Local',
    ],
  },
  {
    name: 'a policy for outside traffic on what is inside',
    value: service({ externalTrafficPolicy: 'Local' }),
    problems: ['spec.externalTrafficPolicy: is only for Services that are reached from outside'],
  },
  {
    name: 'words nobody knows',
    value: service({ internalTrafficPolicy: 'Node', trafficDistribution: 'Near', sessionAffinity: 'Cookie' }),
    problems: [
      "spec.internalTrafficPolicy: 'Node' is not one of Cluster, Local",
      "spec.trafficDistribution: 'Near' is not one of PreferClose, PreferSameZone, PreferSameNode",
      "spec.sessionAffinity: 'Cookie' is not one of None, ClientIP",
    ],
  },
  {
    name: 'an affinity of more than a day',
    value: service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } }),
    problems: ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: 86401 is more than 86400'],
  },
  {
    name: 'a slice without a type',
    value: slice({ addressType: undefined }),
    problems: ['addressType: is required'],
  },
  {
    name: 'IPv4 in an IPv6 slice, and the other way round',
    value: slice({ addressType: 'IPv6', endpoints: at('10.0.0.1', 'fd00::1') }),
    problems: ["endpoints[0].addresses[0]: '10.0.0.1' is an IPv4 address, not IPv6"],
  },
  {
    name: 'IPv6 in an IPv4 slice',
    value: slice({ endpoints: at('fd00::1', '10.0.0.1') }),
    problems: ["endpoints[0].addresses[0]: 'fd00::1' is an IPv6 address, not IPv4"],
  },
  {
    name: 'endpoints that are nowhere',
    value: slice({ endpoints: at('127.0.0.1', '169.254.169.254', '224.0.0.1', 'ten') }),
    problems: [
      "endpoints[0].addresses[0]: '127.0.0.1' is a loopback address (127.0.0.0/8, ::1)",
      "endpoints[1].addresses[0]: '169.254.169.254' is link-local (169.254.0.0/16, fe80::/10)",
      "endpoints[2].addresses[0]: '224.0.0.1' is link-local multicast (224.0.0.0/24, ff02::/16)",
      "endpoints[3].addresses[0]: 'ten' is not an IP address",
    ],
  },
  {
    name: 'an endpoint without addresses',
    value: slice({ endpoints: [{ addresses: [] }, {}] }),
    problems: ['endpoints[0].addresses: must not be empty', 'endpoints[1].addresses: is required'],
  },
  {
    name: 'ports 0 and 70,000 of one name in a slice',
    value: slice({
      ports: [
        { name: 'a', port: 0 },
        { name: 'a', port: 70_000 },
      ],
    }),
    problems: [
      'ports[0].port: 0 is less than 1',
      'ports[1].port: 70000 is more than 65535',
      "ports[1].name: duplicate 'a'",
    ],
  },
  {
    name: '1,001 endpoints',
    value: slice({ endpoints: at(...new Array<string>(1001).fill('10.0.0.1')) }),
    problems: ['endpoints: has 1001 items; at most 1000 are allowed'],
  },
  {
    name: '101 ports',
    value: slice({ ports: new Array(101).fill({}) }),
    problems: ['ports: has 101 items; at most 100 are allowed'],
  },
  {
    name: 'a slice in its old version',
    value: slice({ apiVersion: 'discovery.k8s.io/v1beta1' }),
    problems: ['kind: EndpointSlice is served as discovery.k8s.io/v1, not as discovery.k8s.io/v1beta1'],
  },
];
for (const { name, value, problems } of bad) test(`refused: ${name}`, () => assert.equal(problemsOf(value), problems));

test('refused: affinity settings without affinity are a warning', () => {
  const value = service({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } });
  assert.equal(problemsOf(value), [
    'warning: spec.sessionAffinityConfig: has no effect without sessionAffinity ClientIP',
  ]);
});

test('a file: every problem with its line and column', () => {
  const text = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ports:
  - port: 0
  - port: 70000
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1 }
addressType: IPv6
endpoints:
- addresses: [10.0.0.1]
ports:
- { port: 80 }
`;
  const problems = loadText(text, 'web.yaml').problems.map(formatProblem);
  assert.equal(problems, [
    'web.yaml:6:11: service default/web: spec.ports[0].port: 0 is less than 1',
    'web.yaml:7:11: service default/web: spec.ports[1].port: 70000 is more than 65535',
    'web.yaml:6:5: service default/web: spec.ports[0].name: is required where there are several ports',
    'web.yaml:7:5: service default/web: spec.ports[1].name: is required where there are several ports',
    "web.yaml:14:15: endpointslice default/web-1: endpoints[0].addresses[0]: '10.0.0.1' is an IPv4 address, not IPv6",
  ]);
});

test.run();
