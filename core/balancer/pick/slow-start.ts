/**
 * Slow start: an endpoint that is new to its service begins with part of its weight and has all of it after the window.
 * Source: Envoy's documentation, arch_overview/upstream/load_balancing/slow_start.
 */

export interface SlowStart {
  windowSeconds: number;
  /** 1: linear; greater: faster at first. */
  aggression?: number;
  /** The least part of its weight, 0 to 1. */
  minWeight?: number;
}

/** The part of its weight that an endpoint has at this age, up to 1. */
export function slowStartFactor(ageUs: number, { windowSeconds, aggression = 1, minWeight = 0.1 }: SlowStart): number {
  const ageSeconds = Math.max(1, ageUs / 1e6);
  if (ageSeconds >= windowSeconds) return 1;
  return Math.max(minWeight, (ageSeconds / windowSeconds) ** (1 / aggression));
}
