/** Pods that reach each other, their names, and the API's way to them. Source: Kubernetes v1.36, test/e2e/common/{network,node}, test/e2e/network/{dns,proxy}.go, test/e2e/apps. */
import { createSocket } from 'node:dgram';
import * as assert from 'uvu/assert';
import type { Ask } from '../../../support/api-client.ts';
import {
  containerOf,
  inside,
  netexec,
  outputInside,
  podWith,
  printed,
  ready,
  says,
  WAITS,
} from '../../kit/containers.ts';
import { ownerOf, podsOf, running } from '../../kit/pods.ts';
import { type Body, eventually } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

export const POD_NETWORK: readonly Row[] = [
  { id: 'C079', run: (check) => everyReplicaServes(check, 'apps/v1', 'replicasets', 'ReplicaSet') },
  { id: 'C084', run: (check) => everyReplicaServes(check, 'v1', 'replicationcontrollers', 'ReplicationController') },
  {
    id: 'C126',
    async run(check) {
      const spec = { hostname: 'dns-querier-1', subdomain: 'dns-test-service' };
      const hosts = await printed(check, 'cat /etc/hosts; hostname -f', {}, spec);
      const { status } = await check.namespaced('v1', 'pods').get('prints');
      const full = `dns-querier-1.dns-test-service.${check.namespace}.svc.cluster.local`;
      assert.match(hosts, new RegExp(`^${status.podIP}\\s+${full}\\s+dns-querier-1$`, 'm'));
      assert.match(hosts, /^127\.0\.0\.1\s+localhost$/m);
      assert.match(hosts, new RegExp(`^${full}$`, 'm'));
    },
  },
  {
    id: 'C133',
    async run(check) {
      const dnsConfig = {
        nameservers: ['1.1.1.1'],
        searches: ['resolv.conf.local'],
        options: [{ name: 'ndots', value: '2' }],
      };
      const file = await printed(check, 'cat /etc/resolv.conf', {}, { dnsPolicy: 'None', dnsConfig });
      const lines = file.split('\n').filter((line) => line && !line.startsWith('#'));
      assert.equal(lines.sort(), ['nameserver 1.1.1.1', 'options ndots:2', 'search resolv.conf.local']);
    },
  },
  {
    id: 'C199',
    async run(check) {
      const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
      const hosts = await printed(check, 'cat /etc/hosts', {}, { hostAliases });
      assert.match(hosts, /^123\.45\.67\.89\s+foo\s+bar$/m);
    },
  },
  { id: 'C200', run: hostsFiles },
  {
    id: 'C142',
    telling: true,
    run: (check) => podToPod(check, (ip) => `wget -q -O - http://${ip}:8080/hostname`),
  },
  { id: 'C143', run: (check) => podToPod(check, (ip) => `agnhost udp ${ip} 8081 hostname`) },
  {
    id: 'C144',
    run: (check) => nodeToPod(check, async (ip) => (await fetch(`http://${ip}:8080/hostname`)).text()),
  },
  { id: 'C145', run: (check) => nodeToPod(check, (ip) => askByUdp(ip, 8081, 'hostname')) },
  {
    id: 'C146',
    async run(check) {
      await serverWithService(check);
      for (const [to, path] of proxiesOf(check)) await forwardsMethods(check, to, path, '');
    },
  },
  {
    id: 'C147',
    async run(check) {
      await serverWithService(check);
      for (const [to, path] of proxiesOf(check)) await forwardsMethods(check, to, path, '/some/path/with/methods');
    },
  },
  {
    id: 'C148',
    async run(check) {
      await serverWithService(check);
      const pods = `${check.namespaced('v1', 'pods').path}`;
      const services = `${check.namespaced('v1', 'services').path}`;
      const paths = [
        `${pods}/server:8080`,
        `${pods}/http:server:8080`,
        `${services}/web:http`,
        `${services}/http:web:80`,
      ];
      for (let i = 0; i < 20; i++) {
        const answers = await Promise.all(paths.map((path) => check.api.get(`${path}/proxy/hostname`)));
        assert.equal(
          answers.map(({ code, text }) => `${code} ${text}`),
          paths.map(() => '200 server'),
        );
      }
    },
  },
];

async function everyReplicaServes(check: Check, groupVersion: string, plural: string, kind: string): Promise<void> {
  const owner = ownerOf(kind, 'basic', 2);
  owner.spec.template.spec = { containers: [containerOf('main', netexec())], terminationGracePeriodSeconds: 1 };
  await check.namespaced(groupVersion, plural).create(owner);
  await running(check, 'basic', 2);
  for (const { metadata, status } of await podsOf(check, 'basic')) {
    await eventually(`${metadata.name} answers with its name`, async () => {
      const { code, text } = await check.api.get(
        `${check.namespaced('v1', 'pods').path}/${metadata.name}:8080/proxy/hostname`,
      );
      return code === 200 && text === metadata.name;
    });
    const direct = await fetch(`http://${status.podIP}:8080/hostname`);
    assert.is(await direct.text(), metadata.name);
  }
}

async function servers(check: Check, count: number): Promise<Body[]> {
  const names = Array.from({ length: count }, (_, i) => `netserver-${i}`);
  const pods = await Promise.all(names.map((name) => ready(check, podWith(name, [containerOf('main', netexec())]))));
  for (const name of names) await says(check, name, 'main', /serving/);
  return pods;
}

async function podToPod(check: Check, command: (ip: string) => string): Promise<void> {
  const pods = await servers(check, 2);
  await ready(check, podWith('client', [containerOf('main', WAITS)]));
  for (const from of ['client', ...pods.map(({ metadata }) => metadata.name)]) {
    for (const { metadata, status } of pods) {
      assert.is((await outputInside(check, from, command(status.podIP))).trim(), metadata.name, `from ${from}`);
    }
  }
}

async function nodeToPod(check: Check, ask: (ip: string) => Promise<string>): Promise<void> {
  for (const { metadata, status } of await servers(check, 2)) assert.is(await ask(status.podIP), metadata.name);
}

function askByUdp(host: string, port: number, text: string): Promise<string> {
  const socket = createSocket('udp4');
  return new Promise<string>((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`${host}:${port} does not answer`)), 5000);
    socket.once('message', (answer) => {
      clearTimeout(timeout);
      resolve(answer.toString());
    });
    socket.once('error', reject);
    socket.send(text, port, host);
  }).finally(() => socket.close());
}

/** `/etc/hosts` is the node's to write, but where a pod is on its network or brings a file of its own. */
async function hostsFiles(check: Check): Promise<void> {
  const own = { volumeMounts: [{ name: 'own', mountPath: '/etc/hosts' }] };
  const command = 'echo "of the pod" > /shared/hosts';
  const volumeMounts = [{ name: 'own', mountPath: '/shared' }];
  const prepares = containerOf('prepares', command, { volumeMounts });
  const mounts = { volumeMounts: [{ ...own.volumeMounts[0], subPath: 'hosts' }] };
  const containers = [containerOf('main', WAITS), containerOf('second', WAITS), containerOf('own', WAITS, mounts)];
  const spec = { initContainers: [prepares], volumes: [{ name: 'own', emptyDir: {} }] };
  await ready(check, podWith('managed', containers, spec));
  for (const name of ['main', 'second']) {
    assert.match(await outputInside(check, 'managed', 'cat /etc/hosts', name), /# Kubernetes-managed hosts file/);
  }
  assert.is(await outputInside(check, 'managed', 'cat /etc/hosts', 'own'), 'of the pod\n');
  await ready(check, podWith('on-host', [containerOf('main', WAITS)], { hostNetwork: true }));
  const { out } = await inside(check, 'on-host', 'cat /etc/hosts');
  assert.not.match(out, /# Kubernetes-managed hosts file\./);
}

async function serverWithService(check: Check): Promise<void> {
  const labels = { app: 'web' };
  const ports = [{ name: 'http', containerPort: 8080 }];
  await ready(check, podWith('server', [containerOf('main', netexec(), { ports })], {}, { labels }));
  await says(check, 'server', 'main', /serving/);
  await check.namespaced('v1', 'services').create({
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  });
  await eventually('the Service has an endpoint', async () => {
    const { code, body } = await check.api.get(`${check.namespaced('v1', 'endpoints').path}/web`);
    return code === 200 && (body.subsets ?? []).some((subset: Body) => subset.addresses?.length > 0);
  });
}

function proxiesOf(check: Check): [string, string][] {
  return [
    ['pod', `${check.namespaced('v1', 'pods').path}/server:8080/proxy`],
    ['service', `${check.namespaced('v1', 'services').path}/web:http/proxy`],
  ];
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

async function forwardsMethods({ api }: Check, to: string, path: string, below: string): Promise<void> {
  for (const method of METHODS) {
    if (below === '' && (method === 'GET' || method === 'HEAD')) {
      const { code, headers } = await api.ask(method, `${path}?method=${method}`);
      assert.is(code, 301, `${method} through the ${to}`);
      assert.is(headers.location, `${path}/?method=${method}`);
      continue;
    }
    const body: Ask = ['PATCH', 'POST', 'PUT'].includes(method) ? { bytes: 'a body' } : {};
    const { code, text } = await api.ask(method, `${path}${below}?method=${method}`, body);
    const what = `${method} through the ${to}: ${text}`;
    assert.is(code, 200, what);
    if (method !== 'HEAD') assert.match(text, new RegExp(`^method=${method} target=${below || '/'}`), what);
  }
}
