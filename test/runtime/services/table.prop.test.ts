/** What a data plane is told bit by bit comes to what it would be told of everything at once, in any order of changes. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type BackendEndpoint,
  backendsName,
  type EndpointSlice,
  type Frontend,
  type FrontendTable,
  frontendKey,
  type Service,
} from '../../../core/index.ts';
import type { TableChanges } from '../../../runtime/proxy/data-plane.ts';
import { servedTable } from '../../../runtime/proxy/served-table.ts';
import { ServicesTable } from '../../../runtime/services/table.ts';

const NAMES = ['a', 'b', 'c'];
const FLEET = { place: { name: 'here' }, nodes: [] };

type Step =
  | { do: 'service'; name: string; age: number; external: number[]; port: number; all: boolean }
  | { do: 'drop service' | 'drop slice'; name: string }
  | { do: 'slice'; name: string; service: string; pods: { uid: number; terminating: boolean; node: string }[] }
  | { do: 'withdraw'; uid: number };

const name = fc.constantFrom(...NAMES);
const uid = fc.integer({ min: 0, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('service' as const),
    name,
    age: fc.integer({ min: 1, max: 3 }),
    external: fc.uniqueArray(fc.integer({ min: 1, max: 2 })),
    port: fc.integer({ min: 80, max: 81 }),
    all: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('drop service' as const, 'drop slice' as const), name }),
  fc.record({
    do: fc.constant('slice' as const),
    name,
    service: name,
    pods: fc.array(fc.record({ uid, terminating: fc.boolean(), node: fc.constantFrom('here', 'made-up') }), {
      maxLength: 3,
    }),
  }),
  fc.record({ do: fc.constant('withdraw' as const), uid }),
);

function serviceOf({ name, age, external, port, all }: Extract<Step, { do: 'service' }>): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'ns', creationTimestamp: `2026-01-0${age}T00:00:00Z` },
    spec: {
      clusterIP: `10.96.0.${10 + NAMES.indexOf(name)}`,
      clusterIPs: [`10.96.0.${10 + NAMES.indexOf(name)}`],
      ipFamilies: ['IPv4'],
      ports: [{ port, protocol: 'TCP' }],
      externalIPs: external.map((n) => `192.0.2.${n}`),
      publishNotReadyAddresses: all,
    },
  } as unknown as Service;
}

function sliceOf({ name, service, pods }: Extract<Step, { do: 'slice' }>): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'ns', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: pods.map(({ uid, terminating, node }) => ({
      addresses: [`10.1.0.${uid}`],
      conditions: { ready: !terminating, serving: true, terminating },
      nodeName: node,
      targetRef: { kind: 'Pod', uid: `${uid}` },
    })),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  };
}

/** Everything there is, read plainly. */
class Everything {
  readonly services = new Map<string, Service>();
  readonly slices = new Map<string, EndpointSlice>();
  /** 'SERVICE UID' */
  readonly withdrawn = new Set<string>();

  take(step: Step): void {
    if (step.do === 'service') this.services.set(step.name, serviceOf(step));
    else if (step.do === 'drop service') this.services.delete(step.name);
    else if (step.do === 'slice') this.slices.set(step.name, sliceOf(step));
    else if (step.do === 'drop slice') this.slices.delete(step.name);
    else if (step.do === 'withdraw') for (const service of NAMES) this.withdrawn.add(`${service} ${step.uid}`);
    for (const pair of this.withdrawn) if (!this.#stays(pair)) this.withdrawn.delete(pair);
  }

  table(): FrontendTable {
    const slices = [...this.slices.values()].map((slice) => {
      const service = serviceOfSlice(slice);
      const endpoints = slice.endpoints
        .filter(({ nodeName }) => nodeName === 'here')
        .map((endpoint) => {
          if (!this.withdrawn.has(`${service} ${endpoint.targetRef?.uid}`)) return endpoint;
          const ready = this.services.get(service)?.spec?.publishNotReadyAddresses === true;
          return { ...endpoint, conditions: { ready, serving: true, terminating: true } };
        });
      return { ...slice, endpoints };
    });
    return servedTable([...this.services.values()], slices, FLEET).served.table;
  }

  #stays(pair: string): boolean {
    const [service, uid] = pair.split(' ');
    return [...this.slices.values()].some(
      (slice) =>
        serviceOfSlice(slice) === service &&
        slice.endpoints.some(({ targetRef, conditions }) => targetRef?.uid === uid && !conditions?.terminating),
    );
  }
}

const serviceOfSlice = ({ metadata }: EndpointSlice): string => metadata.labels?.['kubernetes.io/service-name'] ?? '';

/** What a data plane holds after all it was told. */
class Told {
  readonly frontends = new Map<string, unknown>();
  readonly backends = new Map<string, unknown>();

  apply({ frontends, frontendsGone, backends, backendsGone }: TableChanges): void {
    for (const key of frontendsGone) assert.ok(this.frontends.delete(key), `${key} was told`);
    for (const { frontend } of frontends) this.frontends.set(frontendKey(frontend), spoken(frontend));
    for (const { name, endpoints } of backends) this.backends.set(name, placesOf(endpoints));
    for (const name of backendsGone) assert.ok(this.backends.delete(name), `${name} was told`);
  }
}

function spoken(frontend: Frontend): unknown {
  const { kind, service, fromNode, fromOutside } = frontend;
  return [kind, service, ...[fromNode, fromOutside].map((route) => backendsName(frontend, route) ?? route.verdict)];
}

test('in any order of changes', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 20, size: 'max' }), (batches) => {
      const all = new Everything();
      const told = new Told();
      const table = new ServicesTable({ fleet: () => FLEET, reaches: (node) => node === 'here' });
      for (const batch of batches) {
        for (const step of batch) {
          if (step.do === 'drop service' && all.services.has(step.name))
            table.removeService(all.services.get(step.name)!);
          if (step.do === 'drop slice' && all.slices.has(step.name)) table.removeSlice(all.slices.get(step.name)!);
          all.take(step);
          if (step.do === 'service') table.setService(serviceOf(step));
          if (step.do === 'slice') table.setSlice(sliceOf(step));
          if (step.do === 'withdraw') table.withdraw('ns', `${step.uid}`);
        }
        told.apply(table.take().changes);
        const { frontends, backends } = all.table();
        const wanted = new Map([...frontends].map(([key, frontend]) => [key, spoken(frontend)]));
        assert.equal(sorted(told.frontends), sorted(wanted));
        assert.equal(
          sorted(told.backends),
          sorted(new Map([...backends].map(([key, one]) => [key, placesOf(one.endpoints)]))),
        );
        assert.equal(table.take().changes, { frontends: [], frontendsGone: [], backends: [], backendsGone: [] });
      }
    }),
    { numRuns: 300 * Number(process.env.TIMES ?? 1) },
  );
});

/** Who is eligible is: that it leaves is no change. */
function placesOf(endpoints: readonly BackendEndpoint[]): string[] {
  return endpoints.map(({ address, port }) => `${address}:${port}`);
}

function sorted(map: ReadonlyMap<string, unknown>): [string, unknown][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

test.run();
