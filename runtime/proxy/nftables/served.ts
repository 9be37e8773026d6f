/** What the table must say: frontends with their endpoints, folded from changes; drained endpoints are left out. */
import {
  type BackendEndpoint,
  backendsName,
  type Frontend,
  frontendKey,
  type Problem,
  type Route,
} from '../../../core/index.ts';
import type { Balance } from '../balance.ts';
import type { EndpointAddress, ServedBackends, ServedFrontend, TableChanges } from '../data-plane.ts';
import type { PortSettings } from '../settings.ts';

export class Served {
  /** By frontendKey. */
  readonly #frontends = new Map<string, ServedFrontend>();
  /** By backendsName. */
  readonly #backends = new Map<string, ServedBackends>();
  /** By backendsName: the frontends that lead there. */
  readonly #leads = new Map<string, Set<string>>();
  readonly #drained = new Set<string>();

  /** @returns what must be told to the kernel, and what the kernel cannot do; that is left as it was. */
  fold(changes: TableChanges): { touched: Set<string>; problems: Problem[] } {
    const touched = new Set<string>();
    const problems: Problem[] = [];
    for (const key of changes.frontendsGone) this.#drop(key, touched);
    for (const served of changes.frontends) {
      const problem = impossible(served);
      if (problem) problems.push(problem);
      else this.#take(served, touched);
    }
    for (const name of changes.backendsGone) this.#backends.delete(name);
    for (const backends of changes.backends) this.#backends.set(backends.name, backends);
    for (const name of [...changes.backendsGone, ...changes.backends.map(({ name }) => name)])
      for (const key of this.#leads.get(name) ?? []) touched.add(key);
    if (changes.backends.length + changes.backendsGone.length > 0) this.#forgetDrained();
    return { touched, problems };
  }

  /** @returns the frontends that lead to it. */
  drain(endpoint: EndpointAddress): Set<string> {
    const touched = new Set<string>();
    for (const { name, endpoints } of this.#backends.values()) {
      if (!endpoints.some((other) => endpointKey(other) === endpointKey(endpoint))) continue;
      // One that nobody names is out already, and another pod may come to its address.
      this.#drained.add(endpointKey(endpoint));
      for (const key of this.#leads.get(name) ?? []) touched.add(key);
    }
    return touched;
  }

  /** With the endpoints of now; undefined: not served. */
  frontend(key: string): Frontend | undefined {
    const served = this.#frontends.get(key);
    if (!served) return undefined;
    const { frontend } = served;
    const fromOutside = this.#route(frontend, frontend.fromOutside);
    const fromNode = this.#route(frontend, frontend.fromNode);
    return { ...frontend, fromOutside, fromNode };
  }

  keys(): Iterable<string> {
    return this.#frontends.keys();
  }

  backends(): Iterable<ServedBackends> {
    return this.#backends.values();
  }

  /** What is asked for and not done as asked, in words. */
  notes(): string[] {
    const notes = new Set<string>();
    for (const { frontend, settings } of this.#frontends.values()) {
      const balances = leadsTo(frontend).flatMap((name) => this.#backends.get(name)?.balance ?? []);
      const lost = [...unheeded(settings, frontend.protocol), ...namesOf(balances[0])];
      if (lost.length > 0)
        notes.add(
          `${frontend.service}: the kernel deals out connections at random, without regard to ${lost.join(', ')}`,
        );
    }
    return [...notes];
  }

  #take(served: ServedFrontend, touched: Set<string>): void {
    const key = frontendKey(served.frontend);
    this.#drop(key, touched);
    this.#frontends.set(key, served);
    for (const name of leadsTo(served.frontend)) {
      const keys = this.#leads.get(name);
      if (keys) keys.add(key);
      else this.#leads.set(name, new Set([key]));
    }
  }

  #drop(key: string, touched: Set<string>): void {
    touched.add(key);
    const served = this.#frontends.get(key);
    if (!served) return;
    this.#frontends.delete(key);
    for (const name of leadsTo(served.frontend)) {
      const keys = this.#leads.get(name);
      keys?.delete(key);
      if (keys?.size === 0) this.#leads.delete(name);
    }
  }

  /** Nobody left to go to: refused, as if there had never been anybody. */
  #route(frontend: Frontend, route: Route): Route {
    const name = backendsName(frontend, route);
    if (name === undefined || route.verdict !== 'forward') return route;
    const endpoints = (this.#backends.get(name)?.endpoints ?? []).filter((endpoint) => this.#mayAnswer(endpoint));
    return endpoints.length > 0 ? { ...route, endpoints } : { verdict: 'reject' };
  }

  #mayAnswer(endpoint: BackendEndpoint): boolean {
    return endpoint.weight !== 0 && (this.#drained.size === 0 || !this.#drained.has(endpointKey(endpoint)));
  }

  /** What no list names any more is not drained either: it may come back as another pod. */
  #forgetDrained(): void {
    if (this.#drained.size === 0) return;
    const named = new Set<string>();
    for (const { endpoints } of this.#backends.values())
      for (const endpoint of endpoints) named.add(endpointKey(endpoint));
    for (const key of this.#drained) if (!named.has(key)) this.#drained.delete(key);
  }
}

function leadsTo(frontend: Frontend): string[] {
  const names = [backendsName(frontend, frontend.fromOutside), backendsName(frontend, frontend.fromNode)];
  return names.filter((name) => name !== undefined);
}

function endpointKey({ address, port }: EndpointAddress): string {
  return `${address} ${port}`;
}

/** Without it, endpoint or client would read what is not meant for it. */
function impossible({ frontend, settings }: ServedFrontend): Problem | undefined {
  if (!settings.acceptProxyProtocol && settings.sendProxyProtocol === 0) return undefined;
  const message = `the nftables backend cannot speak the PROXY protocol; ${frontendKey(frontend)} is left as it was`;
  return { object: `service ${frontend.service}`, path: 'metadata.annotations', message, severity: 'error' };
}

const BALANCE_WORDS: readonly (readonly [keyof Balance, string])[] = [
  ['outlier', 'ejection'],
  ['probe', 'probes'],
  ['slowStart', 'slow start'],
  ['zones', 'zones'],
  ['levels', 'priorities'],
  ['subset', 'subsets'],
];

function namesOf(balance: Balance = {}): string[] {
  return BALANCE_WORDS.filter(([key]) => balance[key] !== undefined).map(([, words]) => words);
}

function unheeded({ policy, protocol, maxConnectionAgeMs }: PortSettings, transport: string): string[] {
  if (transport === 'UDP') return policy === 'random' ? [] : [`policy ${policy}`];
  return [
    ...(policy === 'random' ? [] : [`policy ${policy}`]),
    ...(protocol !== 'tcp' ? ['single requests'] : []),
    ...(maxConnectionAgeMs > 0 ? ['their age'] : []),
  ];
}
