/**
 * Earliest deadline first: a heap by deadline; who is picked gets a new deadline 1 / weight later. O(log n). With the
 * weight lowered by what is in flight, w / (active + 1)^bias, it is least request for unequal weights.
 * Source: Envoy, source/common/upstream/edf_scheduler.h and the least request page of its documentation.
 */
import { GROUP_COUNT, MARK, MARK_DOUBLES, PARAMETERS, SLOTS, VERSION, WEIGHTS } from '../tables/layout.ts';
import type { Schedule, TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

export const edf: Policy = {
  name: 'edf',
  compares: 'deadlines: the earliest',
  byClient: false,
  parameters: [],
  choose: chooseEarliest,
  commit(reader: TableReader, group: number, index: number): void {
    turn[0] = reader.reals[reader.words[group + WEIGHTS] + index];
    reschedule(reader, group, index);
  },
  candidates: deadlines,
};

/** The weight of an endpoint with so much in flight. */
export function requestWeight(weight: number, active: number, bias: number): number {
  return bias === 1 ? weight / (active + 1) : weight / (active + 1) ** bias;
}

/** Stands in for least-request where weights differ; its parameters are those of least-request. */
export const weightedLeastRequest: Policy = {
  name: 'weighted-least-request',
  compares: 'deadlines: the earliest; each turn puts it 1 / (weight / (in flight + 1)^bias) later',
  byClient: false,
  parameters: [
    { name: 'choices', default: 2, min: 1, max: 16 },
    { name: 'bias', default: 1, min: 0, max: 16 },
  ],
  choose: chooseEarliest,
  commit(reader: TableReader, group: number, index: number): void {
    const weight = reader.reals[reader.words[group + WEIGHTS] + index];
    const bias = reader.reals[(reader.region >> 1) + PARAMETERS + 1];
    turn[0] = requestWeight(weight, reader.inFlight(reader.slotAt(group, index)), bias);
    reschedule(reader, group, index);
  },
  candidates: deadlines,
};

function chooseEarliest(reader: TableReader, group: number, _client: number, attempt: number): number {
  const { heap } = scheduleOf(reader, group);
  if (attempt === 0) return heap[0];
  let best = -1;
  for (let i = 0; i < heap.length; i++) {
    if (reader.wasTried(reader.slotAt(group, heap[i]))) continue;
    if (best < 0 || deadline(reader, group, heap[i]) < deadline(reader, group, best)) best = heap[i];
  }
  return best;
}

function deadlines(reader: TableReader, group: number): ReturnType<Policy['candidates']> {
  scheduleOf(reader, group);
  return scored(reader.words[group + GROUP_COUNT], (index) => deadline(reader, group, index));
}

function scheduleOf(reader: TableReader, group: number): Schedule {
  const schedules = (reader.schedules[reader.service] ??= []);
  const ordinal = reader.ordinalOf(group);
  const schedule = schedules[ordinal];
  const version = reader.words[reader.region + VERSION];
  if (schedule !== undefined && schedule.version === version) return schedule;
  return (schedules[ordinal] = makeSchedule(reader, group, version, schedule?.now[0] ?? 0));
}

/** Endpoints that had a deadline keep it; new ones begin anywhere within their first turn, so that workers differ. */
function makeSchedule(reader: TableReader, group: number, version: number, now: number): Schedule {
  const count = reader.words[group + GROUP_COUNT];
  for (let i = 0; i < count; i++) {
    const turn = 1 / reader.reals[reader.words[group + WEIGHTS] + i];
    const mark = MARK_DOUBLES * reader.slotAt(group, i) + MARK;
    const kept = reader.marks[mark];
    if (kept <= now || kept > now + turn) reader.marks[mark] = now + reader.draws.unit() * turn;
  }
  const heap = Int32Array.from({ length: count }, (_, i) => i);
  for (let at = (count >> 1) - 1; at >= 0; at--) siftDown(reader, reader.words[group + SLOTS], heap, at);
  return { version, now: new Float64Array([now]), heap };
}

/** The next turn of who has just had one, 1 / weight after now. The weight stands in `turn`. */
function reschedule(reader: TableReader, group: number, index: number): void {
  const { now, heap } = scheduleOf(reader, group);
  const { marks, words } = reader;
  const slots = words[group + SLOTS];
  const mark = MARK_DOUBLES * words[slots + index] + MARK;
  // Who was skipped as tried may be due long since: now is the earliest deadline, not that of a later one picked in its place.
  now[0] = Math.max(now[0], marks[MARK_DOUBLES * words[slots + heap[0]] + MARK]);
  marks[mark] = Math.max(now[0], marks[mark]) + 1 / turn[0];
  siftDown(reader, slots, heap, heap[0] === index ? 0 : heap.indexOf(index));
}

/** Weight of the turn in hand. A column, as a number handed over would go on the heap. */
const turn = new Float64Array(1);

/** Of equal deadlines the first in the list comes first. */
function siftDown({ marks, words }: TableReader, slots: number, heap: Int32Array, from: number): void {
  const moving = heap[from];
  const due = marks[MARK_DOUBLES * words[slots + moving] + MARK];
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    let earliest = marks[MARK_DOUBLES * words[slots + heap[child]] + MARK];
    if (child + 1 < heap.length) {
      const other = marks[MARK_DOUBLES * words[slots + heap[child + 1]] + MARK];
      if (other < earliest || (other === earliest && heap[child + 1] < heap[child])) {
        child++;
        earliest = other;
      }
    }
    if (due < earliest || (due === earliest && moving < heap[child])) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

function deadline(reader: TableReader, group: number, index: number): number {
  return reader.marks[MARK_DOUBLES * reader.slotAt(group, index) + MARK];
}
