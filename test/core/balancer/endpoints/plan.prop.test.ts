/** Laws of planning EndpointSlices, over a history of pods that come, change and go. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EndpointPlan, planEndpoints } from '../../../../core/balancer/endpoints/plan.ts';
import type { EndpointSlice, Pod, Service } from '../../../../core/objects/types.ts';
import { backend, nodeOf, numbered, serviceOf } from '../../../support/services.ts';

// Few numbers and small slices, so that slices fill up, empty and meet.
const PODS = 24;
const podArbitrary = fc
  .record({
    n: fc.nat(PODS - 1),
    port: fc.constantFrom(8080, 8081),
    ready: fc.boolean(),
    terminating: fc.boolean(),
    on: fc.constantFrom('n1', 'n3', 'n4', 'n9'),
    families: fc.constantFrom('4', '46', '6'),
  })
  .map(({ n, port, families, ...rest }): Pod => {
    const ips = [
      ...(families.includes('4') ? [numbered(n)] : []),
      ...(families.includes('6') ? [`fd00::${n + 1}`] : []),
    ];
    const spec = { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] };
    return backend(n, { ...rest, ips, spec });
  });
const podsArbitrary = fc.uniqueArray(podArbitrary, {
  selector: ({ metadata }) => metadata.name,
  maxLength: PODS,
  size: 'max',
});
const serviceArbitrary = fc
  .record({
    ipFamilies: fc.constantFrom<string[]>(['IPv4'], ['IPv6'], ['IPv4', 'IPv6']),
    publishNotReadyAddresses: fc.boolean(),
    trafficDistribution: fc.constantFrom(undefined, 'PreferSameZone', 'PreferSameNode'),
    targetPort: fc.constantFrom('http', 9000),
  })
  .map(({ targetPort, ...spec }) => serviceOf('web', { ...spec, ports: [{ port: 80, targetPort }] }));
const historyArbitrary = fc.array(fc.tuple(serviceArbitrary, podsArbitrary), { minLength: 1, maxLength: 5 });
const maxArbitrary = fc.constantFrom(1, 2, 3, 5, 100);

/** What a store holds after the writes. */
function carryOut(stored: readonly EndpointSlice[], { actions }: EndpointPlan): EndpointSlice[] {
  const byName = new Map(stored.map((slice) => [slice.metadata.name, slice]));
  for (const { type, slice } of actions) {
    assert.is(byName.has(slice.metadata.name), type !== 'create', `${type} ${slice.metadata.name}`);
    if (type === 'delete') byName.delete(slice.metadata.name);
    else byName.set(slice.metadata.name, slice);
  }
  return [...byName.values()];
}

/** 'IPv4 10.0.0.1:8080 ready' for all that should be there, found without slices. */
function expected({ spec }: Service, pods: readonly Pod[]): string[] {
  return pods.flatMap((pod) => {
    if (pod.spec.nodeName === 'n9' && !spec?.publishNotReadyAddresses) return [];
    const declared = pod.spec.containers[0].ports?.[0].containerPort;
    const port = spec?.ports?.[0].targetPort === 'http' ? declared : 9000;
    const ready = pod.status?.conditions?.[0].status === 'True' && !pod.metadata.deletionTimestamp;
    const state = ready || spec?.publishNotReadyAddresses ? 'ready' : 'unready';
    const ips = pod.status?.podIPs as { ip: string }[];
    return ips.flatMap(({ ip }) => {
      const family = ip.includes(':') ? 'IPv6' : 'IPv4';
      return spec?.ipFamilies?.includes(family) ? [`${family} ${ip} ${port} ${state}`] : [];
    });
  });
}

function held(slices: readonly EndpointSlice[]): string[] {
  return slices.flatMap(({ addressType, ports, endpoints }) =>
    endpoints.map(
      ({ addresses, conditions }) =>
        `${addressType} ${addresses} ${ports?.[0].port} ${conditions?.ready ? 'ready' : 'unready'}`,
    ),
  );
}

test('endpoints: after every step all endpoints stand in slices once, no slice is too full, and a second look writes nothing', () => {
  fc.assert(
    fc.property(historyArbitrary, maxArbitrary, (history, maxEndpointsPerSlice) => {
      let stored: EndpointSlice[] = [];
      for (const [service, pods] of history) {
        const plan = planEndpoints(service, pods, nodeOf, stored, { maxEndpointsPerSlice });
        stored = carryOut(stored, plan);
        const key = (slices: readonly EndpointSlice[]): string[] => slices.map((slice) => JSON.stringify(slice)).sort();
        assert.equal(key(stored), key(plan.slices), 'the plan says what will be');
        assert.equal(held(stored).sort(), expected(service, pods).sort());
        for (const family of service.spec?.ipFamilies ?? []) {
          const slices = stored.filter(({ addressType }) => addressType === family);
          assert.ok(slices.length > 0, 'a family always has a slice');
          assert.ok(
            slices.length === 1 || slices.every(({ endpoints }) => endpoints.length > 0),
            'one empty slice at most',
          );
        }
        for (const { endpoints } of stored) assert.ok(endpoints.length <= maxEndpointsPerSlice);
        const again = planEndpoints(service, pods, nodeOf, stored, { maxEndpointsPerSlice });
        assert.equal(again.actions, []);
      }
    }),
    { numRuns: 400 },
  );
});

test('endpoints: one pod that comes, changes its conditions or goes is one write in each of its families', () => {
  fc.assert(
    fc.property(
      serviceArbitrary,
      podsArbitrary,
      podsArbitrary,
      fc.nat(),
      maxArbitrary,
      (service, first, pods, index, maxEndpointsPerSlice) => {
        fc.pre(pods.length > 0);
        const options = { maxEndpointsPerSlice };
        const before = planEndpoints(service, first, nodeOf, [], options);
        const settled = planEndpoints(service, pods, nodeOf, before.slices, options);
        const one = pods[index % pods.length];
        const others = pods.filter((pod) => pod !== one);
        const turned = { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
        for (const now of [others, [...others, turned]]) {
          const { actions } = planEndpoints(service, now, nodeOf, settled.slices, options);
          for (const family of ['IPv4', 'IPv6']) {
            assert.ok(actions.filter(({ slice }) => slice.addressType === family).length <= 1, family);
          }
        }
        const without = planEndpoints(service, others, nodeOf, settled.slices, options);
        const { actions } = planEndpoints(service, pods, nodeOf, without.slices, options);
        for (const family of ['IPv4', 'IPv6']) {
          assert.ok(actions.filter(({ slice }) => slice.addressType === family).length <= 1, family);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('endpoints: nothing that was handed in is changed', () => {
  fc.assert(
    fc.property(
      serviceArbitrary,
      podsArbitrary,
      fc.nat(PODS),
      maxArbitrary,
      (service, pods, cut, maxEndpointsPerSlice) => {
        const options = { maxEndpointsPerSlice };
        // The first pods stay as they are, so that slices without a change of their own have room for the others.
        const { slices } = planEndpoints(service, pods.slice(0, cut), nodeOf, [], options);
        const before = JSON.stringify([service, pods, slices]);
        planEndpoints(service, pods, nodeOf, slices, options);
        assert.is(JSON.stringify([service, pods, slices]), before);
      },
    ),
    { numRuns: 200 },
  );
});

test.run();
