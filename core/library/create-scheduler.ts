/** `createScheduler`: a cluster in, a scheduler out that answers for pods. */
import { Listers } from '../cluster/listers.ts';
import { ApiError, errorsOf, type Problem } from '../errors.ts';
import type { KubeObject, Node, Pod } from '../objects/types.ts';
import { profilesFromConfiguration, profilesFromText } from '../scheduler/configuration.ts';
import { type DeciderKind, deciderKind } from '../scheduler/decider-kind.ts';
import { createDecider } from '../scheduler/deciders.ts';
import type { TieRule } from '../scheduler/decision.ts';
import { defaultProfile, type Profile } from '../scheduler/profile.ts';
import { Nominator } from '../scheduler/queue/nominator.ts';
import type { WorkerReplaced } from '../scheduler/scan/parallel/worker-replaced.ts';
import { ScheduleOne } from '../scheduler/schedule-one.ts';
import { type PluggedProfile, pluginsOf } from '../scheduler/with-plugin.ts';
import { DirectScheduler } from './direct-scheduler.ts';
import { Intake, type IntakeOptions, refuseIf } from './intake.ts';
import { readScheduler } from './saved-scheduler.ts';

/** Any of `nodes`, `pods` and `objects` may be left out; `objects` takes every kind, nodes and pods too. */
export interface DirectSchedulerOptions extends IntakeOptions {
  nodes?: readonly Node[];
  /** Pods with spec.nodeName count on their nodes. Others only keep a nominated node's place, if they have one. */
  pods?: readonly Pod[];
  /** Services, Namespaces, volumes, claims, PriorityClasses, PodDisruptionBudgets... */
  objects?: readonly KubeObject[];
  /** What snapshot() of another scheduler gave. Nodes, pods and objects beside it come after it, as changes. */
  snapshot?: Uint8Array;
  /** A KubeSchedulerConfiguration: YAML or JSON text, or its value. Instead of `profiles`. */
  config?: string | object;
  /** The default profile of kube-scheduler 1.36, scoring every node, when neither is given. */
  profiles?: readonly PluggedProfile[];
  /** 'engine' by default. They give the same answers; 'reference' is slow and knows no plugins from outside. */
  decider?: DeciderKind;
  /** Who wins among equal totals: 'order' by default. */
  tieRule?: TieRule;
  /** For the tie rules 'order' and 'random'; a whole number, 0 by default. */
  seed?: number;
  /**
   * Threads that share the kernels of one decision, the calling one included; 1 by default, at most 256. The decisions do
   * not depend on it. bench/README.md says from how many nodes on they pay; close() ends them.
   */
  threads?: number;
  /** Told of a worker thread that died, or was too late: its part was done by another. */
  onWorkerReplaced?: (event: WorkerReplaced) => void;
  /** The present in ms, for pods without a start time that are candidates for eviction. By default later than all. */
  now?: () => number;
}

/** After every start time that can be recorded. */
const NOW_MS = Date.UTC(2100, 0, 1);
const MAX_THREADS = 256;
const TIE_RULES: readonly string[] = ['order', 'first', 'random'] satisfies TieRule[];

/** @throws ApiError with everything that is wrong with options and objects. */
export function createScheduler(options: DirectSchedulerOptions = {}): DirectScheduler {
  const problems: Problem[] = [];
  const intake = new Intake(options);
  const profiles = profilesOf(options, problems);
  const { nodes = [], pods = [], objects = [], tieRule = 'order', seed = 0, now = () => NOW_MS } = options;
  const { threads = 1, onWorkerReplaced: onEvent } = options;
  const all = [nodes, pods, objects].flatMap((some) => intake.check<KubeObject>(some, problems));
  const plugins = pluginsOf(profiles);
  const kind = deciderKind(options.decider ?? 'engine');
  const report = (path: string, message: string): void => void problems.push({ path, message, severity: 'error' });
  if (kind === 'reference' && plugins.length > 0) report('decider', 'reference knows no plugins from outside');
  if (!TIE_RULES.includes(tieRule)) report('tieRule', `${tieRule} is none of ${TIE_RULES.join(', ')}`);
  if (!Number.isSafeInteger(seed)) report('seed', `${seed} is not a whole number`);
  if (options.snapshot !== undefined && !(options.snapshot instanceof Uint8Array)) {
    report('snapshot', 'is not a Uint8Array');
  }
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    report('threads', `${threads} is not a whole number from 1 to ${MAX_THREADS}`);
  }
  refuseIf(problems);
  const saved = options.snapshot && readScheduler(options.snapshot);

  const listers = new Listers();
  const nominator = new Nominator();
  const decider = createDecider(kind, { listers, profiles, nominated: nominator, plugins, threads, onEvent });
  const cycle = new ScheduleOne({
    decider,
    profiles,
    listers,
    nominated: nominator,
    tieRule,
    seed,
    now,
    progress: saved?.rest.progress,
  });
  return new DirectScheduler({ decider, listers, nominator, cycle, profiles, tieRule, seed, intake }, all, saved);
}

function profilesOf({ config, profiles }: DirectSchedulerOptions, problems: Problem[]): readonly PluggedProfile[] {
  if (config !== undefined && profiles !== undefined) {
    problems.push({ path: 'profiles', message: 'stands beside config; give one of them', severity: 'error' });
  }
  if (config !== undefined) return read(config, 'config', problems);
  if (profiles === undefined) return [defaultProfile()];
  const names = profiles.map(({ schedulerName }) => schedulerName);
  if (names.length === 0) problems.push({ path: 'profiles', message: 'is empty', severity: 'error' });
  if (new Set(names).size < names.length) {
    const message = `one schedulerName is given twice: ${names.join(', ')}`;
    problems.push({ path: 'profiles', message, severity: 'error' });
  }
  return profiles;
}

function read(config: string | object, source: string, problems: Problem[]): Profile[] {
  const from = typeof config === 'string' ? profilesFromText : profilesFromConfiguration;
  const found = from(config as string, source);
  problems.push(...errorsOf(found.problems));
  return found.profiles;
}

/**
 * The profiles of a KubeSchedulerConfiguration, for withPlugin.
 * @param config YAML or JSON text, or the value.
 * @throws ApiError with every problem; those of a text name their lines.
 */
export function readProfiles(config: string | object, source = 'config'): Profile[] {
  const problems: Problem[] = [];
  const profiles = read(config, source, problems);
  if (problems.length > 0) throw new ApiError('Invalid', problems);
  return profiles;
}
