/**
 * KubeSchedulerConfiguration (v1) → profiles. What kube-scheduler would refuse, or we do not honour, is named in an
 * error; fields about running the process are accepted. Departs from Kubernetes in one default: all nodes are scored
 * unless percentageOfNodesToScore is given.
 * Source: Kubernetes v1.36, pkg/scheduler/apis/config/{v1,validation}.
 */
import type { Problem } from '../errors.ts';
import type { Document } from '../objects/load/documents.ts';
import { parseDocuments } from '../objects/load.ts';
import { Context, type Finding, formatPath, type Segment } from '../objects/validate/context.ts';
import {
  isPlainObject,
  listAt,
  numberAt,
  objectAt,
  type PlainObject,
  show,
  textAt,
} from '../objects/validate/schema.ts';
import { argsOf } from './configuration-args.ts';
import { ARGS, CONFIGURATION_VERSION, configuration, POINTS, type Point } from './configuration-schema.ts';
import { type ExpandedPlugins, expandPlugins, type PluginSet, type PluginSets } from './plugin-sets.ts';
import { defaultProfile, EXTENSION_POINTS, type Profile } from './profile.ts';

export interface QueueSettings {
  podInitialBackoffSeconds: number;
  podMaxBackoffSeconds: number;
}

export interface SchedulerConfiguration {
  /** Empty when there is an error. */
  profiles: Profile[];
  queue: QueueSettings;
  problems: Problem[];
}

/** A configuration file's value, with apiVersion and kind. */
export function profilesFromConfiguration(value: unknown, source: string): SchedulerConfiguration {
  return read(value, true, (finding) => problemIn(finding, source));
}

/** A configuration file's text, YAML or JSON, so that problems name line and column. */
export function profilesFromText(text: string, source: string): SchedulerConfiguration {
  const { documents, problems } = parseDocuments(text, source);
  const [document] = documents;
  if (documents.length !== 1 && problems.length === 0) {
    const message = `holds ${documents.length} documents; a scheduler has one configuration`;
    problems.push({ source, path: '', message, severity: 'error' });
  }
  if (problems.length > 0) return refused(problems);
  return read(document.value, true, (finding) => problemIn(finding, source, document));
}

/** The `config` of a recorded decision: the same fields without apiVersion and kind; null is the default profile. */
export function profilesFromRecorded(config: unknown, source: string): SchedulerConfiguration {
  return read(config ?? {}, false, (finding) => problemIn(finding, source));
}

function problemIn({ segments, message, severity }: Finding, source: string, document?: Document): Problem {
  return { source, ...document?.locate(segments), path: formatPath(segments), message, severity };
}

const DEFAULT_QUEUE: QueueSettings = { podInitialBackoffSeconds: 1, podMaxBackoffSeconds: 10 };

function refused(problems: Problem[]): SchedulerConfiguration {
  return { profiles: [], queue: DEFAULT_QUEUE, problems };
}

function read(value: unknown, typed: boolean, toProblem: (finding: Finding) => Problem): SchedulerConfiguration {
  const context = new Context(true);
  const found = isPlainObject(value) ? build(value, typed, context) : undefined;
  if (!found) context.error(`${show(value)} is not a KubeSchedulerConfiguration`);
  const problems = context.findings.map(toProblem);
  if (!found || problems.some(({ severity }) => severity === 'error')) return refused(problems);
  return { ...found, problems };
}

function build(value: PlainObject, typed: boolean, context: Context): { profiles: Profile[]; queue: QueueSettings } {
  if (typed && !checkType(value, context)) return { profiles: [], queue: DEFAULT_QUEUE };
  configuration(value, context);
  const queue: QueueSettings = {
    podInitialBackoffSeconds: numberAt(value, 'podInitialBackoffSeconds') ?? DEFAULT_QUEUE.podInitialBackoffSeconds,
    podMaxBackoffSeconds: numberAt(value, 'podMaxBackoffSeconds') ?? DEFAULT_QUEUE.podMaxBackoffSeconds,
  };
  if (queue.podMaxBackoffSeconds < queue.podInitialBackoffSeconds) {
    context.error(`is less than podInitialBackoffSeconds, ${queue.podInitialBackoffSeconds}`, 'podMaxBackoffSeconds');
  }
  const everywhere = numberAt(value, 'percentageOfNodesToScore') ?? SCORE_ALL;
  const written = listAt(value, 'profiles');
  const profiles = (written.length > 0 ? written : [{}]).map((profile, i) => {
    context.push('profiles');
    context.push(i);
    const made = buildProfile(profile, everywhere, context);
    context.pop();
    context.pop();
    return made;
  });
  return { profiles, queue };
}

/** Our default where kube-scheduler has 0, which adapts to the number of nodes. */
const SCORE_ALL = 100;

/** False when it is something else altogether; the fields of an old version are looked at all the same. */
function checkType({ apiVersion, kind }: PlainObject, context: Context): boolean {
  if (kind !== 'KubeSchedulerConfiguration') {
    context.error(`${show(kind)} is not KubeSchedulerConfiguration`, 'kind');
    return false;
  }
  if (apiVersion !== CONFIGURATION_VERSION) {
    context.error(`${show(apiVersion)} is not ${CONFIGURATION_VERSION}, the only version left`, 'apiVersion');
  }
  return true;
}

function buildProfile(written: PlainObject, everywhere: number, context: Context): Profile {
  const wishes = pluginSetsOf(written, context);
  const at = expandPlugins(wishes, (point, message) => context.error(message, 'plugins', point, 'enabled'));
  checkFixedPoints(at, context);
  const names = (point: Point): string[] => at[point].map(({ name }) => name);
  return {
    ...defaultProfile(textAt(written, 'schedulerName') || 'default-scheduler'),
    percentageOfNodesToScore: numberAt(written, 'percentageOfNodesToScore') ?? everywhere,
    preEnqueue: names('preEnqueue'),
    preFilter: names('preFilter'),
    filter: names('filter'),
    postFilter: names('postFilter'),
    preScore: names('preScore'),
    score: at.score,
    reserve: names('reserve'),
    args: argsOf(checkedArgs(written, context)),
  };
}

function pluginSetsOf(written: PlainObject, context: Context): PluginSets {
  const sets: PluginSets = {};
  const plugins = objectAt(written, 'plugins') ?? {};
  for (const point of [...POINTS, 'multiPoint'] as const) {
    const set = objectAt(plugins, point);
    if (set) sets[point] = pluginSetOf(set, ['plugins', point], context);
  }
  return sets;
}

function pluginSetOf(set: PlainObject, at: readonly Segment[], context: Context): PluginSet {
  const enabled = listAt(set, 'enabled').map((plugin, i) => {
    const name = textAt(plugin, 'name') ?? '';
    if (name !== '' && !isOurs(name)) context.error(unknownPlugin(name), ...at, 'enabled', i, 'name');
    return { name, weight: numberAt(plugin, 'weight') ?? 0 };
  });
  const disabled = listAt(set, 'disabled').map((plugin, i) => {
    const name = textAt(plugin, 'name') ?? '';
    // kube-scheduler ignores a plugin that is disabled without being there, and so do we, aloud.
    if (name !== '' && name !== '*' && !isOurs(name)) context.warn(unknownPlugin(name), ...at, 'disabled', i, 'name');
    return name;
  });
  return { enabled, disabled };
}

function isOurs(name: string): boolean {
  return Object.hasOwn(EXTENSION_POINTS, name);
}

function unknownPlugin(name: string): string {
  return `no plugin ${show(name)} is known; only those of kube-scheduler's default profile are`;
}

/** Queue order and binding cannot be switched here, so a profile that changes them would not be honoured. */
function checkFixedPoints(at: ExpandedPlugins, context: Context): void {
  for (const [point, plugin] of [
    ['queueSort', 'PrioritySort'],
    ['bind', 'DefaultBinder'],
  ] as const) {
    const names = at[point].map(({ name }) => name);
    if (names.length === 1 && names[0] === plugin) continue;
    // An unknown plugin has been reported where it stands.
    if (names.every(isOurs)) context.error(`must be ${plugin} alone`, 'plugins', point);
  }
}

/** Plugin → its arguments as written, those only that have no problem. */
function checkedArgs(written: PlainObject, context: Context): Map<string, PlainObject> {
  const good = new Map<string, PlainObject>();
  listAt(written, 'pluginConfig').forEach((config, i) => {
    const name = textAt(config, 'name') ?? '';
    const { args } = config;
    const before = context.findings.length;
    context.push('pluginConfig');
    context.push(i);
    const schema = ARGS.get(name);
    if (name !== '' && !isOurs(name)) context.error(unknownPlugin(name), 'name');
    else if (args !== undefined && args !== null) {
      context.push('args');
      if (schema) checkArgs(name, schema, args, context);
      else if (name !== '') context.error(`arguments of ${name} are not supported`);
      context.pop();
    }
    context.pop();
    context.pop();
    if (context.findings.length === before && isPlainObject(args)) good.set(name, args);
  });
  return good;
}

function checkArgs(
  name: string,
  schema: (value: unknown, context: Context) => void,
  args: unknown,
  context: Context,
): void {
  schema(args, context);
  if (!isPlainObject(args)) return;
  const { kind, apiVersion } = args;
  if (typeof kind === 'string' && kind !== `${name}Args`) context.error(`${show(kind)} is not ${name}Args`, 'kind');
  if (typeof apiVersion === 'string' && apiVersion !== CONFIGURATION_VERSION) {
    context.error(`${show(apiVersion)} is not ${CONFIGURATION_VERSION}`, 'apiVersion');
  }
}
