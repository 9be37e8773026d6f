/** Endpoints that are taken out by hand: held back from the services that name them, until these no longer do. */
import type { BalancerTables } from '../../../core/index.ts';
import type { DrainResult, EndpointAddress, ServedBackends } from '../data-plane.ts';

interface Drain {
  readonly key: string;
  readonly deadlineMs: number;
  resolve(result: DrainResult): void;
}

export class Drains {
  readonly #tables: BalancerTables;
  /** By endpoint: the services it is held back from. */
  readonly #held = new Map<string, Set<string>>();
  readonly #waiting = new Set<Drain>();

  constructor(tables: BalancerTables) {
    this.#tables = tables;
  }

  isHeld(endpoint: EndpointAddress, name: string): boolean {
    return this.#held.size > 0 && (this.#held.get(keyOf(endpoint))?.has(name) ?? false);
  }

  /** @returns the services that name it: their tables are to be written without it. */
  hold(endpoint: EndpointAddress, all: Iterable<ServedBackends>): string[] {
    const key = keyOf(endpoint);
    const names = [...all]
      .filter(({ endpoints }) => endpoints.some((other) => keyOf(other) === key))
      .map(({ name }) => name);
    if (names.length > 0) this.#held.set(key, new Set([...(this.#held.get(key) ?? []), ...names]));
    return names;
  }

  /** What is no longer named is no longer held back, should it come again. */
  release({ name, endpoints }: ServedBackends): void {
    if (this.#held.size === 0) return;
    const named = new Set(endpoints.map(keyOf));
    for (const [key, names] of this.#held) {
      if (!named.has(key)) names.delete(name);
      if (names.size === 0) this.#held.delete(key);
    }
  }

  /** The service is gone. */
  forget(name: string): void {
    for (const names of this.#held.values()) names.delete(name);
  }

  /** Resolves when nothing goes on there, or at the deadline. The tables have it no more, and that is acknowledged. */
  wait(endpoint: EndpointAddress, deadlineMs: number): Promise<DrainResult> {
    const { promise, resolve } = Promise.withResolvers<DrainResult>();
    this.#waiting.add({ key: keyOf(endpoint), deadlineMs, resolve });
    this.settle();
    return promise;
  }

  /** To be called every few milliseconds. */
  settle(): void {
    for (const drain of this.#waiting) {
      const inFlight = this.#inFlightOf(drain.key);
      if (inFlight > 0 && performance.now() < drain.deadlineMs) continue;
      this.#waiting.delete(drain);
      drain.resolve({ ended: inFlight === 0, inFlight });
    }
  }

  /** Nobody looks any more. */
  giveUp(): void {
    for (const { key, resolve } of this.#waiting) resolve({ ended: false, inFlight: this.#inFlightOf(key) });
    this.#waiting.clear();
  }

  /** What goes on at an endpoint that was taken out. */
  #inFlightOf(key: string): number {
    let sum = 0;
    for (const [slot, draining] of this.#tables.draining) {
      if (draining.key === key) sum += this.#tables.inFlight(slot);
    }
    return sum;
  }
}

/** 'ADDRESS:PORT', IPv6 in brackets. */
export function keyOf({ address, port }: EndpointAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
