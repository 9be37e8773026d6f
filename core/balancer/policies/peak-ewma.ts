/**
 * Peak EWMA: two endpoints drawn, compared by (moving average of latency) × (in flight + 1) / weight. A latency above the
 * average replaces it at once, one below moves it, and time without news lets it fall. An endpoint without history is
 * taken at once while idle, and left alone while its first answer is awaited.
 * Source: Finagle, PeakEwma.scala. A failure counts as a latency of `penaltyMs`, so that failing fast attracts nobody.
 */
import { upperHalf } from '../tables/draws.ts';
import * as layout from '../tables/layout.ts';
import type { TableReader } from '../tables/reader.ts';
import { secondOf } from './least-request.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { AUX_SIZE, COST, COST_LOG, COST_TIME, GROUP_COUNT, LOGS, MARK_DOUBLES, PARAMETERS, SLOTS, WEIGHTS } = layout;

/** µs in which a cost falls to the half, for each ms of the time constant. */
export const HALVING_US = 1000 * Math.LN2;
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

  /**
   * Both costs fall with time at one rate, so that of time only what lies between their last answers counts; and of logarithms
   * neither a product nor an exponential is left.
   */
  choose(reader: TableReader, group: number): number {
    const { marks, words, loads, logs } = reader;
    const count = words[group + GROUP_COUNT];
    if (count === 1) return 0;
    const draw = reader.draws.word();
    const first = upperHalf(draw, count);
    const second = secondOf(draw, count, first);
    const slot = words[words[group + SLOTS] + first];
    const other = words[words[group + SLOTS] + second];
    const present = loads[2 * slot] + loads[2 * slot + 1] + 1;
    const otherPresent = loads[2 * other] + loads[2 * other + 1] + 1;
    const at = MARK_DOUBLES * slot;
    const otherAt = MARK_DOUBLES * other;
    const log = marks[at + COST_LOG];
    const otherLog = marks[otherAt + COST_LOG];
    const known = log * otherLog * words[group + AUX_SIZE] > 0 && (present | otherPresent) < LOGS;
    if (!known) return costOf(reader, group, second) < costOf(reader, group, first) ? second : first;
    const halvings = otherLog - log + logs[otherPresent] - logs[present];
    const laterUs = marks[otherAt + COST_TIME] - marks[at + COST_TIME];
    const halvingUs = HALVING_US * reader.reals[(reader.region >> 1) + PARAMETERS];
    // All ones where the second is cheaper: which of them is by chance, so that a branch would be guessed wrong every other time.
    return first + ((second - first) & -Number(halvings * halvingUs + laterUs < 0));
  },

  prepare(members) {
    const equal = members.every(({ weight }) => weight === members[0].weight);
    return { words: 0, size: Number(equal), write: () => {} };
  },

  candidates(reader, group) {
    const count = reader.words[group + GROUP_COUNT];
    const draw = reader.draws.word();
    const first = upperHalf(draw, count);
    const drawn = count === 1 ? [0] : [first, secondOf(draw, count, first)];
    return drawn.map((index) => ({ index, score: costOf(reader, group, index) }));
  },
};

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
  marks[at + COST_LOG] = 1 + Math.log2(marks[at + COST]);
}
