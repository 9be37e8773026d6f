/** The probes of a pod's running containers, each at its period, and what they amount to. */
import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { Engine, Observed } from '../engine/engine.ts';
import { runHandler } from './probe-run.ts';
import { firstState, nextState, type ProbeKind, type ProbeState } from './probe-state.ts';

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

export interface ProbesOptions {
  engine: Engine;
  now(): number;
  /** What is believed of a container has changed. */
  changed(): void;
  /** 'Liveness probe failed: …' */
  failed(container: V1Container, message: string): void;
}

interface Running {
  container: V1Container;
  observed: Observed;
  podIP: string;
  states: Map<ProbeKind, ProbeState>;
  timers: Map<ProbeKind, NodeJS.Timeout>;
}

export class Probes {
  readonly #options: ProbesOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** Begins with those that run now, and ends with those that do no more. */
  follow(running: readonly { container: V1Container; observed: Observed }[], podIP: string): void {
    const present = new Set(running.map(({ observed }) => observed.id));
    for (const id of this.#running.keys()) if (!present.has(id)) this.#drop(id);
    for (const { container, observed } of running) {
      if (this.#running.has(observed.id)) continue;
      const one: Running = { container, observed, podIP, states: new Map(), timers: new Map() };
      this.#running.set(observed.id, one);
      for (const kind of KINDS) {
        const probe = probeOf(container, kind);
        if (!probe) continue;
        one.states.set(kind, firstState(kind));
        const due = observed.startedMs + (probe.initialDelaySeconds ?? 0) * 1000 - this.#options.now();
        this.#schedule(one, kind, probe, Math.max(0, due));
      }
    }
  }

  stop(): void {
    for (const id of this.#running.keys()) this.#drop(id);
  }

  started(id: string): boolean {
    return this.#believed(id, 'startup');
  }

  ready(id: string): boolean {
    return this.started(id) && this.#believed(id, 'readiness');
  }

  /** Which probe says that it must be killed. */
  unhealthy(id: string): ProbeKind | undefined {
    const states = this.#running.get(id)?.states;
    const startup = states?.get('startup');
    if (startup && !startup.healthy && startup.last === false) {
      const probe = this.#running.get(id)?.container.startupProbe;
      return startup.run >= (probe?.failureThreshold ?? 3) ? 'startup' : undefined;
    }
    return states?.get('liveness')?.healthy === false ? 'liveness' : undefined;
  }

  /** Without such a probe all is well, if it runs. */
  #believed(id: string, kind: ProbeKind): boolean {
    const one = this.#running.get(id);
    return one !== undefined && (one.states.get(kind)?.healthy ?? true);
  }

  #drop(id: string): void {
    for (const timer of this.#running.get(id)?.timers.values() ?? []) clearTimeout(timer);
    this.#running.delete(id);
  }

  #schedule(one: Running, kind: ProbeKind, probe: V1Probe, afterMs: number): void {
    const timer = setTimeout(() => void this.#probe(one, kind, probe), afterMs);
    one.timers.set(kind, timer.unref());
  }

  async #probe(one: Running, kind: ProbeKind, probe: V1Probe): Promise<void> {
    const { id } = one.observed;
    const waits = kind !== 'startup' && !this.started(id);
    // A container that has started is asked no more whether it has.
    if (kind === 'startup' && one.states.get('startup')?.healthy) return;
    if (!waits) await this.#once(one, kind, probe);
    if (this.#running.get(id) === one)
      this.#schedule(one, kind, probe, waits ? 100 : (probe.periodSeconds ?? 10) * 1000);
  }

  async #once(one: Running, kind: ProbeKind, probe: V1Probe): Promise<void> {
    const { engine, changed, failed } = this.#options;
    const { container, observed, podIP } = one;
    const target = { engine, container, containerId: observed.id, podIP };
    let outcome: { success: boolean; message: string };
    try {
      outcome = await runHandler(probe, target, (probe.timeoutSeconds ?? 1) * 1000);
    } catch {
      // The engine does not answer, or the container has ended: that is seen elsewhere, and says nothing of health.
      return;
    }
    if (this.#running.get(observed.id) !== one) return;
    const before = one.states.get(kind) ?? firstState(kind);
    const after = nextState(before, outcome.success, probe);
    one.states.set(kind, after);
    if (!outcome.success)
      failed(container, `${kind[0].toUpperCase()}${kind.slice(1)} probe failed: ${outcome.message}`);
    if (after.healthy !== before.healthy || this.unhealthy(observed.id)) changed();
  }
}

function probeOf(container: V1Container, kind: ProbeKind): V1Probe | undefined {
  return container[`${kind}Probe`];
}
