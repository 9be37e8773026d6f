import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyDefaults } from '../../../../core/objects/defaults.ts';
import type { EndpointSlice, Service, ServiceSpec } from '../../../../core/objects/types.ts';

const filled = (spec: ServiceSpec, status?: Service['status']): Service =>
  applyDefaults<Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec, status });

const cases: { name: string; spec: ServiceSpec; filled: ServiceSpec }[] = [
  {
    name: 'a plain Service',
    spec: { ports: [{ port: 80 }] },
    filled: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    },
  },
  {
    name: 'what is written stays',
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
      ports: [{ port: 80, protocol: 'UDP', targetPort: 'dns' }],
    },
    filled: {
      type: 'LoadBalancer',
      sessionAffinity: 'None',
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
      ports: [{ port: 80, protocol: 'UDP', targetPort: 'dns' }],
    },
  },
  {
    name: 'an external address is reached from outside',
    spec: { externalIPs: ['192.0.2.1'], clusterIP: '10.96.0.9' },
    filled: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      externalIPs: ['192.0.2.1'],
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
      clusterIP: '10.96.0.9',
      clusterIPs: ['10.96.0.9'],
    },
  },
  {
    name: 'affinity lasts three hours, and its settings go where there is none',
    spec: { sessionAffinity: 'ClientIP', type: 'NodePort' },
    filled: {
      type: 'NodePort',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      externalTrafficPolicy: 'Cluster',
      internalTrafficPolicy: 'Cluster',
    },
  },
  {
    name: 'an ExternalName has no policies',
    spec: { type: 'ExternalName', externalName: 'db', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    filled: { type: 'ExternalName', externalName: 'db', sessionAffinity: 'None' },
  },
];
for (const { name, spec, filled: expected } of cases) {
  test(`Service defaults: ${name}`, () => {
    const once = filled(spec);
    assert.equal(once.spec, expected);
    assert.equal(applyDefaults(once), once);
  });
}

test('Service defaults: an address of a load balancer is captured', () => {
  const { status } = filled({}, { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb' }] } });
  assert.equal(status?.loadBalancer?.ingress, [{ ip: '192.0.2.1', ipMode: 'VIP' }, { hostname: 'lb' }]);
});

test('EndpointSlice defaults: ports get a name and a protocol', () => {
  const slice = applyDefaults({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default' },
    addressType: 'IPv4',
    ports: [{ port: 80 }],
  } as unknown as EndpointSlice);
  assert.equal(slice.endpoints, []);
  assert.equal(slice.ports, [{ port: 80, name: '', protocol: 'TCP' }]);
});

test.run();
