/**
 * The requests of a run, as columns in order of arrival. They depend on scenario and seed alone, never on a policy: all
 * policies are asked the same.
 */
import { hashAgain, Random } from '../../core/index.ts';
import type { Scenario } from './scenario.ts';
import { exponential, serviceTimes } from './service-times.ts';

export interface Requests {
  count: number;
  atUs: Float64Array;
  /** At a server of speed 1. */
  workUs: Float64Array;
  /** 0 up to the scenario's number of clients. */
  client: Int32Array;
  /** By client: what policies take for it, an int32. */
  clientHash: Int32Array;
}

// Streams of one seed, each for its own thing: more clients do not change who arrives when.
const ARRIVALS = 1;
const WORK = 2;
const CLIENTS = 3;

export function makeRequests(scenario: Scenario, seed: number): Requests {
  const { arrivals, clients } = scenario;
  const times = arrivals.kind === 'trace' ? arrivals : synthesize(arrivals, seed);
  const count = times.atUs.length;
  const random = stream(seed, CLIENTS);
  const clientHash = Int32Array.from({ length: clients }, () => random.next() | 0);
  const client = new Int32Array(count);
  fillBelow(client, clients, random);
  return { count, atUs: times.atUs, workUs: times.workUs, client, clientHash };
}

/** One of the independent streams of a seed. */
export function stream(seed: number, which: number): Random {
  return new Random(hashAgain(seed, which));
}

function synthesize(
  { requests, rate, work }: Extract<Scenario['arrivals'], { kind: 'synthetic' }>,
  seed: number,
): { atUs: Float64Array; workUs: Float64Array } {
  const [arrivals, works] = [stream(seed, ARRIVALS), stream(seed, WORK)];
  const draw = serviceTimes(work);
  const [atUs, workUs] = [new Float64Array(requests), new Float64Array(requests)];
  let now = 0;
  for (let i = 0; i < requests; i++) {
    atUs[i] = now += exponential(arrivals, 1e6 / rate);
    workUs[i] = draw(works);
  }
  return { atUs, workUs };
}

function fillBelow(column: Int32Array, bound: number, random: Random): void {
  for (let i = 0; i < column.length; i++) column[i] = random.below(bound);
}
