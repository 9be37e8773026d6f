/** A scenario file, or events as a command line has them, to a Scenario: every problem at once, with line and field path. */
import { dirname, join } from 'node:path';
import {
  ApiError,
  formatPath,
  type KubeObject,
  keyOf,
  loadText,
  type Problem,
  parseDocuments,
  type Segment,
  validate,
} from '../../../core/index.ts';
import { readText } from '../../traces/read-text.ts';
import type { KindTable } from '../world/kinds.ts';
import { DEFAULT_TIMES } from '../world/pod-life.ts';
import { Fields, isMap, type Report, show } from './fields.ts';
import { DEFAULT_DURATION_MS, LONGEST_MS, MOST_EVENTS, type Scenario, type ScenarioEvent } from './scenario.ts';
import { type Known, VERBS } from './verbs.ts';

export interface ScenarioInput {
  /** Path of a scenario file. */
  file?: string;
  /** '5m fail zone=b count=3; 20m drain node=a-1'. */
  events?: string;
  /** '45m': instead of the file's. */
  duration?: string;
}

interface Read {
  value: unknown;
  /** Where objects and files named in it are looked for. */
  folder: string;
  report: Report;
}

/** Beside the scenario, the objects that it applies: their kinds are served from the beginning. */
export interface ReadScenario {
  scenario: Scenario;
  applied: KubeObject[];
  problems: Problem[];
}

/** @param objects of the input. Throws nothing but bugs. */
export function readScenario(input: ScenarioInput, objects: readonly KubeObject[], kinds: KindTable): ReadScenario {
  const problems: Problem[] = [];
  const sources = sourcesOf(input, problems);
  const applied: KubeObject[] = [];
  const known = knownOf(objects, applied, kinds);
  // What is applied is known before anything is looked for, wherever it stands.
  const load = loader(problems, applied);
  const scenario: Scenario = { durationMs: DEFAULT_DURATION_MS, times: DEFAULT_TIMES, events: [] };
  const events: ScenarioEvent[] = [];
  for (const pass of ['apply', 'others'] as const) {
    for (const source of sources) {
      const own: Known = { ...known, load: (value, path) => load(value, path, source) };
      const read = readSource(source, own, pass);
      events.push(...read.events);
      if (pass === 'apply') Object.assign(scenario, read.settings);
    }
  }
  scenario.events = events.sort((a, b) => a.atMs - b.atMs);
  checkEnd(scenario, input, problems);
  // In the order of a file's lines; the stable sort leaves everything else as it was found.
  problems.sort((a, b) => (a.source === b.source ? (a.line ?? 0) - (b.line ?? 0) : 0));
  return { scenario, applied, problems };
}

function sourcesOf({ file, events, duration }: ScenarioInput, problems: Problem[]): Read[] {
  const sources: Read[] = [];
  if (file !== undefined) {
    const text = textOf(file, problems);
    const { documents, problems: mistakes } =
      text === undefined ? { documents: [], problems: [] } : parseDocuments(text, file);
    problems.push(...mistakes);
    for (const document of documents) {
      const report: Report = (path, message) =>
        problems.push({ source: file, ...document.locate(path), path: formatPath(path), message, severity: 'error' });
      sources.push({ value: document.value, folder: dirname(file), report });
    }
  }
  const report =
    (source: string): Report =>
    (path, message) =>
      problems.push({ source, path: formatPath(path), message, severity: 'error' });
  if (events !== undefined) {
    const value = {
      events: events
        .split(';')
        .filter((one) => one.trim() !== '')
        .map(eventOf),
    };
    sources.push({ value, folder: '.', report: report('--events') });
  }
  if (duration !== undefined) sources.push({ value: { duration }, folder: '.', report: report('--for') });
  return sources;
}

function textOf(file: string, problems: Problem[]): string | undefined {
  try {
    return readText(file);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** '5m fail zone=b count=3' → { at: '5m', fail: { zone: 'b', count: '3' } }; '5m drain a-1' → { at: '5m', drain: 'a-1' }. */
function eventOf(text: string): unknown {
  const [at, verb, ...rest] = text.trim().split(/\s+/);
  if (verb === undefined) return { at };
  if (rest.length === 1 && !rest[0].includes('=')) return { at, [verb]: rest[0] };
  return {
    at,
    [verb]: Object.fromEntries(
      rest.map((word) => {
        const equals = word.indexOf('=');
        return equals < 0 ? [word, true] : [word.slice(0, equals), word.slice(equals + 1)];
      }),
    ),
  };
}

function knownOf(
  objects: readonly KubeObject[],
  applied: readonly KubeObject[],
  kinds: KindTable,
): Omit<Known, 'load'> {
  const keys = new Set(objects.map((object) => `${object.kind} ${keyOf(object)}`));
  const isApplied = (kind: string, key: string): boolean =>
    applied.some((object) => object.kind === kind && keyOf(object) === key);
  return {
    has: (kind, key) => keys.has(`${kind} ${key}`) || isApplied(kind, key),
    nodes: () => [...objects, ...applied].filter(({ kind }) => kind === 'Node'),
    kindNamed: (word) => kinds.named(word),
  };
}

function loader(problems: Problem[], applied: KubeObject[]) {
  const inNamespace = (object: KubeObject): KubeObject => {
    const isGlobal = ['Node', 'Namespace', 'PriorityClass', 'StorageClass', 'PersistentVolume'].includes(object.kind);
    const namespace = object.metadata.namespace ?? (isGlobal ? undefined : 'default');
    return { ...object, metadata: { ...object.metadata, ...(namespace && { namespace }) } };
  };
  return (value: unknown, path: readonly Segment[], { folder, report }: Read): KubeObject[] => {
    let found: KubeObject[] = [];
    if (typeof value === 'string') {
      const file = join(folder, value);
      const text = textOf(file, problems);
      const loaded = text === undefined ? undefined : loadText(text, file);
      problems.push(...(loaded?.problems ?? []));
      found = loaded?.objects ?? [];
    } else {
      const { object, problems: own } = validate(value);
      for (const { path: below, message } of own) report(path, below ? `${below}: ${message}` : message);
      if (object) found = [object];
    }
    const objects = found.map(inNamespace);
    applied.push(...objects);
    return objects;
  };
}

interface SourceRead {
  settings: Partial<Scenario>;
  events: ScenarioEvent[];
}

/** Of the first pass the settings and what is applied, of the second the rest. */
function readSource({ value, report }: Read, known: Known, pass: 'apply' | 'others'): SourceRead {
  const isFirst = pass === 'apply';
  if (!isMap(value)) {
    if (isFirst) report([], `${show(value)} is not a scenario: duration, pods and events`);
    return { settings: {}, events: [] };
  }
  const fields = new Fields(value, [], isFirst ? report : () => undefined);
  const settings: Partial<Scenario> = {};
  const durationMs = fields.span('duration');
  if (durationMs !== undefined) settings.durationMs = durationMs;
  const times = fields.raw('pods');
  if (times !== undefined) settings.times = readTimes(times, isFirst ? report : () => undefined);
  const list = fields.raw('events') ?? [];
  fields.nothingElse();
  if (!Array.isArray(list)) {
    fields.wrong('events', `${show(list)} is not a list`);
    return { settings, events: [] };
  }
  if (list.length > MOST_EVENTS) fields.wrong('events', `are more than ${MOST_EVENTS}`);
  const events = list
    .slice(0, MOST_EVENTS)
    .map((one, i) => readEvent(one, ['events', i], report, known, pass))
    .filter((event) => event !== undefined);
  return { settings, events };
}

function readTimes(value: unknown, report: Report): Scenario['times'] {
  if (!isMap(value)) {
    report(['pods'], `${show(value)} is not a map of start, ready and stop`);
    return DEFAULT_TIMES;
  }
  const fields = new Fields(value, ['pods'], report);
  const times = {
    start: fields.range('start', DEFAULT_TIMES.start),
    ready: fields.range('ready', DEFAULT_TIMES.ready),
    stop: fields.range('stop', DEFAULT_TIMES.stop),
  };
  fields.nothingElse();
  return times;
}

function readEvent(
  value: unknown,
  path: readonly Segment[],
  report: Report,
  known: Known,
  pass: 'apply' | 'others',
): ScenarioEvent | undefined {
  const isFirst = pass === 'apply';
  if (!isMap(value)) {
    if (isFirst) report(path, `${show(value)} is not an event: at, and what happens`);
    return undefined;
  }
  const verbs = Object.keys(value).filter((name) => name !== 'at');
  const [verb] = verbs;
  if (verbs.length !== 1 || !Object.hasOwn(VERBS, verb)) {
    const names = Object.keys(VERBS).join(', ');
    const what = verbs.length === 1 ? `'${verb}' cannot happen` : `${verbs.length} things happen here`;
    if (isFirst) report(path, `${what}; it is one of ${names}`);
    return undefined;
  }
  if ((verb === 'apply') !== isFirst) return undefined;
  const event = new Fields(value, path, report);
  const atMs = event.span('at');
  const isTimed = event.required('at', atMs);
  const { short, read } = VERBS[verb];
  const given = value[verb];
  const map = typeof given === 'string' && short ? { [short]: given } : given;
  if (!isMap(map)) {
    report([...path, verb], `${show(given)} is not a map of its fields`);
    return undefined;
  }
  const fields = new Fields(map, [...path, verb], report);
  const made = read(fields, known);
  fields.nothingElse();
  return made && isTimed ? { atMs: Math.round(atMs), ...made } : undefined;
}

function checkEnd({ durationMs, events }: Scenario, { file, duration }: ScenarioInput, problems: Problem[]): void {
  const source = duration === undefined ? file : '--for';
  const report = (path: string, message: string): void =>
    void problems.push({ source, path, message, severity: 'error' });
  if (durationMs <= 0 || durationMs > LONGEST_MS) report('duration', 'is not from 1ms to 7 days');
  const late = events.find(({ atMs }) => atMs > durationMs);
  if (late) report('duration', `is over before '${late.text}' happens`);
}
