/** What a row of probe outcomes amounts to: a pure function. Source: Kubernetes v1.36, pkg/kubelet/prober/worker.go. */

export interface ProbeState {
  /** What is believed now. */
  healthy: boolean;
  /** Outcomes in a row that say otherwise, or the same. */
  last: boolean | undefined;
  run: number;
}

export interface Thresholds {
  successThreshold?: number;
  failureThreshold?: number;
}

/** Alive until shown otherwise; neither started nor ready until shown. */
export function firstState(kind: ProbeKind): ProbeState {
  return { healthy: kind === 'liveness', last: undefined, run: 0 };
}

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export function nextState(state: ProbeState, success: boolean, thresholds: Thresholds): ProbeState {
  const run = state.last === success ? state.run + 1 : 1;
  const needed = success ? (thresholds.successThreshold ?? 1) : (thresholds.failureThreshold ?? 3);
  return { healthy: run >= needed ? success : state.healthy, last: success, run };
}
