/**
 * Earliest deadline first: a heap by deadline; who is picked gets a new deadline 1 / weight later. O(log n). With the
 * weight lowered by what is in flight, w / (active + 1)^bias, it is least request for unequal weights.
 * Source: Envoy, source/common/upstream/edf_scheduler.h and the least request page of its documentation.
 */
import { GROUP_COUNT, MARK, MARK_DOUBLES, PARAMETERS, VERSION, WEIGHTS } from '../tables/layout.ts';
import type { Schedule, TableReader } from '../tables/reader.ts';
import { type Policy, scored } from './policy.ts';

export const edf: Policy = {
  name: 'edf',
  compares: 'deadlines: the earliest',
  byClient: false,
  parameters: [],
  choose: chooseEarliest,
  commit(reader: TableReader, group: number, index: number): void {
    reschedule(reader, group, index, reader.reals[reader.words[group + WEIGHTS] + index]);
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
    reschedule(reader, group, index, requestWeight(weight, reader.inFlight(reader.slotAt(group, index)), bias));
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
  for (let at = (count >> 1) - 1; at >= 0; at--) siftDown(reader, group, heap, at);
  return { version, now: new Float64Array([now]), heap };
}

function reschedule(reader: TableReader, group: number, index: number, weight: number): void {
  const { now, heap } = scheduleOf(reader, group);
  const mark = MARK_DOUBLES * reader.slotAt(group, index) + MARK;
  now[0] = Math.max(
    now[0],
    reader.marks[heap[0] === index ? mark : MARK_DOUBLES * reader.slotAt(group, heap[0]) + MARK],
  );
  reader.marks[mark] = Math.max(now[0], reader.marks[mark]) + 1 / weight;
  siftDown(reader, group, heap, heap[0] === index ? 0 : heap.indexOf(index));
}

function siftDown(reader: TableReader, group: number, heap: Int32Array, from: number): void {
  const moving = heap[from];
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(reader, group, heap[child + 1], heap[child])) child++;
    if (!before(reader, group, heap[child], moving)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = moving;
}

/** Of equal deadlines the first in the list. */
function before(reader: TableReader, group: number, a: number, b: number): boolean {
  const [first, second] = [deadline(reader, group, a), deadline(reader, group, b)];
  return first < second || (first === second && a < b);
}

function deadline(reader: TableReader, group: number, index: number): number {
  return reader.marks[MARK_DOUBLES * reader.slotAt(group, index) + MARK];
}
