/** Medians with their spread, and the endpoints that the balancer's benchmarks are made of. */
import type { BackendEndpoint } from '../../core/balancer/endpoint.ts';

/** In one unit. */
export interface Spread {
  median: number;
  least: number;
  most: number;
  samples: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1],
    least: sorted[0],
    most: sorted[sorted.length - 1],
    samples: sorted.length,
  };
}

export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}

/** Endpoints of pods on 10.0.0.0/8. @param weights taken in turn. */
export function makeEndpoints(count: number, from = 0, weights: readonly number[] = [1]): BackendEndpoint[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    return { address, port: 8080, ready: true, serving: true, terminating: false, weight: weights[i % weights.length] };
  });
}

/** A loop as it is compiled when called: V8 13.6 runs one that it replaced on the stack slower, so loops are kept short. */
export const BATCH = 100;
