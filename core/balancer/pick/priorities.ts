/**
 * Priorities and panic: how much of the traffic each priority level carries, and which levels are so short of healthy
 * endpoints that health is better ignored.
 * Source: Envoy's documentation, arch_overview/upstream/load_balancing/{priority,panic_threshold}.
 */

export interface Level {
  /** Endpoints that may be picked. */
  healthy: number;
  total: number;
}

export interface PriorityLoads {
  /** By level, whole percent; their sum is 100, or 0 where nothing can be picked. */
  loads: number[];
  /** By level: all its endpoints are picked from, healthy or not. */
  panic: boolean[];
  /** Sum of the levels' health, percent, at most 100. */
  normalizedHealth: number;
}

export interface PriorityOptions {
  /** A level counts as whole while healthy × this reaches 1. */
  overprovisioning?: number;
  /** Percent of healthy endpoints below which a level panics; 0: never. */
  panicThreshold?: number;
}

export function priorityLoads(
  levels: readonly Level[],
  { overprovisioning = 1.4, panicThreshold = 50 }: PriorityOptions = {},
): PriorityLoads {
  const health = levels.map(({ healthy, total }) => levelHealth(healthy, total, overprovisioning));
  const normalizedHealth = Math.min(
    100,
    health.reduce((sum, each) => sum + each, 0),
  );
  if (normalizedHealth === 0) return allUnhealthy(levels, panicThreshold);
  let left = 100;
  const loads = health.map((each) => {
    const load = Math.min(left, Math.round((each * 100) / normalizedHealth));
    left -= load;
    return load;
  });
  // What rounding left over goes to the first level that carries anything.
  if (left > 0) loads[loads.findIndex((load) => load > 0)] += left;
  const panic = levels.map(
    ({ healthy, total }) => normalizedHealth < 100 && total > 0 && (100 * healthy) / total < panicThreshold,
  );
  return { loads, panic, normalizedHealth };
}

/** Whole percent. */
function levelHealth(healthy: number, total: number, overprovisioning: number): number {
  if (total === 0) return 0;
  // Rounded at the twelfth digit first: 1.4 × 50 must not be 69.
  return Math.min(100, Math.floor(Number(((100 * overprovisioning * healthy) / total).toPrecision(12))));
}

/** The first level with endpoints carries everything in panic, or nothing where panic is off. */
function allUnhealthy(levels: readonly Level[], panicThreshold: number): PriorityLoads {
  const first = panicThreshold > 0 ? levels.findIndex(({ total }) => total > 0) : -1;
  return {
    loads: levels.map((_, i) => (i === first ? 100 : 0)),
    panic: levels.map(({ total }) => panicThreshold > 0 && total > 0),
    normalizedHealth: 0,
  };
}
