/**
 * Service times drawn from a distribution with a given mean:
 *   fixed                    always the mean
 *   exp                      exponential
 *   lognormal, shape σ       of the logarithm; squared coefficient of variation e^σ² - 1
 *   pareto, shape α          above 1; the variance is infinite up to 2
 *   hyper, shape c²          two exponentials with balanced means, so that c² is the squared coefficient of variation
 */
import type { Random } from '../../core/index.ts';
import type { ServiceTime } from './scenario.ts';

/** What a shape may be, and what it is where the user says nothing. */
export const SHAPES: Record<ServiceTime['kind'], { name: string; default: number; min: number; max: number } | null> = {
  fixed: null,
  exp: null,
  lognormal: { name: 'sigma', default: 1.5, min: 0, max: 5 },
  pareto: { name: 'alpha', default: 1.5, min: 1.01, max: 100 },
  hyper: { name: 'squared coefficient of variation', default: 10, min: 1, max: 10_000 },
};

/** Draws one service time, µs. */
export type DrawServiceTime = (random: Random) => number;

export function serviceTimes({ kind, meanUs, shape }: ServiceTime): DrawServiceTime {
  switch (kind) {
    case 'fixed':
      return () => meanUs;
    case 'exp':
      return (random) => exponential(random, meanUs);
    case 'lognormal': {
      const mu = Math.log(meanUs) - (shape * shape) / 2;
      return (random) => Math.exp(mu + shape * normal(random));
    }
    case 'pareto': {
      const least = (meanUs * (shape - 1)) / shape;
      return (random) => least * unit(random) ** (-1 / shape);
    }
    case 'hyper': {
      const often = (1 + Math.sqrt((shape - 1) / (shape + 1))) / 2;
      const [short, long] = [meanUs / (2 * often), meanUs / (2 * (1 - often))];
      return (random) => exponential(random, unit(random) < often ? short : long);
    }
  }
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(unit(random));
}

/** Box and Muller's; of each pair the first. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(unit(random)));
  return radius * Math.cos(2 * Math.PI * unit(random));
}

/** In (0, 1), so that its logarithm is finite. */
export function unit(random: Random): number {
  return (random.next() + 0.5) * 2 ** -32;
}
