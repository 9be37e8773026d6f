/** Services, endpoints, ingresses. Source: Kubernetes v1.36, test/e2e/network/{service,endpointslice,ingress,ingressclass}.go. */
import * as assert from 'uvu/assert';
import { annotated, everyVerb } from '../kit/every-verb.ts';
import { type Body, labelled, names, seen } from '../kit/resource.ts';
import type { Row } from '../row.ts';

export const NETWORK: readonly Row[] = [
  {
    id: 'C137',
    run: (check) =>
      everyVerb(check, {
        groupVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        plural: 'endpointslices',
        namespaced: true,
        make: (name) => ({
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name },
          addressType: 'IPv4',
          endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }, { addresses: ['2.2.3.4', '6.6.7.8'] }],
          ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
        }),
      }),
  },
  {
    id: 'C140',
    run: (check) =>
      everyVerb(check, {
        groupVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        plural: 'ingresses',
        namespaced: true,
        subresources: ['status'],
        make: (name) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name },
          spec: {
            ingressClassName: `nothing-${check.unique}`,
            defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } },
            rules: [
              {
                host: 'foo.bar.com',
                http: {
                  paths: [
                    { path: '/', pathType: 'Prefix', backend: { service: { name: 'backend', port: { number: 80 } } } },
                  ],
                },
              },
            ],
            tls: [{ hosts: ['foo.bar.com'], secretName: 'foo-tls' }],
          },
        }),
        async meanwhile(own, { metadata: { name, uid } }) {
          const status = { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } };
          const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status };
          const patched = await own.patch(name, 'merge', patch, 'status');
          assert.equal(patched.status, status);
          assert.is(patched.metadata.annotations.patchedstatus, 'true');
          const next = { loadBalancer: { ingress: [{ ip: '169.1.1.2' }] } };
          const updated = await own.update(annotated({ ...patched, status: next }, 'updatedstatus', 'true'), 'status');
          assert.equal(updated.status, next);
          const read = await own.get(name, 'status');
          assert.is(read.metadata.uid, uid);
          assert.equal(read.status, next);
        },
      }),
  },
  {
    id: 'C141',
    run: (check) =>
      everyVerb(check, {
        groupVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        plural: 'ingressclasses',
        namespaced: false,
        make: (name) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name },
          spec: { controller: 'example.com/controller' },
        }),
      }),
  },
  {
    id: 'C157',
    async run(check) {
      const services = check.namespaced('v1', 'services');
      const labels = { 'test-service-static': check.unique };
      const watch = services.watch(labelled(labels));
      await services.create({
        metadata: { name: 'test-service', labels },
        spec: { type: 'LoadBalancer', ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }] },
      });
      await seen(watch, 'ADDED');
      const read = await services.get('test-service', 'status');
      assert.is(read.kind, 'Service');
      assert.equal(read.status.loadBalancer, {});
      const lb = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } };
      const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status: lb };
      const patched = await services.patch('test-service', 'merge', patch, 'status');
      assert.is(patched.status.loadBalancer.ingress[0].ip, '203.0.113.1');
      await seen(watch, 'MODIFIED', ({ metadata }) => metadata.annotations?.patchedstatus === 'true');
      const condition = {
        type: 'StatusUpdate',
        status: 'True',
        reason: 'E2E',
        message: 'Set from a test',
        lastTransitionTime: '2026-01-02T03:04:05Z',
      };
      const conditions = [...(patched.status.conditions ?? []), condition];
      const updated = await services.update({ ...patched, status: { ...patched.status, conditions } }, 'status');
      assert.is(updated.status.conditions.at(-1).type, 'StatusUpdate');
      await seen(watch, 'MODIFIED', ({ status }) => status.conditions?.length === 1);
      await services.patch('test-service', 'strategic', { metadata: { labels: { 'test-service': 'patched' } } });
      const changed = await seen(watch, 'MODIFIED', ({ metadata }) => metadata.labels['test-service'] === 'patched');
      assert.equal(changed.status, updated.status, 'the status stays');
      assert.is((await services.delete('test-service')).kind, 'Service', 'what was deleted is the answer');
      await seen(watch, 'DELETED');
      watch.stop();
    },
  },
  {
    id: 'C158',
    async run(check) {
      const services = check.namespaced('v1', 'services');
      const spec = { ports: [{ port: 80 }] };
      for (const [name, set] of [
        ['a', 'yes'],
        ['b', 'yes'],
        ['c', 'no'],
      ]) {
        await services.create({ metadata: { name: `e2e-svc-${name}`, labels: { 'e2e-test-label': set } }, spec });
      }
      assert.is((await services.list()).items.length, 3);
      await services.deleteCollection(labelled({ 'e2e-test-label': 'yes' }));
      assert.equal(names(await services.list()), ['e2e-svc-c']);
    },
  },
  {
    id: 'C159',
    async run({ everywhere }) {
      const { items } = await everywhere('v1', 'services').list();
      assert.ok(items.some(({ metadata }: Body) => metadata.name === 'kubernetes' && metadata.namespace === 'default'));
    },
  },
  {
    id: 'C162',
    async run(check) {
      const { spec } = await check.namespaced('v1', 'services', 'default').get('kubernetes');
      assert.ok(
        spec.ports.some(({ port, name }: Body) => port === 443 && name === 'https'),
        'it is served securely',
      );
      assert.match(spec.clusterIP, /^\d+\.\d+\.\d+\.\d+$/);
    },
  },
  {
    id: 'C166',
    async run(check) {
      const endpoints = check.namespaced('v1', 'endpoints');
      const labels = { 'test-endpoint-static': check.unique };
      const watch = endpoints.watch(labelled(labels));
      const name = 'testservice';
      const created = await endpoints.create({
        metadata: { name, labels },
        subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }],
      });
      await seen(watch, 'ADDED');
      assert.equal(names(await check.everywhere('v1', 'endpoints').list(labelled(labels))), [name]);
      const metadata = { ...created.metadata, labels: { ...labels, 'test-service': 'updated' } };
      await endpoints.update({ ...created, metadata });
      await seen(watch, 'MODIFIED', (object) => object.metadata.labels['test-service'] === 'updated');
      assert.is((await endpoints.get(name)).metadata.labels['test-service'], 'updated');
      await endpoints.patch(name, 'strategic', {
        metadata: { labels: { 'test-service': 'patched' } },
        subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }],
      });
      await seen(watch, 'MODIFIED', (object) => object.metadata.labels['test-service'] === 'patched');
      const [subset, ...others] = (await endpoints.get(name)).subsets;
      assert.equal(others, [], 'the list of subsets is replaced');
      assert.is(subset.addresses[0].ip, '10.0.0.25');
      assert.equal(subset.ports, [{ name: 'http-test', port: 8080, protocol: 'TCP' }]);
      await endpoints.deleteCollection(labelled(labels));
      await seen(watch, 'DELETED');
      await endpoints.gone(name);
      watch.stop();
    },
  },
];
