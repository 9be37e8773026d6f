/**
 * Peak EWMA: two endpoints drawn, compared by (moving average of latency) × (in flight + 1) / weight. A latency above the
 * average replaces it at once, one below moves it, and time without news lets it fall. An endpoint without history is
 * taken at once while idle, and left alone while its first answer is awaited.
 * Source: Finagle, PeakEwma.scala. A failure counts as a latency of `penaltyMs`, so that failing fast attracts nobody.
 */
import { COST, COST_TIME, GROUP_COUNT, MARK_DOUBLES, PARAMETERS, SLOTS, WEIGHTS } from '../tables/layout.ts';
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
    return isCheaper(reader, group, second, first) ? second : first;
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    const first = reader.draws.below(count);
    const drawn = count === 1 ? [0] : [first, another(reader.draws.below(count - 1), first)];
    return drawn.map((index) => ({ index, score: costOf(reader, group, index) }));
  },
};

/**
 * Whether one endpoint's cost is less than another's. Both fall with time at one rate, so that only the time between their
 * last answers counts, and often the signs alone decide: an exponential is a call out of compiled code.
 */
function isCheaper(reader: TableReader, group: number, index: number, other: number): boolean {
  const { marks, reals, words, loads } = reader;
  const slots = words[group + SLOTS];
  const weights = words[group + WEIGHTS];
  const slot = words[slots + index];
  const otherSlot = words[slots + other];
  const average = marks[MARK_DOUBLES * slot + COST];
  const otherAverage = marks[MARK_DOUBLES * otherSlot + COST];
  if (average === 0 || otherAverage === 0) return costOf(reader, group, index) < costOf(reader, group, other);
  const cost = (average * (loads[2 * slot] + loads[2 * slot + 1] + 1)) / reals[weights + index];
  const otherCost = (otherAverage * (loads[2 * otherSlot] + loads[2 * otherSlot + 1] + 1)) / reals[weights + other];
  const laterUs = marks[MARK_DOUBLES * slot + COST_TIME] - marks[MARK_DOUBLES * otherSlot + COST_TIME];
  if (laterUs <= 0 && cost < otherCost) return true;
  if (laterUs >= 0 && cost >= otherCost) return false;
  return cost * Math.exp(laterUs / (1000 * reals[(reader.region >> 1) + PARAMETERS])) < otherCost;
}

/** Small enough to be compiled into `choose`: a number that is returned from a call of its own goes on the heap. */
function costOf(reader: TableReader, group: number, index: number): number {
  const { marks, reals, words, loads } = reader;
  const slot = words[words[group + SLOTS] + index];
  const mark = MARK_DOUBLES * slot;
  const average = marks[mark + COST];
  const pending = loads[2 * slot] + loads[2 * slot + 1];
  if (average === 0) return pending === 0 ? 0 : UNKNOWN + pending;
  const age = (marks[mark + COST_TIME] - reader.clock[0]) / (1000 * reals[(reader.region >> 1) + PARAMETERS]);
  return (average * Math.exp(age) * (pending + 1)) / reals[words[group + WEIGHTS] + index];
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
