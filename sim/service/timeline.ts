/**
 * What happens to the servers, planned before a run begins: the events of a scenario as single steps, with the servers
 * that answer from each step on. Servers have numbers in order of appearance and keep them; none comes back.
 */
import { assert } from '../../core/index.ts';
import { type Scenario, speedOf } from './scenario.ts';
import { zoneOfServer } from './zones.ts';

export type Step = Toggle | TableChange;

export interface Toggle {
  kind: 'down' | 'up';
  atUs: number;
  server: number;
}

/** The endpoints are others from now on. */
export interface TableChange {
  kind: 'scale' | 'rollout';
  atUs: number;
  /** Who has endpoints from now on. */
  live: readonly number[];
  /** Of the clients, who must go elsewhere: those of servers that went, or the share of those that came. */
  least: number;
}

export interface Timeline {
  /** In order of time. */
  steps: readonly Step[];
  /** By server, of all that ever are. */
  speeds: Float64Array;
  zones: Uint8Array;
}

/** By server, while the plan is made. */
interface Made {
  speeds: number[];
  zones: number[];
}

/** The scenario was checked: events of one kind do not overlap. */
export function planTimeline(scenario: Scenario): Timeline {
  const made: Made = { speeds: [], zones: [] };
  let live = scaled([], scenario.servers, made, scenario);
  const steps: Step[] = [];
  for (const cause of causesOf(scenario)) {
    if ('server' in cause) {
      steps.push(cause);
      continue;
    }
    const before = live;
    live = cause.kind === 'scale' ? scaled(live, cause.servers, made, scenario) : replaced(live, cause, made);
    if (live === before) continue;
    steps.push({ kind: cause.kind, atUs: cause.atUs, live, least: leastMoved(before, live) });
  }
  return { steps, speeds: Float64Array.from(made.speeds), zones: Uint8Array.from(made.zones) };
}

type Cause = Toggle | { kind: 'scale'; atUs: number; servers: number } | Replacement;
/** Of the servers that a rollout finds, those at [from, to). */
interface Replacement {
  kind: 'rollout';
  atUs: number;
  from: number;
  to: number;
}
/** A rollout of more servers than this replaces several at a time. */
const ROLLOUT_STEPS = 100;

/** At one time servers come up first; the rest happens in the order in which it is written. */
function causesOf(scenario: Scenario): Cause[] {
  const causes: Cause[] = [];
  for (const event of scenario.events) {
    if (event.kind === 'scale') causes.push({ kind: 'scale', atUs: event.atUs, servers: event.servers });
    if (event.kind === 'fail') {
      causes.push({ kind: 'down', atUs: event.fromUs, server: event.server });
      causes.push({ kind: 'up', atUs: event.toUs, server: event.server });
    }
    if (event.kind === 'rollout') {
      const count = serversAt(scenario, event.fromUs);
      const batch = Math.ceil(count / ROLLOUT_STEPS);
      for (let from = 0; from < count; from += batch) {
        const atUs = event.fromUs + ((event.toUs - event.fromUs) * from) / count;
        causes.push({ kind: 'rollout', atUs, from, to: Math.min(count, from + batch) });
      }
    }
  }
  return causes.sort((a, b) => a.atUs - b.atUs || Number(b.kind === 'up') - Number(a.kind === 'up'));
}

/** How many servers there are at a time. */
export function serversAt({ servers, events }: Scenario, atUs: number): number {
  let [count, since] = [servers, Number.NEGATIVE_INFINITY];
  for (const event of events) {
    if (event.kind === 'scale' && event.atUs <= atUs && event.atUs >= since)
      [count, since] = [event.servers, event.atUs];
  }
  return count;
}

function scaled(live: number[], servers: number, made: Made, scenario: Scenario): number[] {
  if (servers === live.length) return live;
  if (servers < live.length) return live.toSorted((a, b) => a - b).slice(0, servers);
  const after = [...live];
  while (after.length < servers) {
    made.zones.push(scenario.zones === undefined ? 0 : zoneOfServer(scenario.zones, after.length));
    after.push(made.speeds.push(speedOf(scenario.speeds, after.length)) - 1);
  }
  return after;
}

function replaced(live: number[], { from, to }: Replacement, { speeds, zones }: Made): number[] {
  assert(to <= live.length, 'a rollout replaces servers that are there');
  return live.map((server, i) => {
    if (i < from || i >= to) return server;
    zones.push(zones[server]);
    return speeds.push(speeds[server]) - 1;
  });
}

function leastMoved(before: readonly number[], after: readonly number[]): number {
  const stay = new Set(after);
  const gone = before.filter((server) => !stay.has(server)).length;
  return gone > 0 ? gone / before.length : (after.length - before.length) / after.length;
}
