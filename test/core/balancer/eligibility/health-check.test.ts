/** The health-check node port (Cilium's script: healthserver). */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { healthAnswer } from '../../../../core/balancer/eligibility/health-check.ts';
import { healthCheckPort } from '../../../../core/balancer/eligibility/service-ports.ts';
import type { Endpoint, EndpointPort, ServiceSpec } from '../../../../core/objects/types.ts';
import { serviceOf, sliceOf } from '../../../support/services.ts';

const LOCAL: ServiceSpec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_100 };
const on = (nodeName: string, n: number, ready = true, serving = ready, terminating = false): Endpoint => ({
  addresses: [`10.0.0.${n}`],
  nodeName,
  conditions: { ready, serving, terminating },
});

const cases: { name: string; endpoints: Endpoint[]; sick?: true; status: number; count: number }[] = [
  { name: 'a ready endpoint here', endpoints: [on('n1', 1), on('n2', 2)], status: 200, count: 1 },
  { name: 'two of them', endpoints: [on('n1', 1), on('n1', 2)], status: 200, count: 2 },
  { name: 'ready ones elsewhere only', endpoints: [on('n2', 1)], status: 503, count: 0 },
  { name: 'none at all', endpoints: [], status: 503, count: 0 },
  { name: 'an unready one here', endpoints: [on('n1', 1, false)], status: 503, count: 0 },
  {
    name: 'only one that leaves, though it gets traffic',
    endpoints: [on('n1', 1, false, true, true)],
    status: 503,
    count: 0,
  },
  { name: 'the proxy itself is not well', endpoints: [on('n1', 1)], sick: true, status: 503, count: 1 },
];
for (const { name, endpoints, sick, status, count } of cases) {
  test(`health check: ${name}`, () => {
    const answer = healthAnswer(serviceOf('web', LOCAL), [sliceOf('web', 's', endpoints)], { name: 'n1' }, !sick);
    assert.is(answer.status, status);
    assert.is(answer.headers['x-load-balancing-endpoint-weight'], String(count));
    assert.equal(answer.body, {
      service: { namespace: 'default', name: 'web' },
      localEndpoints: count,
      serviceProxyHealthy: !sick,
    });
  });
}

test('health check: an endpoint with two ports is one', () => {
  const ports: EndpointPort[] = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ];
  const service = serviceOf('web', {
    ...LOCAL,
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ],
  });
  const answer = healthAnswer(service, [sliceOf('web', 's', [on('n1', 1)], { ports })], { name: 'n1' }, true);
  assert.is(answer.body.localEndpoints, 1);
});

test('health check: only a load balancer with policy Local is asked', () => {
  assert.is(healthCheckPort(serviceOf('web', LOCAL)), 30_100);
  assert.is(healthCheckPort(serviceOf('web', { ...LOCAL, externalTrafficPolicy: 'Cluster' })), undefined);
  assert.is(healthCheckPort(serviceOf('web', { ...LOCAL, type: 'NodePort' })), undefined);
  assert.is(healthCheckPort(serviceOf('web', { ...LOCAL, healthCheckNodePort: 0 })), undefined);
});

test.run();
