/**
 * Peak EWMA: two endpoints drawn, compared by (moving average of latency) × (in flight + 1) / weight. A latency above the
 * average replaces it at once, one below moves it, and time without news lets it fall. An endpoint without history is
 * taken at once while idle, and left alone while its first answer is awaited.
 * Source: Finagle, PeakEwma.scala. A failure counts as a latency of `penaltyMs`, so that failing fast attracts nobody.
 */
import { COST, COST_TIME, GROUP_COUNT, MARK_DOUBLES, PARAMETERS, WEIGHTS } from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { another } from './least-request.ts';
import type { Policy } from './policy.ts';

/** Stands for the cost of an endpoint whose first answer is awaited. */
const UNKNOWN = 1e18;

export const peakEwma: Policy = {
  name: 'peak-ewma',
  compares: 'average latency in µs × (in flight + 1) / weight: the lesser of two drawn',
  byClient: false,
  latency: true,
  parameters: [
    { name: 'tauMs', default: 10_000, min: 1, max: 3_600_000 },
    { name: 'penaltyMs', default: 5_000, min: 0, max: 3_600_000 },
  ],

  choose(reader: TableReader, group: number): number {
    const count = reader.words[group + GROUP_COUNT];
    if (count === 1) return 0;
    const first = reader.draws.below(count);
    const second = another(reader.draws.below(count - 1), first);
    writeCost(reader, group, first, 0);
    writeCost(reader, group, second, 1);
    return costs[1] < costs[0] ? second : first;
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    const first = reader.draws.below(count);
    const drawn = count === 1 ? [0] : [first, another(reader.draws.below(count - 1), first)];
    return drawn.map((index) => {
      writeCost(reader, group, index, 0);
      return { index, score: costs[0] };
    });
  },
};

/** Of the two endpoints in hand. A column, as a returned number would go on the heap. */
const costs = new Float64Array(2);

function writeCost(reader: TableReader, group: number, index: number, at: number): void {
  const { marks, reals, words } = reader;
  const slot = reader.slotAt(group, index);
  const average = marks[MARK_DOUBLES * slot + COST];
  const pending = reader.loads[2 * slot] + reader.loads[2 * slot + 1];
  if (average === 0) {
    costs[at] = pending === 0 ? 0 : UNKNOWN + pending;
    return;
  }
  const tauUs = 1000 * reals[(reader.region >> 1) + PARAMETERS];
  const ageUs = reader.clock[0] - marks[MARK_DOUBLES * slot + COST_TIME];
  costs[at] = (average * Math.exp(-ageUs / tauUs) * (pending + 1)) / reals[words[group + WEIGHTS] + index];
}

/** Work at the endpoint ended: moves its average. @param tauUs the time constant. */
export function observeLatency(reader: TableReader, slot: number, latencyUs: number, tauUs: number): void {
  const { marks } = reader;
  const at = MARK_DOUBLES * slot;
  const nowUs = reader.clock[0];
  const latency = Math.max(1, latencyUs);
  if (latency > marks[at + COST]) {
    marks[at + COST] = latency;
  } else {
    const kept = Math.exp(-(nowUs - marks[at + COST_TIME]) / tauUs);
    marks[at + COST] = marks[at + COST] * kept + latency * (1 - kept);
  }
  marks[at + COST_TIME] = nowUs;
}
