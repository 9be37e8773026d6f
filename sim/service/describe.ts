/** A scenario in words and as JSON: what was simulated, beside the figures. */
import { durationUs, offeredLoad, type Scenario, type ServiceEvent, type ServiceTime } from './scenario.ts';
import { SHAPES } from './service-times.ts';
import { formatTimeUs } from './time-text.ts';
import type { Zones } from './zones.ts';

/** One sentence without its dot. */
export function describeScenario(scenario: Scenario): string {
  const { servers, concurrency, speeds, balancers } = scenario;
  const uneven = new Set(speeds).size > 1 ? ` of speeds ${speedsText(speeds)}` : '';
  const places = concurrency === 1 ? 'one request at a time' : `${concurrency} requests at a time`;
  const by = balancers === 1 ? '' : ` through ${balancers} balancers`;
  return (
    `${arrivalsText(scenario)} go${by} to ${servers} servers${uneven}, ${places} each, ` +
    `which are ${(100 * offeredLoad(scenario)).toFixed(0)} % loaded${frontText(scenario)}`
  );
}

/** What stands before the policy. */
function frontText({ affinitySeconds, slowStartSeconds, ejectSeconds, zones }: Scenario): string {
  const seconds = (count: number): string => formatTimeUs(1e6 * count);
  return [
    affinitySeconds === undefined ? '' : `; clients keep their server for ${seconds(affinitySeconds)}`,
    slowStartSeconds === undefined ? '' : `; new servers start slowly, over ${seconds(slowStartSeconds)}`,
    ejectSeconds === undefined ? '' : `; failing servers are ejected for ${seconds(ejectSeconds)}`,
    zones === undefined ? '' : `; ${zonesText(zones)}`,
  ].join('');
}

function zonesText({ names, servers, clients, routing }: Zones): string {
  const sum = clients.reduce((total, part) => total + part, 0);
  const each = names.map(
    (name, i) => `${name}: ${servers[i]} servers, ${((100 * clients[i]) / sum).toFixed(0)} % of clients`,
  );
  const ways = { 'spill-over': 'spilling over between them', PreferSameZone: 'each its own first', none: 'all alike' };
  return `zones ${each.join('; ')}, ${ways[routing]}`;
}

export function eventText(event: ServiceEvent): string {
  if (event.kind === 'scale') return `${event.servers} servers from ${formatTimeUs(event.atUs)} on`;
  const span = `from ${formatTimeUs(event.fromUs)} to ${formatTimeUs(event.toUs)}`;
  return event.kind === 'fail' ? `server ${event.server} down ${span}` : `all servers replaced ${span}`;
}

/** A trace by its name and size, not request by request. */
export function scenarioAsJson(scenario: Scenario): object {
  const { arrivals } = scenario;
  const shown =
    arrivals.kind === 'trace' ? { kind: 'trace', name: arrivals.name, requests: arrivals.atUs.length } : arrivals;
  return { ...scenario, arrivals: shown, seconds: durationUs(scenario) / 1e6, load: offeredLoad(scenario) };
}

function arrivalsText(scenario: Scenario): string {
  const { arrivals } = scenario;
  const count = arrivals.kind === 'trace' ? arrivals.atUs.length : arrivals.requests;
  const rate = (1e6 * count) / Math.max(1, durationUs(scenario));
  const each = `${count.toLocaleString('en')} requests, ${Number(rate.toPrecision(3)).toLocaleString('en')} a second`;
  return arrivals.kind === 'trace' ? `${each} as in ${arrivals.name}` : `${each} of ${serviceTimeText(arrivals.work)}`;
}

function serviceTimeText({ kind, meanUs, shape }: ServiceTime): string {
  return `${kind}:${formatTimeUs(meanUs)}${SHAPES[kind] === null ? '' : `:${shape}`}`;
}

/** As users write them: '1x9,0.2'. */
function speedsText(speeds: readonly number[]): string {
  const parts: { speed: number; times: number }[] = [];
  for (const speed of speeds) {
    const last = parts[parts.length - 1];
    if (last?.speed === speed) last.times++;
    else parts.push({ speed, times: 1 });
  }
  return parts.map(({ speed, times }) => (times > 1 ? `${speed}x${times}` : String(speed))).join(',');
}
