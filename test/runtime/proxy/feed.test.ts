/** A file of Services → what a node serves, what changed from one to the next, and every mistake with its line. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, formatProblem } from '../../../core/errors.ts';
import { tableChanges } from '../../../runtime/proxy/changes.ts';
import { explainConnection } from '../../../runtime/proxy/explain-connection.ts';
import { type Feed, type FeedOptions, readFeed } from '../../../runtime/proxy/feed.ts';
import { parseAddress, parseMappings, placesFor } from '../../../runtime/proxy/places.ts';

const service = (name: string, spec: string, annotations = ''): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, annotations: {${annotations}}}
spec: {selector: {app: ${name}}, ${spec}}
---`;

const pod = (name: string, app: string, ip: string, node = 'n1', status = 'True'): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${app}}}
spec: {nodeName: ${node}, containers: [{name: c, image: i}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "${status}"}]}
---`;

const node = (name: string, zone: string): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {topology.kubernetes.io/zone: ${zone}}}
---`;

const slice = (family: string, address: string, port: number): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s, labels: {kubernetes.io/service-name: web}}
addressType: ${family}
endpoints: [{addresses: [${address}]}]
ports: [{port: ${port}}]
---`;

const read = (text: string, options: FeedOptions = {}): Feed => readFeed(Buffer.from(text), 'f.yaml', options);

const wrongs = (text: string): string[] => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ApiError) return error.problems.map(formatProblem);
    throw error;
  }
  return [];
};

const WEB = service('web', 'type: NodePort, ports: [{port: 80, nodePort: 30080}]');
const PODS = pod('a', 'web', '10.0.0.1') + pod('b', 'web', '10.0.0.2', 'n2');

test('feed: a Service is served from the ready pods that it selects', () => {
  const { table } = read(WEB + PODS + pod('c', 'web', '10.0.0.3', 'n1', 'False'));
  const [backends] = table.backends.values();
  assert.equal(
    backends.endpoints.map(({ address, port, nodeName }) => `${address}:${port} ${nodeName}`),
    ['10.0.0.1:80 n1', '10.0.0.2:80 n2'],
  );
  assert.equal([...table.frontends.values()].map(({ kind, port }) => `${kind} ${port}`).sort(), [
    'ClusterIP 80',
    'NodePort 30080',
  ]);
});

test('feed: slices in the file count before pods', () => {
  const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.9.9.9]}]
ports: [{port: 8080}]
---`;
  const [backends] = read(WEB + PODS + slice).table.backends.values();
  assert.equal(
    backends.endpoints.map(({ address, port }) => `${address}:${port}`),
    ['10.9.9.9:8080'],
  );
});

test('feed: addresses that were given to a Service stay from one file to the next', () => {
  const without = service('web', 'type: NodePort, ports: [{port: 80}]');
  const before = read(without);
  const after = read(service('aaa', 'type: NodePort, ports: [{port: 80}]') + without, { before });
  const numbers = (feed: Feed): unknown => {
    const spec = feed.services.find(({ metadata }) => metadata.name === 'web')?.spec;
    return [spec?.clusterIP, spec?.ports?.[0].nodePort];
  };
  assert.equal(numbers(after), numbers(before));
  assert.is(after.table.problems.length, 0);
});

test('feed: policy Local sees the node that is served for', () => {
  const local = service('web', 'internalTrafficPolicy: Local, ports: [{port: 80}]');
  const addresses = (options: FeedOptions): string[] =>
    [...read(local + PODS, options).table.backends.values()].flatMap(({ endpoints }) =>
      endpoints.map(({ address }) => address),
    );
  assert.equal(addresses({ nodeName: 'n2' }), ['10.0.0.2']);
  assert.equal(addresses({}), []);
});

test('feed: annotations and appProtocol are the settings of every port', () => {
  const text = service(
    'web',
    'ports: [{name: a, port: 80, appProtocol: http}, {name: b, port: 81}, {name: u, port: 81, protocol: UDP}]',
    'proxy.keelson.dev/policy: maglev, proxy.keelson.dev/connect-timeout: 500ms',
  );
  const settings = [...read(text).settings.values()];
  assert.equal(
    settings.map(({ protocol }) => protocol),
    ['http', 'tcp', 'tcp'],
  );
  for (const one of settings) assert.equal([one.policy, one.connectTimeoutMs], ['maglev', 500]);
  assert.ok(settings[2].idleTimeoutMs < settings[1].idleTimeoutMs, 'UDP has its own');
});

const spoken = [
  { name: 'h2c is HTTP/2', port: 'appProtocol: kubernetes.io/h2c', protocol: 'http2', responseMs: 60_000 },
  { name: 'http2, as it is often written, too', port: 'appProtocol: HTTP2', protocol: 'http2', responseMs: 60_000 },
  {
    name: 'grpc waits as long as a stream may be idle',
    port: 'appProtocol: grpc',
    protocol: 'grpc',
    responseMs: 900_000,
  },
  {
    name: 'the annotation beats appProtocol, and idle-timeout counts for gRPC',
    port: 'appProtocol: http',
    annotations: 'proxy.keelson.dev/protocol: grpc, proxy.keelson.dev/idle-timeout: 5m',
    protocol: 'grpc',
    responseMs: 300_000,
  },
  {
    name: 'gRPC with a response-timeout has that',
    port: 'appProtocol: grpc',
    annotations: 'proxy.keelson.dev/response-timeout: 2s',
    protocol: 'grpc',
    responseMs: 2_000,
  },
  {
    name: 'what the proxy does not know is TCP',
    port: 'appProtocol: constructor',
    protocol: 'tcp',
    responseMs: 60_000,
  },
  { name: 'TLS is not ended here', port: 'appProtocol: https', protocol: 'tcp', responseMs: 60_000 },
];
for (const { name, port, annotations, protocol, responseMs } of spoken) {
  test(`feed: protocols: ${name}`, () => {
    const text = service('web', `ports: [{port: 80, ${port}}]`, annotations);
    for (const settings of read(text).settings.values()) {
      assert.equal([settings.protocol, settings.responseTimeoutMs], [protocol, responseMs]);
    }
  });
}

const mistakes = [
  {
    name: 'a port above 65,535, by line and field',
    text: service('web', 'ports: [{port: 70000}]'),
    says: /^f\.yaml:5:\d+: service default\/web: spec\.ports\[0\]\.port: /,
  },
  {
    name: 'an unknown policy',
    text: service('web', 'ports: [{port: 80}]', 'proxy.keelson.dev/policy: fastest'),
    says: /^f\.yaml:4:\d+: service default\/web: metadata\.annotations\[proxy\.keelson\.dev\/policy\]: 'fastest' is none of random/,
  },
  {
    name: 'an annotation of ours that does not exist',
    text: service('web', 'ports: [{port: 80}]', 'proxy.keelson.dev/polcy: random'),
    says: /metadata\.annotations\[proxy\.keelson\.dev\/polcy\]: is none of policy, /,
  },
  {
    name: 'a duration without a unit',
    text: service('web', 'ports: [{port: 80}]', 'proxy.keelson.dev/idle-timeout: "5"'),
    says: /'5' is no duration/,
  },
  {
    name: 'two Services of one name',
    text: WEB + WEB,
    says: /service default\/web: metadata\.name: there is another of this name/,
  },
  {
    name: 'one node port for two Services',
    text: WEB + service('other', 'type: NodePort, ports: [{port: 80, nodePort: 30080}]'),
    says: /spec\.ports.*30080/,
  },
  {
    name: 'a loopback address in a slice',
    text: `${WEB}
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [127.0.0.1]}]
ports: [{port: 80}]`,
    says: /endpoints\[0\]\.addresses\[0\].*loopback/,
  },
  {
    name: 'a link-local address in a slice',
    text: WEB + slice('IPv4', '169.254.1.1', 80),
    says: /endpoints\[0\]\.addresses\[0\]: '169\.254\.1\.1' is link-local/,
  },
  {
    name: 'a link-local IPv6 address in a slice',
    text: WEB + slice('IPv6', '"fe80::1"', 80),
    says: /endpoints\[0\]\.addresses\[0\]: 'fe80::1' is link-local/,
  },
  {
    name: 'an IPv4 address in an IPv6 slice',
    text: WEB + slice('IPv6', '10.0.0.1', 80),
    says: /^f\.yaml:\d+:\d+: endpointslice default\/s: endpoints\[0\]\.addresses\[0\]: '10\.0\.0\.1' is an IPv4 address, not IPv6/,
  },
  {
    name: 'port 0 in a slice',
    text: WEB + slice('IPv4', '10.0.0.1', 0),
    says: /ports\[0\]\.port: 0 /,
  },
  {
    name: 'port 70,000 in a slice',
    text: WEB + slice('IPv4', '10.0.0.1', 70_000),
    says: /ports\[0\]\.port: 70000 /,
  },
  {
    name: 'port 0 in a Service',
    text: service('web', 'ports: [{port: 0}]'),
    says: /spec\.ports\[0\]\.port: 0 /,
  },
  {
    name: 'two ports of one name in a Service',
    text: service('web', 'ports: [{name: a, port: 80}, {name: a, port: 81}]'),
    says: /spec\.ports\[1\]\.name: /,
  },
  {
    name: 'a slice without addresses',
    text: WEB + slice('IPv4', '', 80),
    says: /endpoints\[0\]\.addresses/,
  },
  {
    name: 'a Service that is a list',
    text: 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: [1]',
    says: /service default\/web: spec: /,
  },
  {
    name: 'an ejection that nobody asked for',
    text: service('web', 'ports: [{port: 80}]', 'proxy.keelson.dev/eject-for: 5s'),
    says: /^f\.yaml:4:\d+: .*eject-for\]: means nothing without/,
  },
  { name: 'an empty file', text: '', says: /^f\.yaml: is empty/ },
  { name: 'no YAML', text: 'a: [', says: /^f\.yaml:1:/ },
];

for (const { name, text, says } of mistakes) {
  test(`feed: refuses ${name}`, () => {
    const problems = wrongs(text);
    assert.ok(
      problems.some((problem) => says.test(problem)),
      problems.join('\n') || 'nothing is wrong',
    );
  });
}

test('changes: the first is all of it, the same again is nothing', () => {
  const feed = read(WEB + PODS);
  const first = tableChanges(undefined, feed);
  assert.equal([first.frontends.length, first.backends.length], [2, 1]);
  const again = tableChanges(feed, read(WEB + PODS, { before: feed }));
  assert.equal(again, { frontends: [], frontendsGone: [], backends: [], backendsGone: [] });
});

const steps = [
  {
    name: 'one more pod is told of the backends alone',
    to: WEB + PODS + pod('d', 'web', '10.0.0.4'),
    counts: [0, 0, 1, 0],
  },
  { name: 'the last pod gone turns clients away at both frontends', to: WEB, counts: [2, 0, 0, 1] },
  { name: 'a Service gone takes all with it', to: service('x', 'clusterIP: None'), counts: [0, 2, 0, 1] },
  {
    name: 'another policy is told to frontends and backends',
    to:
      service('web', 'type: NodePort, ports: [{port: 80, nodePort: 30080}]', 'proxy.keelson.dev/policy: maglev') + PODS,
    counts: [2, 0, 1, 0],
  },
  {
    name: 'another node port leaves the cluster address alone',
    to: service('web', 'type: NodePort, ports: [{port: 80, nodePort: 30081}]') + PODS,
    counts: [1, 1, 0, 0],
  },
];
for (const { name, to, counts } of steps) {
  test(`changes: ${name}`, () => {
    const before = read(WEB + PODS);
    const { frontends, frontendsGone, backends, backendsGone } = tableChanges(before, read(to, { before }));
    assert.equal([frontends.length, frontendsGone.length, backends.length, backendsGone.length], counts);
  });
}

test('places: node ports at the node’s address, cluster addresses where a mapping leads, nothing else anywhere', () => {
  const mappings = parseMappings('web:80=8080,default/web:80=[::1]:8081');
  if (typeof mappings === 'string') throw new Error(mappings);
  const places = placesFor('127.0.0.1', mappings);
  const frontends = [...read(WEB + service('api', 'ports: [{port: 80}]')).table.frontends.values()];
  assert.equal(
    frontends.map((frontend) => [frontend.service, frontend.kind, places(frontend)]),
    [
      ['default/api', 'ClusterIP', []],
      [
        'default/web',
        'ClusterIP',
        [
          { host: '127.0.0.1', port: 8080 },
          { host: '::1', port: 8081 },
        ],
      ],
      ['default/web', 'NodePort', [{ host: '127.0.0.1', port: 30080 }]],
    ],
  );
});

for (const [text, says] of [
  ['web=80', "'web=80' is not NAMESPACE/SERVICE:PORT=[HOST:]PORT"],
  ['web:80=nowhere:80', "'nowhere' is not an IP address"],
  ['web:80=70000', 'port 70000 is not from 1 to 65535'],
]) {
  test(`places: ${says}`, () => assert.equal(parseMappings(text), says));
}

for (const { text, gives } of [
  { text: '127.0.0.1:9100', gives: { host: '127.0.0.1', port: 9100 } },
  { text: '[::1]:1', gives: { host: '::1', port: 1 } },
  { text: '0.0.0.0:65535', gives: { host: '0.0.0.0', port: 65_535 } },
  { text: '127.0.0.1:65536', gives: undefined },
  { text: '127.0.0.1:0', gives: undefined },
  { text: '::1:80', gives: undefined },
  { text: 'localhost:80', gives: undefined },
  { text: '9100', gives: undefined },
]) {
  test(`places: ${text} is ${gives ? 'an address' : 'none'}`, () => assert.equal(parseAddress(text), gives));
}

test('explain: who is eligible on this node, and why the others are not', () => {
  const text =
    service('web', 'internalTrafficPolicy: Local, ports: [{port: 80}]') +
    PODS +
    pod('c', 'web', '10.0.0.3', 'n1', 'False');
  const explained = explainConnection(read(text, { nodeName: 'n1' }), {
    service: 'default/web',
    port: '80',
    client: '10.1.1.1',
    seed: 1,
  });
  assert.is(explained?.picked, '10.0.0.1:80');
  assert.equal(explained?.endpoints.map(({ endpoint, verdict }) => `${endpoint} ${verdict}`).sort(), [
    '10.0.0.1:80 picked',
    '10.0.0.2:80 not on node n1',
    '10.0.0.3:80 not ready',
  ]);
});

test('explain: hints keep a client in its zone', () => {
  const text =
    node('n1', 'east') +
    node('n2', 'west') +
    service('web', 'trafficDistribution: PreferSameZone, ports: [{port: 80}]') +
    PODS;
  const explained = explainConnection(read(text, { nodeName: 'n2' }), {
    service: 'default/web',
    port: '80',
    client: '10.1.1.1',
    seed: 1,
  });
  assert.equal(explained?.endpoints.map(({ endpoint, verdict }) => `${endpoint} ${verdict}`).sort(), [
    '10.0.0.1:80 hints name east',
    '10.0.0.2:80 picked',
  ]);
});

test('explain: priorities narrow the choice to the own zone', () => {
  const text =
    service('web', 'ports: [{port: 80}]', 'proxy.keelson.dev/priority-by: zone') +
    pod('a', 'web', '10.0.0.1', 'n1') +
    pod('b', 'web', '10.0.0.2', 'n2') +
    node('n1', 'z1') +
    node('n2', 'z2');
  const asked = { service: 'default/web', port: '80', client: '10.5.0.1', seed: 1 };
  for (const [nodeName, picked] of [
    ['n1', '10.0.0.1:80'],
    ['n2', '10.0.0.2:80'],
  ]) {
    const explained = explainConnection(read(text, { nodeName }), asked);
    assert.is(explained?.picked, picked);
    const group = explained?.steps.find(({ stage }) => stage === 'group');
    assert.equal([group?.priority, group?.endpoints], [0, 1]);
  }
});

test('explain: no such port', () => {
  const asked = { service: 'default/web', port: '81', client: '10.1.1.1', seed: 1 };
  assert.is(explainConnection(read(WEB), asked), undefined);
});

test.run();
