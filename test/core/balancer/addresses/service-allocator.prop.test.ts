/** Laws of allocation over histories of Services that are made, changed, refused and deleted. */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServiceAllocator } from '../../../../core/balancer/addresses/service-allocator.ts';
import { ApiError } from '../../../../core/errors.ts';
import type { Service } from '../../../../core/objects/types.ts';
import { Random } from '../../../../core/random.ts';
import { serviceOf } from '../../../support/services.ts';

// Ranges so small that they run full, and numbers that are asked for often collide.
const OPTIONS = { serviceCidrs: ['10.96.0.0/29', 'fd00::/125'], nodePorts: '30000-30005' };
const port = (name: string, number: number, protocol: string) =>
  fc.option(fc.constantFrom(0, 30_000, 30_001, 30_005, 30_006), { nil: 0 }).map((nodePort) => ({
    name,
    port: number,
    protocol,
    nodePort,
  }));
const anySpecArbitrary = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'NodePort', 'LoadBalancer', 'ExternalName'),
  clusterIP: fc.constantFrom(undefined, undefined, undefined, '10.96.0.3', '10.96.0.4', 'fd00::3', '10.96.1.1', 'None'),
  ipFamilyPolicy: fc.constantFrom(undefined, undefined, 'SingleStack', 'PreferDualStack', 'RequireDualStack'),
  ports: fc
    .tuple(port('a', 80, 'TCP'), port('b', 80, 'UDP'), port('c', 81, 'TCP'))
    .chain((ports) => fc.subarray(ports, { minLength: 1 })),
  externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
});
/** Only what validation lets pass. */
const specArbitrary = anySpecArbitrary.map(({ type, clusterIP, ports, externalTrafficPolicy, ...rest }) => {
  const exposed = type === 'NodePort' || type === 'LoadBalancer';
  return {
    ...rest,
    type,
    ports: exposed ? ports : ports.map(({ nodePort, ...port }) => port),
    ...(exposed && { externalTrafficPolicy }),
    ...(type !== 'ExternalName' && !(exposed && clusterIP === 'None') && { clusterIP }),
    ...(type === 'ExternalName' && { ipFamilyPolicy: undefined }),
  };
});
const historyArbitrary = fc.array(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), spec: fc.option(specArbitrary) }),
  { maxLength: 40, size: 'max' },
);

/** Every number that a Service has: 'IP' or 'PORT/PROTOCOL', and its health check's. */
function numbersOf({ spec = {} }: Service): string[] {
  const ports = (spec.ports ?? []).filter(({ nodePort }) => nodePort);
  const health = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' ? spec.healthCheckNodePort : 0;
  return [
    ...(spec.clusterIPs ?? []).filter((ip) => ip !== 'None'),
    ...ports.map(({ nodePort, protocol }) => `${nodePort}/${protocol}`),
    ...(health ? [`${health}/TCP`, `${health}/UDP`] : []),
  ];
}

function play(seed: number, history: readonly { name: string; spec: object | null }[]) {
  const allocator = new ServiceAllocator({ ...OPTIONS, random: new Random(seed) });
  const services = new Map<string, Service>();
  for (const { name, spec } of history) {
    const before = services.get(name);
    if (spec === null) {
      if (before) allocator.release(before);
      services.delete(name);
      continue;
    }
    const snapshot = owners(allocator);
    try {
      services.set(name, allocator.assign(serviceOf(name, { clusterIP: undefined, ...spec }), before));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      assert.equal(owners(allocator), snapshot, 'a refusal takes and gives back nothing');
      // What the Service asked for by name counts as taken, too.
      const left = { '10.96.0.0/29': 6, 'fd00::/125': 7, '30000-30005': 6 };
      for (const [range, size] of Object.entries(left)) {
        const taken = snapshot.filter((owner, i) => owner !== undefined && RANGE_OF[i % 3] === range).length;
        if (error.message.includes(`${range} is full`)) assert.ok(taken + 4 >= size, `${range} is not full: ${taken}`);
      }
    }
  }
  return { allocator, services };
}

const RANGE_OF = ['10.96.0.0/29', 'fd00::/125', '30000-30005'];

function owners(allocator: ServiceAllocator): (string | undefined)[] {
  const all: (string | undefined)[] = [];
  for (let i = 0; i < 16; i++) {
    all.push(allocator.ownerOfAddress(`10.96.0.${i}`), allocator.ownerOfAddress(`fd00::${i.toString(16)}`));
    all.push(allocator.ownerOfNodePort(30_000 + i));
  }
  return all;
}

test('allocation: no number is ever given twice, and each belongs to the Service that has it, and to no other', () => {
  fc.assert(
    fc.property(fc.integer(), historyArbitrary, (seed, history) => {
      const { allocator, services } = play(seed, history);
      const seen = new Set<string>();
      const held = new Set<string>();
      for (const service of services.values()) {
        for (const number of numbersOf(service)) {
          assert.not.ok(seen.has(number), `${number} twice`);
          seen.add(number);
          const isPort = number.includes('/');
          const owner = isPort
            ? allocator.ownerOfNodePort(Number(number.split('/')[0]))
            : allocator.ownerOfAddress(number);
          assert.match(owner ?? 'nobody', new RegExp(`default/${service.metadata.name}$`));
          held.add(isPort ? number.split('/')[0] : number);
        }
      }
      const owned = owners(allocator).filter((owner) => owner !== undefined && owner !== 'default/kubernetes');
      assert.is(owned.length, held.size, 'what nobody has is free');
    }),
    { numRuns: 500 },
  );
});

test('allocation: what is restored from the Services is what there was', () => {
  fc.assert(
    fc.property(fc.integer(), historyArbitrary, (seed, history) => {
      const { allocator, services } = play(seed, history);
      const restored = new ServiceAllocator({ ...OPTIONS, random: new Random(seed) });
      assert.equal(restored.restore(services.values()), []);
      assert.equal(owners(restored), owners(allocator));
    }),
    { numRuns: 300 },
  );
});

test('allocation: a Service that is written again unchanged stays as it is', () => {
  fc.assert(
    fc.property(fc.integer(), historyArbitrary, (seed, history) => {
      const { allocator, services } = play(seed, history);
      const before = owners(allocator);
      for (const service of services.values()) assert.equal(allocator.assign(service, service), service);
      assert.equal(owners(allocator), before);
    }),
    { numRuns: 300 },
  );
});

test.run();
