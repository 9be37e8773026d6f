/** Host ports as bits: every (ip, protocol, port) in use gets a dense id. A node's ports are a set, as in NodeInfo. */
import { type Interned, Interner } from './intern.ts';
import type { HostPort } from './pod-measures.ts';

export type HeldPorts = readonly Interned<HostPort>[];

export const NO_PORTS: HeldPorts = [];
const ANY = '0.0.0.0';

export class Ports {
  readonly #interner = new Interner<HostPort>();
  /** 'TCP/80' → ids in use with that protocol and port, whatever the address. */
  readonly #byPort = new Map<string, Set<Interned<HostPort>>>();

  acquire(ports: readonly HostPort[]): HeldPorts {
    if (ports.length === 0) return NO_PORTS;
    return ports.map((port) => {
      const entry = this.#interner.acquire(`${port.ip} ${port.protocol}/${port.port}`, () => port);
      const name = `${port.protocol}/${port.port}`;
      let same = this.#byPort.get(name);
      if (!same) this.#byPort.set(name, (same = new Set()));
      same.add(entry);
      return entry;
    });
  }

  release(held: HeldPorts): void {
    for (const entry of held) {
      this.#interner.release(entry);
      if (entry.references > 0) continue;
      const name = `${entry.value.protocol}/${entry.value.port}`;
      const same = this.#byPort.get(name);
      same?.delete(entry);
      if (same?.size === 0) this.#byPort.delete(name);
    }
  }

  /** Ids that stand in the way of `wanted`: same protocol and port, and equal addresses or either of them 0.0.0.0. */
  conflicting(wanted: readonly HostPort[]): number[] {
    const ids: number[] = [];
    for (const { ip, protocol, port } of wanted) {
      for (const { id, value } of this.#byPort.get(`${protocol}/${port}`) ?? []) {
        if (value.ip === ANY || ip === ANY || value.ip === ip) ids.push(id);
      }
    }
    return ids;
  }

  /** Ids are below this. */
  get bound(): number {
    return this.#interner.bound;
  }
}
