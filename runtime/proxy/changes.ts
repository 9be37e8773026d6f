/** From one table of a node to the next: what a data plane must be told. */
import { backendChanges, backendsName, type Frontend, type FrontendTable } from '../../core/index.ts';
import type { Balance } from './balance.ts';
import type { ServedBackends, ServedFrontend, TableChanges } from './data-plane.ts';
import type { PortSettings } from './settings.ts';

/** All that a node serves at one time. */
export interface ServedTable {
  readonly table: FrontendTable;
  /** By frontendKey. */
  readonly settings: ReadonlyMap<string, PortSettings>;
  /** By Service, 'ns/name'; one that is not there has nothing in front of its policy. */
  readonly balances: ReadonlyMap<string, Balance>;
}

export function tableChanges(before: ServedTable | undefined, now: ServedTable): TableChanges {
  const old = before?.table.frontends;
  const frontends: ServedFrontend[] = [];
  for (const [key, frontend] of now.table.frontends) {
    const settings = now.settings.get(key) as PortSettings;
    const was = old?.get(key);
    if (was && isSame(was, frontend) && same(before?.settings.get(key), settings)) continue;
    frontends.push({ frontend, settings });
  }
  const policies = policiesOf(now);
  const policiesBefore = before ? policiesOf(before) : new Map<string, Policied>();
  const told = new Set(backendChanges(before?.table, now.table).changed.map(([name]) => name));
  const backends: ServedBackends[] = [];
  for (const [name, { endpoints, affinitySeconds }] of now.table.backends) {
    const policied = policies.get(name) as Policied;
    if (!told.has(name) && same(policiesBefore.get(name), policied)) continue;
    backends.push({ name, endpoints, affinitySeconds, ...policied });
  }
  return {
    frontends,
    frontendsGone: [...(old?.keys() ?? [])].filter((key) => !now.table.frontends.has(key)),
    backends,
    backendsGone: [...(before?.table.backends.keys() ?? [])].filter((name) => !now.table.backends.has(name)),
  };
}

type Policied = Pick<ServedBackends, 'policy' | 'protocol' | 'balance'>;

/** By backendsName. The frontends that lead to it are of one Service port, and so of one mind. */
function policiesOf({ table, settings, balances }: ServedTable): Map<string, Policied> {
  const found = new Map<string, Policied>();
  for (const [key, frontend] of table.frontends) {
    const { policy } = settings.get(key) as PortSettings;
    const balance = balances.get(frontend.service);
    const policied = { policy, protocol: frontend.protocol, ...(balance && { balance }) };
    for (const route of [frontend.fromNode, frontend.fromOutside]) {
      const name = backendsName(frontend, route);
      if (name !== undefined) found.set(name, policied);
    }
  }
  return found;
}

/** Endpoints do not count: they are the backends' matter. */
function isSame(a: Frontend, b: Frontend): boolean {
  return same(describe(a), describe(b));
}

function describe(frontend: Frontend): unknown {
  const { fromNode, fromOutside, sourceRanges, ...rest } = frontend;
  const route = (one: Frontend['fromNode']): unknown => [one.verdict, backendsName(frontend, one)];
  const ranges = sourceRanges.map(({ family, base, prefixLength }) => `${family} ${base} ${prefixLength}`);
  return { ...rest, ranges, fromNode: route(fromNode), fromOutside: route(fromOutside) };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
