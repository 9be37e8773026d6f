/**
 * Who receives nothing for now: endpoints that fail in traffic, as workers count it in the tables, and those that do not
 * answer probes. The main thread looks at a bounded number of endpoints at a time, and writes a table where that changed.
 */
import { ApiError, type BackendEndpoint, type BalancerTables, OutlierDetector } from '../../../core/index.ts';
import type { ServedBackends } from '../data-plane.ts';
import { Prober, type ProbeTarget } from './prober.ts';

/** Endpoints of one look; a service is looked at whole. */
const ENDPOINTS_AT_ONCE = 20_000;

interface Watched {
  readonly name: string;
  /** What was asked for, as text. */
  readonly asked: string;
  readonly detector: OutlierDetector | undefined;
  endpoints: readonly number[];
  ejected: ReadonlySet<number>;
}

export class Conditions {
  readonly #tables: BalancerTables;
  readonly #prober = new Prober();
  readonly #watched = new Map<string, Watched>();
  /** Names, the one that is looked at next first. */
  readonly #turn: string[] = [];
  #ejections = 0;
  #failure: string | undefined;

  constructor(tables: BalancerTables) {
    this.#tables = tables;
  }

  /** Why an endpoint that should be out is not, if so. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** After the table of the service was written with these endpoints. */
  set({ name, balance = {}, protocol }: ServedBackends, there: readonly BackendEndpoint[], nowUs: number): void {
    const { outlier, probe = undefined } = balance;
    const probed = protocol === 'TCP' ? probe : undefined;
    if (outlier === undefined && probed === undefined) {
      this.remove(name, nowUs);
      return;
    }
    const targets = there.map(({ address, port, ...rest }): ProbeTarget => {
      return { id: this.#tables.endpointId(name, { address, port, ...rest }) as number, address, port };
    });
    const asked = JSON.stringify([outlier, probed]);
    let watched = this.#watched.get(name);
    if (watched?.asked !== asked) {
      const detector = outlier && new OutlierDetector(outlier, nowUs);
      if (watched === undefined) this.#turn.push(name);
      watched = { name, asked, detector, endpoints: [], ejected: watched?.ejected ?? new Set() };
      this.#watched.set(name, watched);
    }
    watched.endpoints = targets.map(({ id }) => id);
    watched.detector?.setEndpoints(watched.endpoints);
    this.#prober.set(name, probed, targets);
  }

  /** It is not looked at any more, and nobody is kept out. */
  remove(name: string, nowUs: number): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    if (watched.ejected.size > 0) this.#tables.eject(name, new Set(), nowUs);
    this.#watched.delete(name);
    this.#turn.splice(this.#turn.indexOf(name), 1);
    this.#prober.set(name, undefined, []);
  }

  /** To be called a few times a second. */
  look(nowUs: number): void {
    this.#prober.go(nowUs / 1000);
    let left = ENDPOINTS_AT_ONCE;
    for (let services = this.#turn.length; services > 0 && left > 0; services--) {
      const name = this.#turn.shift() as string;
      this.#turn.push(name);
      const watched = this.#watched.get(name) as Watched;
      left -= watched.endpoints.length;
      this.#judge(watched, nowUs);
    }
  }

  counts(): Record<'ejections' | 'ejected' | 'probes' | 'probeFailures', number> {
    let ejected = 0;
    for (const watched of this.#watched.values()) ejected += watched.ejected.size;
    const { probes, failures } = this.#prober;
    return { ejections: this.#ejections, ejected, probes, probeFailures: failures };
  }

  /** Of the service. */
  ejectedOf(name: string): ReadonlySet<number> {
    return this.#watched.get(name)?.ejected ?? new Set();
  }

  #judge(watched: Watched, nowUs: number): void {
    const { name, detector, endpoints } = watched;
    const out = new Set(this.#prober.failing(name));
    if (detector) {
      for (const id of endpoints) detector.observe(id, this.#tables.takeOutcome(id), nowUs);
      detector.sweep(nowUs);
      for (const id of detector.ejected()) out.add(id);
    }
    const added = out.difference(watched.ejected).size;
    if (added === 0 && out.size === watched.ejected.size) return;
    try {
      this.#tables.eject(name, out, nowUs);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#failure = error.message; // It is tried again with the next look.
      return;
    }
    this.#failure = undefined;
    watched.ejected = out;
    this.#ejections += added;
  }
}
