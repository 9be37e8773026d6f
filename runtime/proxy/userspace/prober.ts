/**
 * Active probes: endpoints are asked in turn, whatever traffic they have. A service's endpoints are due one after the other
 * over its interval, and no more than a stated number is asked at a time, so that many endpoints make probes late, not many.
 */
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Probe } from '../balance.ts';

/** Over all services. */
const MAX_UNDER_WAY = 128;
/** What a probe's answer may be. */
const [LEAST_STATUS, MOST_STATUS] = [200, 399];

export interface ProbeTarget {
  readonly id: number;
  readonly address: string;
  readonly port: number;
}

interface Probed {
  readonly target: ProbeTarget;
  dueMs: number;
  failures: number;
}

interface Service {
  readonly probe: Probe;
  /** The one that is due next first; those that are asked now are not among them. */
  readonly queue: Probed[];
  readonly byId: Map<number, Probed>;
  readonly failing: Set<number>;
}

export class Prober {
  readonly #services = new Map<string, Service>();
  #underWay = 0;
  #nowMs = 0;
  /** Since the start. */
  probes = 0;
  failures = 0;

  /** Who is probed from now on; those that stay keep what is known of them. */
  set(name: string, probe: Probe | undefined, targets: readonly ProbeTarget[]): void {
    if (probe === undefined) {
      this.#services.delete(name);
      return;
    }
    let service = this.#services.get(name);
    if (service === undefined || JSON.stringify(service.probe) !== JSON.stringify(probe)) {
      service = { probe, queue: [], byId: new Map(), failing: new Set() };
      this.#services.set(name, service);
    }
    const { byId, queue, failing } = service;
    const ids = new Set(targets.map(({ id }) => id));
    for (const id of byId.keys()) {
      if (ids.has(id)) continue;
      byId.delete(id);
      failing.delete(id);
    }
    const fresh = targets.filter(({ id }) => !byId.has(id));
    fresh.forEach((target, i) => {
      const dueMs = this.#nowMs + (probe.intervalMs * i) / fresh.length;
      const probed = { target, dueMs, failures: 0 };
      byId.set(target.id, probed);
      queue.push(probed);
    });
    queue.sort((a, b) => a.dueMs - b.dueMs);
  }

  /** Who does not answer. */
  failing(name: string): Iterable<number> {
    return this.#services.get(name)?.failing ?? [];
  }

  /** Asks those that are due, as far as there is room. */
  go(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const service of this.#services.values()) {
      const { queue, byId } = service;
      while (this.#underWay < MAX_UNDER_WAY && queue.length > 0 && queue[0].dueMs <= nowMs) {
        const probed = queue.shift() as Probed;
        if (byId.get(probed.target.id) === probed) this.#ask(service, probed);
      }
    }
  }

  #ask(service: Service, probed: Probed): void {
    const { probe, queue, byId, failing } = service;
    const { target } = probed;
    this.#underWay++;
    this.probes++;
    const told = (well: boolean): void => {
      this.#underWay--;
      if (!well) this.failures++;
      if (byId.get(target.id) !== probed) return;
      probed.failures = well ? 0 : probed.failures + 1;
      if (well) failing.delete(target.id);
      else if (probed.failures >= probe.failures) failing.add(target.id);
      probed.dueMs = Math.max(probed.dueMs + probe.intervalMs, this.#nowMs);
      queue.push(probed);
    };
    if (probe.path === undefined) probeTcp(target, probe, told);
    else probeHttp(target, probe, probe.path, told);
  }
}

function probeTcp({ address, port }: ProbeTarget, { timeoutMs }: Probe, told: (well: boolean) => void): void {
  const socket = connect({ host: address, port, autoSelectFamily: false });
  let well = false;
  const late = setTimeout(() => socket.destroy(), timeoutMs);
  socket.on('connect', () => {
    well = true;
    socket.destroy();
  });
  socket.on('error', () => {}); // 'close' comes after it.
  socket.on('close', () => {
    clearTimeout(late);
    told(well);
  });
}

function probeHttp(
  { address, port }: ProbeTarget,
  { timeoutMs }: Probe,
  path: string,
  told: (well: boolean) => void,
): void {
  const asked = request({ host: address, port, path, agent: false, headers: { 'user-agent': 'keelson-probe' } });
  let well = false;
  const late = setTimeout(() => asked.destroy(), timeoutMs);
  asked.on('response', ({ statusCode = 0 }) => {
    well = statusCode >= LEAST_STATUS && statusCode <= MOST_STATUS;
    asked.destroy();
  });
  asked.on('error', () => {}); // 'close' comes after it.
  asked.on('close', () => {
    clearTimeout(late);
    told(well);
  });
  asked.end();
}
