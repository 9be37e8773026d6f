/** A policy over its seeds: what tables and pages show of it. */
import type { Moves } from './disruption.ts';
import type { ServiceRun } from './result.ts';

/** Means over the seeds. Latencies in ms; null where no seed had an answer. */
export interface PolicySummary {
  policy: string;
  seeds: number;
  mean: number | null;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  /** Greatest over mean of the servers. */
  busyImbalance: number;
  requestImbalance: number;
  /** The most at one server at a time, in any seed. */
  peak: number;
  retries: number;
  failed: number;
  moves: MovedShare[];
  /** Where there are zones. */
  zones: ZoneSummary[];
}

/** Means over the seeds, as in ZoneFigures. */
export interface ZoneSummary {
  zone: string;
  local: number | null;
  p50: number | null;
  p99: number | null;
  busy: number | null;
}

/** Of the clients seen before and after a change, over all changes of a kind and all seeds. */
export interface MovedShare {
  kind: Moves['kind'];
  changes: number;
  /** From 0 to 1; null where no client was seen on both sides. */
  share: number | null;
  least: number;
}

/** Policies in the order of their runs. */
export function summarize(runs: readonly ServiceRun[]): PolicySummary[] {
  return Array.from(
    Map.groupBy(runs, ({ policy }) => policy),
    ([policy, own]) => {
      const latency = (name: 'mean' | 'p50' | 'p90' | 'p99' | 'p999'): number | null =>
        meanOf(own.flatMap((run) => (run.latency === null ? [] : [run.latency[name]])));
      const figure = (of: (run: ServiceRun) => number): number => meanOf(own.map(of)) ?? 0;
      return {
        policy,
        seeds: own.length,
        mean: latency('mean'),
        p50: latency('p50'),
        p90: latency('p90'),
        p99: latency('p99'),
        p999: latency('p999'),
        busyImbalance: figure(({ imbalance }) => imbalance.busy),
        requestImbalance: figure(({ imbalance }) => imbalance.requests),
        peak: Math.max(...own.map(({ peak }) => peak)),
        retries: figure(({ retries }) => retries),
        failed: figure(({ failed }) => failed),
        moves: movedShares(own),
        zones: zoneSummaries(own),
      };
    },
  );
}

function zoneSummaries(runs: readonly ServiceRun[]): ZoneSummary[] {
  return runs[0].zones.map(({ zone }, z) => {
    const figure = (name: 'local' | 'p50' | 'p99' | 'busy'): number | null =>
      meanOf(runs.flatMap(({ zones }) => zones[z][name] ?? []));
    return { zone, local: figure('local'), p50: figure('p50'), p99: figure('p99'), busy: figure('busy') };
  });
}

function movedShares(runs: readonly ServiceRun[]): MovedShare[] {
  const kinds = Map.groupBy(
    runs.flatMap(({ moves }) => moves),
    ({ kind }) => kind,
  );
  return Array.from(kinds, ([kind, rows]) => {
    const seen = rows.reduce((sum, row) => sum + row.seen, 0);
    const moved = rows.reduce((sum, row) => sum + row.moved, 0);
    return { kind, changes: rows[0].changes, share: seen > 0 ? moved / seen : null, least: rows[0].least };
  });
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
