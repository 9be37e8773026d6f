/** Events of a scenario: as users write them, and whether they can happen. */
import { durationUs, MAX_SERVERS, MAX_SERVERS_EVER, type Scenario, type ServiceEvent } from './scenario.ts';
import { formatTimeUs, parseTimeUs } from './time-text.ts';
import { serversAt } from './timeline.ts';

type Report = (flag: string, message: string) => void;
const SPAN = /^([^.]+(?:\.\d[^.]*)?)\.\.(.+)$/;

/** '3@10s..20s,0..4@1m..2m': servers and from when to when. */
export function parseFails(text: string, report: Report): ServiceEvent[] {
  return text.split(',').flatMap((part): ServiceEvent[] => {
    const [who, when = ''] = part.trim().split('@');
    const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(who) ?? [];
    const span = parseSpan(when);
    if (first === undefined || span === undefined || Number(last) >= MAX_SERVERS_EVER) {
      report('fail', `'${shorten(part)}' is not a server and its time (3@10s..20s, or 0..4@10s..20s)`);
      return [];
    }
    if (Number(last) < Number(first)) report('fail', `the range ${who} runs backwards`);
    const events: ServiceEvent[] = [];
    for (let server = Number(first); server <= Number(last); server++) events.push({ kind: 'fail', server, ...span });
    return events;
  });
}

/** '20@30s,10@1m': how many servers, from when on. */
export function parseScales(text: string, report: Report): ServiceEvent[] {
  return text.split(',').flatMap((part): ServiceEvent[] => {
    const [count, when = ''] = part.trim().split('@');
    const atUs = parseTimeUs(when);
    if (!/^\d+$/.test(count) || atUs === undefined) {
      report('scale', `'${shorten(part)}' is not a number of servers and a time (20@30s)`);
      return [];
    }
    if (Number(count) < 1 || Number(count) > MAX_SERVERS) {
      report('scale', `${shorten(count)} servers are not from 1 to ${MAX_SERVERS}`);
      return [];
    }
    return [{ kind: 'scale', servers: Number(count), atUs }];
  });
}

/** '10s..40s': from when to when. */
export function parseRollouts(text: string, report: Report): ServiceEvent[] {
  return text.split(',').flatMap((part): ServiceEvent[] => {
    const span = parseSpan(part);
    if (span !== undefined) return [{ kind: 'rollout', ...span }];
    report('rollout', `'${shorten(part)}' is not a time from and to (10s..40s)`);
    return [];
  });
}

/** What of the events cannot happen. */
export function checkEvents(scenario: Scenario, report: Report): void {
  const { events } = scenario;
  const end = durationUs(scenario);
  for (const event of events) {
    const flag = event.kind;
    const [from, to] = event.kind === 'scale' ? [event.atUs, event.atUs] : [event.fromUs, event.toUs];
    if (event.kind !== 'scale' && to <= from) report(flag, `${spanText(from, to)} ends before it begins`);
    if (from >= end) report(flag, `${formatTimeUs(from)} is after the last request, at ${formatTimeUs(end)}`);
  }
  const rollouts = events.filter((event) => event.kind === 'rollout').sort((a, b) => a.fromUs - b.fromUs);
  rollouts.forEach((rollout, i) => {
    const span = spanText(rollout.fromUs, rollout.toUs);
    if (i > 0 && rollouts[i - 1].toUs > rollout.fromUs)
      report('rollout', `${span} begins before the one before it ends`);
    const between = events.find(
      (event) => event.kind === 'scale' && event.atUs >= rollout.fromUs && event.atUs <= rollout.toUs,
    );
    if (between) report('rollout', `${span} has a --scale in it`);
  });
  checkServers(scenario, rollouts, report);
}

function checkServers(scenario: Scenario, rollouts: readonly { fromUs: number }[], report: Report): void {
  const { events, servers } = scenario;
  let [ever, now] = [servers, servers];
  for (const { servers: next } of events.filter((event) => event.kind === 'scale').sort((a, b) => a.atUs - b.atUs)) {
    ever += Math.max(0, next - now);
    now = next;
  }
  for (const { fromUs } of rollouts) ever += serversAt(scenario, fromUs);
  if (ever > MAX_SERVERS_EVER) report('rollout', `${ever} servers in all; there is room for ${MAX_SERVERS_EVER}`);
  const fails = events.filter((event) => event.kind === 'fail');
  for (const [server, own] of Map.groupBy(fails, (event) => event.server)) {
    if (server >= ever) report('fail', `there is no server ${server}; they are numbered from 0 to ${ever - 1}`);
    const sorted = own.toSorted((a, b) => a.fromUs - b.fromUs);
    if (sorted.some((event, i) => i > 0 && event.fromUs < sorted[i - 1].toUs)) {
      report('fail', `server ${server} is to fail while it is down`);
    }
  }
}

function parseSpan(text: string): { fromUs: number; toUs: number } | undefined {
  const [, from = '', to = ''] = SPAN.exec(text.trim()) ?? [];
  const [fromUs, toUs] = [parseTimeUs(from), parseTimeUs(to)];
  return fromUs === undefined || toUs === undefined ? undefined : { fromUs, toUs };
}

function spanText(fromUs: number, toUs: number): string {
  return `${formatTimeUs(fromUs)}..${formatTimeUs(toUs)}`;
}

export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
