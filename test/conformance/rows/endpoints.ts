/** Endpoints and EndpointSlices as their controllers keep them. Source: Kubernetes v1.36, test/e2e/network/{endpointslice,endpointslicemirroring,service,service_latency}.go. */
import * as assert from 'uvu/assert';
import { podOf, running, turned } from '../kit/pods.ts';
import { type Body, eventually, labelled } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

export const ENDPOINTS: readonly Row[] = [
  { id: 'C134', run: matchesPods },
  {
    id: 'C135',
    async run(check) {
      await check.namespaced('v1', 'services').create(service('example-empty-selector', [{ port: 80 }]));
      const slices = check.namespaced('discovery.k8s.io/v1', 'endpointslices');
      const endpoints = check.namespaced('v1', 'endpoints');
      await eventually('there are Endpoints', async () => (await endpoints.list()).items.length === 1);
      await eventually('there is a slice', async () => (await slicesOf(check, 'example-empty-selector')).length === 1);
      await check.namespaced('v1', 'services').delete('example-empty-selector');
      await endpoints.gone('example-empty-selector');
      await eventually('the slices go', async () => (await slices.list()).items.length === 0);
    },
  },
  { id: 'C138', run: mirrors },
  {
    id: 'C149',
    async run(check) {
      await check.namespaced('v1', 'pods').create(podOf('svc-latency', { name: 'svc-latency' }));
      await running(check, 'svc-latency', 1);
      const latencies = await Promise.all(Array.from({ length: 30 }, (_, i) => endpointLatency(check, `latency-${i}`)));
      latencies.sort((a, b) => a - b);
      assert.ok(latencies[15] < 20_000, `the median is ${latencies[15]} ms`);
      assert.ok(latencies[29] < 50_000, `the slowest took ${latencies[29]} ms`);
    },
  },
  { id: 'C165', run: followsPorts },
];

const service = (name: string, ports: object[], selector: object | null = { name }): Body => ({
  metadata: { name },
  spec: { ports, ...(selector && { selector }) },
});

async function slicesOf(check: Check, name: string): Promise<Body[]> {
  const slices = check.namespaced('discovery.k8s.io/v1', 'endpointslices');
  return (await slices.list(labelled({ 'kubernetes.io/service-name': name }))).items;
}

const withPorts = (name: string, labels: Record<string, string>, ports: object[]): Body =>
  podOf(name, labels, { containers: [{ name: 'c', image: 'agnhost', ports }] });

/** Two pods; one Service of both by one port, one of each by a named port of another number in each. */
async function matchesPods(check: Check): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  const shared = { 'shared-label': 'true' };
  await pods.create(withPorts('pod1', { ...shared, name: 'pod1' }, [{ name: 'example-name', containerPort: 3000 }]));
  await pods.create(
    withPorts('pod2', { ...shared, name: 'pod2' }, [
      { name: 'example-name', containerPort: 3001 },
      { name: 'other-port', containerPort: 3002 },
    ]),
  );
  for (const name of ['pod1', 'pod2']) await running(check, name, 1);
  const services = check.namespaced('v1', 'services');
  await services.create(
    service('example-int-port', [{ name: 'example', port: 80, targetPort: 3000 }], { name: 'pod1' }),
  );
  await services.create(
    service('example-named-port', [{ name: 'http', port: 80, targetPort: 'example-name' }], shared),
  );
  await services.create(service('example-no-match', [{ name: 'http', port: 80 }], { none: 'matches' }));
  const ipOf = async (name: string): Promise<string> => (await pods.get(name)).status.podIP;
  const [ip1, ip2] = [await ipOf('pod1'), await ipOf('pod2')];
  await reaches(check, 'example-int-port', [`${ip1}:3000`]);
  await reaches(check, 'example-named-port', [`${ip1}:3000`, `${ip2}:3001`]);
  await reaches(check, 'example-no-match', []);
  const [slice] = await slicesOf(check, 'example-int-port');
  const [endpoint] = slice.endpoints;
  assert.is(endpoint.conditions.ready, true);
  assert.is(endpoint.targetRef.name, 'pod1');
  assert.is(endpoint.nodeName, (await pods.get('pod1')).spec.nodeName);
}

/** Slices and Endpoints both say so: 'IP:PORT'. */
async function reaches(check: Check, name: string, wanted: string[]): Promise<void> {
  await eventually(`${name} has ${wanted.join(' ') || 'no endpoint'}`, async () => {
    const slices = await slicesOf(check, name);
    const inSlices = slices.flatMap(({ endpoints, ports }: Body) =>
      (endpoints ?? []).flatMap(({ addresses }: Body) =>
        (ports ?? []).map(({ port }: Body) => `${addresses[0]}:${port}`),
      ),
    );
    const { code, body } = await check.api.get(`${check.namespaced('v1', 'endpoints').path}/${name}`);
    const subsets: Body[] = body.subsets ?? [];
    const inEndpoints = subsets.flatMap(({ addresses = [], ports = [] }) =>
      addresses.flatMap(({ ip }: Body) => ports.map(({ port }: Body) => `${ip}:${port}`)),
    );
    const same = (a: string[]): boolean => a.sort().join(' ') === [...wanted].sort().join(' ');
    return code === 200 && slices.length > 0 && same(inSlices) && same(inEndpoints);
  });
}

async function mirrors(check: Check): Promise<void> {
  const name = 'example-custom-endpoints';
  await check.namespaced('v1', 'services').create(service(name, [{ name: 'example', port: 80 }], null));
  const endpoints = check.namespaced('v1', 'endpoints');
  const ports = [{ name: 'example', port: 80, protocol: 'TCP' }];
  await endpoints.create({ metadata: { name }, subsets: [{ ports, addresses: [{ ip: '10.1.2.3' }] }] });
  const mirrored = (port: number, ip: string) =>
    eventually(`a slice has ${ip}:${port}`, async () => {
      const [slice, ...more] = await slicesOf(check, name);
      return (
        more.length === 0 &&
        slice?.ports[0].port === port &&
        slice.endpoints.length === 1 &&
        slice.endpoints[0].addresses[0] === ip &&
        slice.metadata.labels['endpointslice.kubernetes.io/managed-by'] === 'endpointslicemirroring-controller.k8s.io'
      );
    });
  await mirrored(80, '10.1.2.3');
  await endpoints.change(name, (object) => ({
    ...object,
    subsets: [{ ports: [{ ...ports[0], port: 8080 }], addresses: [{ ip: '10.2.3.4' }] }],
  }));
  await mirrored(8080, '10.2.3.4');
  await endpoints.delete(name);
  await eventually('the slice goes', async () => (await slicesOf(check, name)).length === 0);
}

/** @returns milliseconds from the creation of a Service to its endpoints. */
async function endpointLatency(check: Check, name: string): Promise<number> {
  const began = performance.now();
  await check.namespaced('v1', 'services').create(service(name, [{ port: 80 }], { name: 'svc-latency' }));
  await eventually(`${name} has endpoints`, async () => {
    const { code, body } = await check.api.get(`${check.namespaced('v1', 'endpoints').path}/${name}`);
    return code === 200 && body.subsets?.[0]?.addresses?.length === 1;
  });
  return performance.now() - began;
}

async function followsPorts(check: Check): Promise<void> {
  const name = 'multi-endpoint-test';
  const ports = [
    { name: 'portname1', port: 80, targetPort: 'svc1' },
    { name: 'portname2', port: 81, targetPort: 'svc2' },
  ];
  await check.namespaced('v1', 'services').create(service(name, ports, { app: name }));
  await reaches(check, name, []);
  const pods = check.namespaced('v1', 'pods');
  const labels = { app: name };
  await pods.create(withPorts('pod1', { ...labels, name: 'pod1' }, [{ name: 'svc1', containerPort: 100 }]));
  const ip1 = (await turned(pods, 'pod1', 'has an address', ({ status }) => status.podIP)).status.podIP;
  await reaches(check, name, [`${ip1}:100`]);
  await pods.create(withPorts('pod2', { ...labels, name: 'pod2' }, [{ name: 'svc2', containerPort: 101 }]));
  const ip2 = (await turned(pods, 'pod2', 'has an address', ({ status }) => status.podIP)).status.podIP;
  await reaches(check, name, [`${ip1}:100`, `${ip2}:101`]);
  await pods.delete('pod1', { gracePeriodSeconds: 0 });
  await reaches(check, name, [`${ip2}:101`]);
  await pods.delete('pod2', { gracePeriodSeconds: 0 });
  await reaches(check, name, []);
}
