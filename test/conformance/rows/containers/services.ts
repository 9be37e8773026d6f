/** Connections to Services. Source: Kubernetes v1.36, test/e2e/network/{service,endpointslice}.go, test/e2e/kubectl/kubectl.go. */
import * as assert from 'uvu/assert';
import {
  containerOf,
  netexec,
  nodeAddress,
  outputInside,
  podWith,
  printed,
  ready,
  says,
  WAITS,
} from '../../kit/containers.ts';
import { ownerOf, running } from '../../kit/pods.ts';
import { type Body, eventually, labelled } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

/** Enough that one pod for all of them is no chance: one in 3^15 with three pods. */
const TIMES = 16;

export const SERVICE_NETWORK: readonly Row[] = [
  {
    id: 'C136',
    async run(check) {
      const endpoints = await check.namespaced('v1', 'endpoints', 'default').get('kubernetes');
      const slices = check.namespaced('discovery.k8s.io/v1', 'endpointslices', 'default');
      const [slice, ...more] = (await slices.list(labelled({ 'kubernetes.io/service-name': 'kubernetes' }))).items;
      assert.equal(more, []);
      const addresses = endpoints.subsets.flatMap((subset: Body) => subset.addresses.map(({ ip }: Body) => ip));
      assert.ok(addresses.length > 0);
      assert.equal(
        slice.endpoints.flatMap((one: Body) => one.addresses),
        addresses,
      );
      assert.is(slice.ports[0].port, endpoints.subsets[0].ports[0].port);
      assert.is(slice.addressType, 'IPv4');
      const { port } = slice.ports[0];
      await printed(check, `nc -w 5 ${addresses[0]} ${port} < /dev/null`);
    },
  },
  { id: 'C105', run: guestbook },
  {
    id: 'C150',
    async run(check) {
      await servers(check, 2);
      const { spec } = await create(check, { type: 'ClusterIP' });
      await reaches(check, spec.clusterIP, 80);
      await change(check, { type: 'ExternalName', externalName: 'example.com' });
      const after = (await services(check).get('svc')).spec;
      assert.is(after.clusterIP, undefined);
      assert.is(after.externalName, 'example.com');
      await refuses(check, spec.clusterIP, 80);
    },
  },
  {
    id: 'C151',
    async run(check) {
      await servers(check, 2);
      await create(check, { type: 'ExternalName', externalName: 'example.com' });
      await change(check, { type: 'ClusterIP', externalName: null, ports: [{ port: 80, targetPort: 8080 }] });
      await reaches(check, (await services(check).get('svc')).spec.clusterIP, 80);
    },
  },
  {
    id: 'C152',
    async run(check) {
      await servers(check, 2);
      await create(check, { type: 'ExternalName', externalName: 'example.com' });
      await change(check, { type: 'NodePort', externalName: null, ports: [{ port: 80, targetPort: 8080 }] });
      const { spec } = await services(check).get('svc');
      await reaches(check, spec.clusterIP, 80);
      await reaches(check, await nodeAddress(check), spec.ports[0].nodePort);
    },
  },
  {
    id: 'C153',
    async run(check) {
      await servers(check, 2);
      const { spec } = await create(check, { type: 'NodePort' });
      const address = await nodeAddress(check);
      await reaches(check, address, spec.ports[0].nodePort);
      await change(check, { type: 'ExternalName', externalName: 'example.com' });
      const after = (await services(check).get('svc')).spec;
      assert.is(after.clusterIP, undefined);
      assert.is(after.ports?.[0]?.nodePort, undefined);
      await refuses(check, spec.clusterIP, 80);
      await refuses(check, address, spec.ports[0].nodePort);
    },
  },
  {
    id: 'C154',
    telling: true,
    async run(check) {
      await servers(check, 2);
      const { spec } = await create(check, { type: 'NodePort' });
      assert.ok(spec.ports[0].nodePort >= 30_000 && spec.ports[0].nodePort <= 32_767);
      await reaches(check, spec.clusterIP, 80);
      await reaches(check, await nodeAddress(check), spec.ports[0].nodePort);
    },
  },
  { id: 'C155', run: (check) => switches(check, 'NodePort') },
  { id: 'C156', run: (check) => switches(check, 'ClusterIP') },
  { id: 'C160', run: (check) => sticks(check, 'NodePort') },
  { id: 'C161', run: (check) => sticks(check, 'ClusterIP') },
  {
    id: 'C164',
    async run(check) {
      const [{ metadata }] = await servers(check, 1);
      const ports = [
        { name: 'tcp-port', port: 80, targetPort: 8080, protocol: 'TCP' },
        { name: 'udp-port', port: 80, targetPort: 8081, protocol: 'UDP' },
      ];
      const { spec } = await create(check, { ports });
      const udp = `agnhost udp ${spec.clusterIP} 80 hostname`;
      await reaches(check, spec.clusterIP, 80);
      await eventually('it answers over UDP', async () => (await asked(check, udp)) === metadata.name);
      await change(check, { ports: [ports[0], { ...ports[1], $patch: 'delete' }] });
      await eventually('it answers over UDP no more', async () => (await asked(check, udp)) === '');
      await reaches(check, spec.clusterIP, 80);
      await change(check, { ports: [ports[1], { ...ports[0], $patch: 'delete' }] });
      await eventually('it answers over UDP again', async () => (await asked(check, udp)) === metadata.name);
      await refuses(check, spec.clusterIP, 80);
    },
  },
];

const services = (check: Check) => check.namespaced('v1', 'services');

/** So many that serve, and one that asks. */
async function servers(check: Check, count: number): Promise<Body[]> {
  const names = Array.from({ length: count }, (_, i) => `server-${i}`);
  const labels = { app: 'svc' };
  const pods = names.map((name) => ready(check, podWith(name, [containerOf('main', netexec())], {}, { labels })));
  await ready(check, podWith('client', [containerOf('main', WAITS)]));
  const made = await Promise.all(pods);
  for (const name of names) await says(check, name, 'main', /serving/);
  return made;
}

function create(check: Check, spec: object): Promise<Body> {
  const ports = [{ port: 80, targetPort: 8080 }];
  return services(check).create({ metadata: { name: 'svc' }, spec: { selector: { app: 'svc' }, ports, ...spec } });
}

const change = (check: Check, spec: object): Promise<Body> => services(check).patch('svc', 'strategic', { spec });

/** What a command in the client says; '' where it fails. */
async function asked(check: Check, command: string): Promise<string> {
  return (await outputInside(check, 'client', `${command} 2>/dev/null || true`)).trim();
}

const page = (host: string, port: number): string => `timeout 3 wget -q -O - http://${host}:${port}/hostname`;

/** From a pod, and every server answers in the end. */
async function reaches(check: Check, host: string, port: number): Promise<void> {
  const pods = (await check.namespaced('v1', 'pods').list(labelled({ app: 'svc' }))).items;
  const left = new Set(pods.map(({ metadata }: Body) => metadata.name));
  await eventually(`${host}:${port} leads to every pod`, async () => {
    left.delete(await asked(check, page(host, port)));
    return left.size === 0;
  });
}

async function refuses(check: Check, host: string, port: number): Promise<void> {
  await eventually(`${host}:${port} leads nowhere`, async () => (await asked(check, page(host, port))) === '');
}

/** Who answers one client, again and again. */
async function answerers(check: Check, host: string, port: number): Promise<Set<string>> {
  const command = Array.from({ length: TIMES }, () => `${page(host, port)} || echo none; echo`).join(';');
  return new Set((await outputInside(check, 'client', command)).split('\n').filter((line) => line !== ''));
}

async function placeOf(check: Check, { spec }: Body): Promise<[string, number]> {
  return spec.type === 'NodePort' ? [await nodeAddress(check), spec.ports[0].nodePort] : [spec.clusterIP, 80];
}

async function sticks(check: Check, type: string): Promise<void> {
  await servers(check, 3);
  const service = await create(check, { type, sessionAffinity: 'ClientIP' });
  const place = await placeOf(check, service);
  await eventually('it answers', async () => (await asked(check, page(...place))) !== '');
  await eventually('one pod answers every time', async () => {
    const who = await answerers(check, ...place);
    return who.size === 1 && !who.has('none');
  });
}

async function switches(check: Check, type: string): Promise<void> {
  await servers(check, 3);
  const place = await placeOf(check, await create(check, { type }));
  const spread = async (): Promise<number> => (await answerers(check, ...place)).size;
  await eventually('several answer', async () => (await spread()) > 1);
  await change(check, { sessionAffinity: 'ClientIP' });
  await eventually('one answers', async () => (await spread()) === 1);
  await change(check, { sessionAffinity: 'None' });
  await eventually('several answer again', async () => (await spread()) > 1);
}

/** A frontend that fetches its page from a backend by the backend's Service, and both are reached by theirs. */
async function guestbook(check: Check): Promise<void> {
  const deployments = check.namespaced('apps/v1', 'deployments');
  const tier = async (name: string, replicas: number, command: string | string[]): Promise<Body> => {
    const deployment = ownerOf('Deployment', name, replicas);
    const ports = [{ containerPort: 8080 }];
    const main = containerOf('main', command, {
      ports,
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    });
    deployment.spec.template.spec = { containers: [main], terminationGracePeriodSeconds: 1 };
    await deployments.create(deployment);
    return services(check).create({
      metadata: { name },
      spec: { selector: { name }, ports: [{ port: 80, targetPort: 8080 }] },
    });
  };
  await tier('agnhost-primary', 1, netexec());
  const fetches = [
    'mkdir -p /tmp/www/cgi-bin && cd /tmp/www/cgi-bin',
    "echo '#!/bin/sh' > entry",
    "echo 'echo; wget -q -O - http://$AGNHOST_PRIMARY_SERVICE_HOST/echo?msg=$QUERY_STRING' >> entry",
    "chmod 755 entry; trap 'exit 0' TERM; httpd -f -p 8080 -h /tmp/www & wait",
  ].join('; ');
  await tier('frontend', 3, fetches);
  await running(check, 'agnhost-primary', 1);
  await running(check, 'frontend', 3);
  for (let i = 0; i < 5; i++) {
    const path = `${services(check).path}/frontend/proxy/cgi-bin/entry?TestEntry${i}`;
    await eventually('the entry comes back through both', async () => {
      const { code, text } = await check.api.get(path);
      return code === 200 && text.trim() === `TestEntry${i}`;
    });
  }
  const { kubectl, namespace } = check;
  await kubectl.output(['delete', 'deploy,svc', '--all', '-n', namespace, '--grace-period=0', '--force']);
  const pods = check.namespaced('v1', 'pods');
  await eventually('nothing of it is left', async () => (await pods.list()).items.length === 0);
}
