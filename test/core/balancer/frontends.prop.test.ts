/** From pods to each node's decisions, compared with what the rules say of the pods themselves, without slices. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Route } from '../../../core/balancer/eligibility/eligible.ts';
import { placeOf } from '../../../core/balancer/eligibility/slice-endpoints.ts';
import { planEndpoints } from '../../../core/balancer/endpoints/plan.ts';
import { frontendTable } from '../../../core/balancer/frontends.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../../core/objects/types.ts';
import { Random } from '../../../core/random.ts';
import { backend, nodeOf, serviceOf } from '../../support/services.ts';

const NODES = ['n1', 'n2', 'n3', 'n4'];
const podsArbitrary = fc.uniqueArray(
  fc
    .record({
      n: fc.nat(11),
      on: fc.constantFrom(...NODES),
      // Mostly in one state, so that all are terminating, or none is ready, often enough.
      state: fc.constantFrom('ready', 'ready', 'leaving', 'leaving', 'unready', 'gone'),
    })
    .map(({ n, on, state }) =>
      backend(n, {
        on,
        ready: state === 'ready' || state === 'leaving',
        terminating: state === 'leaving' || state === 'gone',
      }),
    ),
  { selector: ({ metadata }) => metadata.name, maxLength: 8 },
);
const serviceArbitrary = fc
  .record({
    internalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
    trafficDistribution: fc.constantFrom(undefined, 'PreferClose', 'PreferSameNode'),
    publishNotReadyAddresses: fc.boolean(),
  })
  .map((spec) => serviceOf('web', { ...spec, type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }));

/** 'forward web-1 web-2', by the rules of section 'policies' of Kubernetes' documentation, from the pods alone. */
function expected(service: Service, pods: readonly Pod[], here: Node, local: boolean): string {
  const { publishNotReadyAddresses, trafficDistribution } = service.spec ?? {};
  const passes = (pod: Pod): boolean => pod.status?.conditions?.[0].status === 'True';
  const leaves = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
  const zoneOf = (node: Node | undefined): string | undefined => node?.metadata.labels?.['topology.kubernetes.io/zone'];
  const isHere = (pod: Pod): boolean => pod.spec.nodeName === here.metadata.name;
  const ready = pods.filter((pod) => publishNotReadyAddresses || (passes(pod) && !leaves(pod)));
  const last = pods.filter((pod) => passes(pod) && leaves(pod));
  const zones = ready.map((pod) => zoneOf(nodeOf(pod.spec.nodeName ?? '')));
  const forward = (some: readonly Pod[]): string =>
    `forward ${some
      .map(({ metadata }) => metadata.name)
      .sort()
      .join(' ')}`;
  if (ready.length === 0 && last.length === 0) return 'reject';
  if (local) {
    const usable = ready.some(isHere) ? ready.filter(isHere) : last.filter(isHere);
    return usable.length > 0 ? forward(usable) : 'drop';
  }
  if (ready.length === 0) return forward(last);
  if (trafficDistribution === 'PreferSameNode' && ready.some(isHere)) return forward(ready.filter(isHere));
  const zone = zoneOf(here);
  const preferred = ready.filter((_, i) => zones[i] !== undefined && zones[i] === zone);
  const byZone = trafficDistribution && !zones.includes(undefined) && preferred.length > 0;
  return forward(byZone ? preferred : ready);
}

function found(route: Route, slices: readonly EndpointSlice[]): string {
  if (route.verdict !== 'forward') return route.verdict;
  const nameOf = new Map(
    slices.flatMap(({ endpoints }) =>
      endpoints.map(({ addresses, targetRef }) => [addresses[0], targetRef?.name ?? '']),
    ),
  );
  return `forward ${route.endpoints
    .map(({ address }) => nameOf.get(address))
    .sort()
    .join(' ')}`;
}

test('node: every node decides as the rules say of the pods, however slices are cut, ordered and doubled', () => {
  fc.assert(
    fc.property(
      serviceArbitrary,
      podsArbitrary,
      fc.integer({ min: 1, max: 4 }),
      fc.integer(),
      (service, pods, max, seed) => {
        const { slices } = planEndpoints(service, pods, nodeOf, [], { maxEndpointsPerSlice: max });
        // While an endpoint moves, two slices hold it.
        const moving = slices
          .slice(0, 1)
          .map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: 'moving' } }));
        const shuffled = new Random(seed).shuffle([...slices, ...moving]);
        for (const name of NODES) {
          const here = nodeOf(name) as Node;
          const { frontends, problems } = frontendTable([service], shuffled, placeOf(here));
          assert.equal(problems, []);
          const inside = frontends.get('10.96.0.10:80/TCP');
          const outside = frontends.get('0.0.0.0:30080/TCP');
          assert.ok(inside && outside);
          const { internalTrafficPolicy, externalTrafficPolicy } = service.spec ?? {};
          const is = (route: Route, local: boolean, what: string): void =>
            assert.is(found(route, slices), expected(service, pods, here, local), `${what} ${name}`);
          is(inside.fromNode, internalTrafficPolicy === 'Local', 'inside');
          is(outside.fromOutside, externalTrafficPolicy === 'Local', 'outside');
          is(outside.fromNode, false, 'outside from');
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test.run();
