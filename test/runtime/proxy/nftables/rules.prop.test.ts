/**
 * Services and their endpoints change at random, and the table is changed step by step: after every step it is what a
 * fresh start would load. Seen failing where an element whose value changed was only added; where a part that others
 * share was taken away with the first of them; where shared elements were not counted; where a list's new rules were added
 * to the old ones; where sets were deleted before the chains that name them; where endpoints were numbered from 1.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Frontend, type FrontendTable, frontendTable } from '../../../../core/balancer/frontends.ts';
import { parseCidr } from '../../../../core/objects/ip.ts';
import type { EndpointSlice, Service } from '../../../../core/objects/types.ts';
import { Ruleset } from '../../../../runtime/proxy/nftables/rules.ts';
import { serviceOf, sliceOf } from '../../../support/services.ts';
import { type Table, tableOf } from './interpreter.ts';

const NONE: FrontendTable = { frontends: new Map(), backends: new Map(), healthChecks: new Map(), problems: [] };

interface State {
  services: Service[];
  slices: EndpointSlice[];
}

const endpointArbitrary = fc.record({ n: fc.nat(5), on: fc.constantFrom('n1', 'n2', undefined) });
interface Step {
  parts: ServiceParts;
  gone: boolean;
}

interface ServiceParts {
  name: string;
  address: number;
  families: number;
  protocol: string;
  type: string;
  affinity: number;
  internal: string;
  external: string;
  ranges: string[];
  endpoints: { n: number; on: string | undefined }[];
}

const serviceArbitrary: fc.Arbitrary<ServiceParts> = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  address: fc.nat(3),
  families: fc.constantFrom(4, 6, 46),
  protocol: fc.constantFrom('TCP', 'UDP'),
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  affinity: fc.constantFrom(0, 0, 30, 60),
  internal: fc.constantFrom('Cluster', 'Local'),
  external: fc.constantFrom('Cluster', 'Local'),
  ranges: fc.constantFrom([], ['10.0.0.0/8'], ['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8']),
  endpoints: fc.array(endpointArbitrary, { maxLength: 5 }),
});

function stateOf(parts: readonly ServiceParts[]): State {
  const services: Service[] = [];
  const slices: EndpointSlice[] = [];
  for (const { name, address, families, protocol, type, affinity, internal, external, ranges, endpoints } of parts) {
    const addresses = [`10.96.0.${address + 1}`, `fd00:96::${address + 1}`];
    const clusterIPs = families === 46 ? addresses : [addresses[families === 4 ? 0 : 1]];
    const outer = type !== 'ClusterIP';
    const service = serviceOf(name, {
      clusterIP: clusterIPs[0],
      clusterIPs,
      type,
      ports: [{ port: 80, protocol, ...(outer && { nodePort: 30_000 + address }) }],
      ...(affinity > 0 && {
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: affinity } },
      }),
      internalTrafficPolicy: internal,
      ...(outer && { externalTrafficPolicy: external }),
      ...(type === 'LoadBalancer' && { loadBalancerSourceRanges: ranges }),
    });
    if (type === 'LoadBalancer')
      service.status = { loadBalancer: { ingress: [{ ip: `203.0.113.${address}`, ipMode: 'VIP' }] } };
    services.push(service);
    for (const family of ['IPv4', 'IPv6'] as const) {
      const list = endpoints.map(({ n, on }) => ({
        addresses: [family === 'IPv4' ? `10.1.0.${n + 1}` : `fd00:1::${n + 1}`],
        ...(on !== undefined && { nodeName: on }),
      }));
      slices.push(
        sliceOf(name, `${name}-${family}`, list, { addressType: family, ports: [{ name: '', port: 8080, protocol }] }),
      );
    }
  }
  return { services, slices };
}

const servicesArbitrary = fc.uniqueArray(serviceArbitrary, { selector: ({ name }) => name, maxLength: 3, size: 'max' });

/** One Service after the other comes, changes or goes. */
const stepsArbitrary = fc.array(fc.record({ parts: serviceArbitrary, gone: fc.boolean() }), {
  minLength: 1,
  maxLength: 15,
  size: 'max',
});

function* statesOf(steps: readonly Step[]): Generator<State> {
  const services = new Map<string, ServiceParts>();
  for (const { parts, gone } of steps) {
    if (gone) services.delete(parts.name);
    else services.set(parts.name, parts);
    yield stateOf([...services.values()]);
  }
}

/** As the data plane does it: frontends that are other than before, and those whose endpoints are. */
function changedFrontends(before: FrontendTable, now: FrontendTable): Map<string, Frontend | undefined> {
  const changed = new Map<string, Frontend | undefined>();
  for (const key of before.frontends.keys()) if (!now.frontends.has(key)) changed.set(key, undefined);
  for (const [key, frontend] of now.frontends)
    if (text(before.frontends.get(key)) !== text(frontend)) changed.set(key, frontend);
  return changed;
}

function text(frontend: Frontend | undefined): string {
  return JSON.stringify(frontend, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
}

test('nftables rules: changes step by step make the table that a fresh start loads', () => {
  fc.assert(
    fc.property(stepsArbitrary, fc.boolean(), (steps, ranges) => {
      const options = {
        nodeName: 'n1',
        podRanges: ranges ? [parseCidr('10.1.0.0/24')!, parseCidr('fd00:1::/64')!] : [],
      };
      const rules = new Ruleset(options);
      const table = tableOf(rules.full('owner'));
      let before = NONE;
      for (const { services, slices } of statesOf(steps)) {
        const now = frontendTable(services, slices, { name: 'n1' });
        table.run(rules.change(changedFrontends(before, now)));
        before = now;
        const fresh = new Ruleset(options);
        fresh.change(now.frontends);
        assert.equal(table.content(), tableOf(fresh.full('owner')).content());
        assert.equal(table.content(), tableOf(rules.full('owner')).content());
      }
      table.run(rules.change(changedFrontends(before, NONE)));
      assert.equal(table.content(), tableOf(new Ruleset(options).full('owner')).content(), 'nothing is left behind');
    }),
    { numRuns: 60 },
  );
});

test('nftables rules: nothing is said when nothing changed', () => {
  fc.assert(
    fc.property(servicesArbitrary, (parts) => {
      const { services, slices } = stateOf(parts);
      const rules = new Ruleset({ podRanges: [] });
      const frontends = frontendTable(services, slices, { name: 'n1' }).frontends;
      rules.change(frontends);
      assert.is(rules.change(frontends), '');
    }),
    { numRuns: 50 },
  );
});

test('nftables rules: every endpoint of every route can be drawn, and no other', () => {
  fc.assert(
    fc.property(servicesArbitrary, (parts) => {
      const { services, slices } = stateOf(parts);
      const rules = new Ruleset({ podRanges: [] });
      const { frontends } = frontendTable(services, slices, { name: 'n1' });
      rules.change(frontends);
      const table = tableOf(rules.full('owner'));
      for (const frontend of frontends.values()) {
        if (frontend.affinitySeconds > 0) continue;
        assert.equal(drawable(table, frontend, false), listed(frontend.fromOutside));
        const { fromOutside, kind } = frontend;
        const split = kind !== 'ClusterIP' && (fromOutside.verdict !== 'forward' || fromOutside.policy === 'Local');
        if (split) assert.equal(drawable(table, frontend, true), listed(frontend.fromNode));
      }
    }),
    { numRuns: 60 },
  );
});

function drawable(table: Table, { family, kind, address, port, protocol }: Frontend, fromNode: boolean): string[] {
  const nodePort = kind === 'NodePort';
  const place = `${family.slice(3)}${nodePort ? '-port' : ''}-${protocol.toLowerCase()}`;
  const map = `endpoints-${place}${fromNode ? '-from-node' : ''}`;
  const prefix = `${nodePort ? '' : `${address} . `}${port} . `;
  const drawn: string[] = [];
  for (const [key, value] of table.elements(map)) {
    if (key.startsWith(prefix)) drawn[Number(key.slice(prefix.length))] = value;
  }
  return drawn;
}

function listed(route: Frontend['fromOutside']): string[] {
  return route.verdict === 'forward' ? route.endpoints.map(({ address, port }) => `${address} . ${port}`) : [];
}

test.run();
