/** What users ask of a simulated service, from the texts of flags to a scenario. Every problem is told at once. */
import { ApiError, POLICIES, type Problem } from '../../core/index.ts';
import { parseSeeds } from '../openb/arguments.ts';
import { type LlmTrace, readAzureLlm, tracedArrivals } from './azure-llm.ts';
import { checkEvents, parseFails, parseRollouts, parseScales, shorten } from './events.ts';
import type { ServiceTexts } from './flags.ts';
import {
  capacityOf,
  MAX_ATTEMPTS,
  MAX_BALANCERS,
  MAX_CLIENTS,
  MAX_REQUESTS,
  MAX_SERVERS,
  MAX_SLOTS,
  type Scenario,
  type ServicePolicy,
  type ServiceTime,
} from './scenario.ts';
import { SHAPES } from './service-times.ts';
import { formatTimeUs, parseTimeUs } from './time-text.ts';
import { parseZones } from './zone-arguments.ts';

export interface ServiceRequest {
  scenario: Scenario;
  policies: ServicePolicy[];
  seeds: number[];
}

const DEFAULTS = { requests: 100_000, load: 0.7, servers: 10, concurrency: 4, clients: 10_000, attempts: 3 };
const DEFAULT_SEEDS = '42..44';
const DEFAULT_SERVICE_TIME = 'lognormal:10ms';
const DEFAULT_TOKEN_TIME = '20ms';
const MAX_TIME_US = 3600e6;
const MAX_AFFINITY_US = 86_400e6;
const MAX_RATE = 1e9;

/**
 * @param tracePath where the file of a trace is, given what the user wrote. @param others problems found elsewhere.
 * @throws ApiError naming every problem.
 */
export function parseService(
  texts: ServiceTexts,
  tracePath: (name: string) => string,
  others: readonly Problem[] = [],
): ServiceRequest {
  const reader = new FlagReader(texts, others);
  const fleet = {
    servers: reader.number('servers', DEFAULTS.servers, 1, MAX_SERVERS, true),
    concurrency: reader.number('concurrency', DEFAULTS.concurrency, 1, MAX_SLOTS, true),
    speeds: parseSpeeds(texts.speeds ?? '1', reader),
  };
  if (fleet.servers * fleet.concurrency > MAX_SLOTS) {
    reader.report('concurrency', `servers × concurrency is more than ${MAX_SLOTS}`);
  }
  const scenario: Scenario = {
    ...fleet,
    arrivals: parseArrivals(texts, fleet, tracePath, reader),
    weighted: texts.weighted !== undefined,
    balancers: reader.number('balancers', 1, 1, MAX_BALANCERS, true),
    clients: reader.number('clients', DEFAULTS.clients, 1, MAX_CLIENTS, true),
    attempts: reader.number('attempts', DEFAULTS.attempts, 1, MAX_ATTEMPTS, true),
    ...parseFront(texts, reader),
    ...parseZones(texts, reader.report),
    events: parseEvents(texts, reader),
  };
  if (scenario.zones !== undefined && scenario.zones.names.length * scenario.balancers > MAX_BALANCERS) {
    reader.report('balancers', `zones × balancers is more than ${MAX_BALANCERS}`);
  }
  checkEvents(scenario, reader.report);
  const policies = parseServicePolicies(texts.policy ?? 'all', reader);
  const seeds = reader.attempt(() => parseSeeds(texts.seeds ?? DEFAULT_SEEDS), [0]);
  reader.done();
  return { scenario, policies, seeds };
}

/** What stands before the policy, where it is asked for. */
function parseFront(texts: ServiceTexts, reader: FlagReader): Partial<Scenario> {
  const front: Partial<Scenario> = {};
  if (texts.affinity !== undefined) {
    front.affinitySeconds = reader.time('affinity', '3h', MAX_AFFINITY_US) / 1e6;
    if (!Number.isInteger(front.affinitySeconds)) {
      reader.report('affinity', `'${shorten(texts.affinity)}' is not a whole number of seconds`);
    }
  }
  if (texts['slow-start'] !== undefined) front.slowStartSeconds = reader.time('slow-start', '30s') / 1e6;
  if (texts.eject !== undefined) front.ejectSeconds = reader.time('eject', '30s') / 1e6;
  return front;
}

class FlagReader {
  readonly #texts: ServiceTexts;
  readonly #problems: Problem[];

  constructor(texts: ServiceTexts, others: readonly Problem[]) {
    this.#texts = texts;
    this.#problems = [...others];
  }

  readonly report = (flag: string, message: string): void => {
    this.#problems.push({ path: `--${flag}`, message, severity: 'error' });
  };

  /** `otherwise` where it is not given, and beside a problem. */
  number(flag: keyof ServiceTexts, otherwise: number, min: number, max: number, whole = false): number {
    const text = this.#texts[flag];
    if (text === undefined) return otherwise;
    const value = Number(text);
    const isNumber = (whole ? /^\d+$/ : /^\d*\.?\d+(e\d+)?$/i).test(text) && value >= min && value <= max;
    if (isNumber) return value;
    this.report(flag, `'${shorten(text)}' is not a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
    return otherwise;
  }

  time(flag: keyof ServiceTexts, otherwise: string, maxUs = MAX_TIME_US): number {
    const text = this.#texts[flag] ?? otherwise;
    const timeUs = parseTimeUs(text);
    if (timeUs !== undefined && timeUs > 0 && timeUs <= maxUs) return timeUs;
    this.report(flag, `'${shorten(text)}' is not a time above 0 and up to ${formatTimeUs(maxUs)} (250us, 10ms, 1.5s)`);
    return parseTimeUs(otherwise) as number;
  }

  /** What it throws for wrong input is told with the rest. */
  attempt<T>(parse: () => T, otherwise: T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#problems.push(...error.problems);
      return otherwise;
    }
  }

  /** @throws ApiError when there was any problem. */
  done(): void {
    if (this.#problems.length > 0) throw new ApiError('Invalid', this.#problems);
  }
}

type Capacity = Pick<Scenario, 'servers' | 'concurrency' | 'speeds'>;

function parseArrivals(
  texts: ServiceTexts,
  fleet: Capacity,
  tracePath: (name: string) => string,
  reader: FlagReader,
): Scenario['arrivals'] {
  if (texts.rate !== undefined && texts.load !== undefined) reader.report('load', 'does not go with --rate');
  const load = reader.number('load', DEFAULTS.load, 0.001, 100);
  const asked = reader.number('rate', 0, 0.001, MAX_RATE);
  const rateFor = (meanWorkUs: number): number => (1e6 * load * capacityOf(fleet)) / meanWorkUs;
  if (texts.trace === undefined) {
    if (texts['token-time'] !== undefined) reader.report('token-time', 'goes with --trace only');
    const requests = reader.number('requests', DEFAULTS.requests, 1, MAX_REQUESTS, true);
    const work = parseServiceTime(texts['service-time'] ?? DEFAULT_SERVICE_TIME, reader);
    return { kind: 'synthetic', requests, rate: asked || rateFor(work.meanUs), work };
  }
  if (texts['service-time'] !== undefined) reader.report('service-time', 'does not go with --trace: see --token-time');
  const tokenUs = reader.time('token-time', DEFAULT_TOKEN_TIME);
  const requests = reader.number('requests', MAX_REQUESTS, 1, MAX_REQUESTS, true);
  const path = tracePath(texts.trace);
  const none: LlmTrace = { name: path, atUs: new Float64Array(1), tokens: new Float64Array(1) };
  const trace = { ...reader.attempt(() => readAzureLlm(path), none), name: texts.trace };
  const recorded = tracedArrivals(trace, tokenUs, requests);
  if (asked > 0) return tracedArrivals(trace, tokenUs, requests, asked);
  if (texts.load === undefined) return recorded;
  const meanWorkUs = recorded.workUs.reduce((sum, work) => sum + work, 0) / recorded.workUs.length;
  return tracedArrivals(trace, tokenUs, requests, Math.min(MAX_RATE, rateFor(meanWorkUs)));
}

/** 'exp:10ms', 'lognormal:10ms:2': kind, mean and shape. */
function parseServiceTime(text: string, reader: FlagReader): ServiceTime {
  const [word, mean = '10ms', shapeText, ...rest] = text.split(':');
  const kinds = Object.keys(SHAPES) as ServiceTime['kind'][];
  const kind = kinds.find((one) => one === word);
  const meanUs = parseTimeUs(mean);
  const wrong = (message: string): ServiceTime => {
    reader.report('service-time', message);
    return { kind: 'fixed', meanUs: 10_000, shape: 0 };
  };
  if (kind === undefined) return wrong(`'${shorten(word)}' is none of ${kinds.join(', ')}`);
  if (meanUs === undefined || meanUs <= 0 || meanUs > MAX_TIME_US) {
    return wrong(`'${shorten(mean)}' is not a mean above 0 and up to 1h (lognormal:10ms)`);
  }
  const allowed = SHAPES[kind];
  const hasShape = shapeText !== undefined;
  if (rest.length > 0 || (hasShape && allowed === null))
    return wrong(`'${shorten(text)}' has more parts than ${kind} takes`);
  if (allowed === null) return { kind, meanUs, shape: 0 };
  const shape = hasShape ? Number(shapeText || Number.NaN) : allowed.default;
  if (!(shape >= allowed.min && shape <= allowed.max)) {
    return wrong(`'${shorten(shapeText ?? '')}' is not a ${allowed.name} from ${allowed.min} to ${allowed.max}`);
  }
  return { kind, meanUs, shape };
}

/** '1,0.5' or '1x9,0.2': speeds of the servers in turn, over and over. */
function parseSpeeds(text: string, reader: FlagReader): number[] {
  const speeds = text.split(',').flatMap((part) => {
    const [, speed, times = '1'] = /^\s*(\d*\.?\d+)(?:x(\d+))?\s*$/.exec(part) ?? [];
    const [value, count] = [Number(speed), Number(times)];
    if (value >= 0.001 && value <= 1000 && count >= 1 && count <= MAX_SERVERS)
      return new Array<number>(count).fill(value);
    reader.report('speeds', `'${shorten(part)}' is not a speed from 0.001 to 1000, with or without a number (1x9,0.2)`);
    return [];
  });
  return speeds.length > 0 ? speeds : [1];
}

function parseEvents({ fail, scale, rollout }: ServiceTexts, { report }: FlagReader): Scenario['events'] {
  return [
    ...(fail === undefined ? [] : parseFails(fail, report)),
    ...(scale === undefined ? [] : parseScales(scale, report)),
    ...(rollout === undefined ? [] : parseRollouts(rollout, report)),
  ];
}

/** 'all', or names with parameters: 'random,least-request:choices=3,ring-hash:minRingSize=4096'. Each once. */
function parseServicePolicies(text: string, { report }: FlagReader): ServicePolicy[] {
  if (text === 'all') return POLICIES.map(({ name }) => ({ label: name, name, parameters: {} }));
  const found = new Map<string, ServicePolicy>();
  for (const part of text.split(',')) {
    const label = part.trim();
    const [name, ...settings] = label.split(':');
    const policy = POLICIES.find((one) => one.name === name);
    if (policy === undefined) {
      report('policy', `'${shorten(name)}' is none of all, ${POLICIES.map((one) => one.name).join(', ')}`);
      continue;
    }
    const parameters: Record<string, number> = {};
    for (const setting of settings) {
      const [key, value] = setting.split('=');
      const parameter = policy.parameters.find((one) => one.name === key);
      const number = Number(value || Number.NaN);
      if (parameter === undefined) {
        const names = policy.parameters.map((one) => one.name).join(', ') || 'no parameters';
        report('policy', `'${shorten(setting)}': ${name} has ${names}`);
      } else if (number >= parameter.min && number <= parameter.max) parameters[key] = number;
      else report('policy', `'${shorten(setting)}' is not from ${parameter.min} to ${parameter.max}`);
    }
    found.set(label, { label, name, parameters });
  }
  return [...found.values()];
}
