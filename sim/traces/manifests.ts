/**
 * Manifests and `kubectl get -o json` dumps as the input of a simulation: nodes, pods that run or wait, and everything
 * else, with defaults filled in and workloads turned into their pods. All problems come back at once.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  ApiError,
  applyDefaults,
  type DefaultsContext,
  defaultsContext,
  isFinished,
  type KubeObject,
  type Loaded,
  loadText,
  type Node,
  type Pod,
  type PodSpec,
  type Problem,
} from '../../core/index.ts';
import { missingNamespaces, nameKey, withControllers } from './controllers.ts';
import { listManifests } from './manifest-files.ts';
import { MOST_PODS, uidOf } from './owned-pods.ts';
import { readText } from './read-text.ts';

export interface Manifests {
  /** In the order in which they were read. */
  nodes: Node[];
  /** Pods with spec.nodeName run there, the others wait. Finished pods are left out. */
  pods: Pod[];
  /** All other objects, those that controllers would have made included. */
  others: KubeObject[];
  problems: Problem[];
}

export interface ManifestOptions {
  /** Unknown fields, and one name for two objects, are errors. */
  strict?: boolean;
  /** 'apps/v1 Deployment': whose pods are not made here, since controllers will make them. */
  controlled?: ReadonlySet<string>;
}

/** Files and folders; throws nothing but bugs. What has an error is left out, the rest is there all the same. */
export function readManifests(paths: readonly string[], options: ManifestOptions = {}): Manifests {
  const { files, problems } = listManifests(paths);
  const read: Read[] = [];
  for (const { path, inFolder } of files) {
    const text = textOf(path, problems);
    if (text === undefined) continue;
    const loaded = loadText(text, path, { strict: options.strict, tolerateForeign: inFolder });
    problems.push(...loaded.problems);
    for (const object of loaded.objects) read.push({ object, written: object, loaded });
  }
  return { ...assemble(read, options, problems), problems };
}

/** An object on its way, with what was written and the text it came from, which knows its lines. */
interface Read {
  object: KubeObject;
  written: KubeObject;
  loaded: Loaded;
}

function textOf(path: string, problems: Problem[]): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function assemble(read: Read[], options: ManifestOptions, problems: Problem[]): Omit<Manifests, 'problems'> {
  const context = defaultsContext(read.map(({ object }) => object));
  const finish = <T extends KubeObject>(object: T): T => withUid(applyDefaults(object, context));
  const generated = new Map<string, number>();
  for (const one of read) one.object = finish(withName(one.object, generated));
  const unique = withoutDoubles(read, options, problems);
  const nodes = unique.map(({ object }) => object).filter((object): object is Node => isKind(object, 'Node'));
  const nodeNames = new Set([...nodes.map(({ metadata }) => metadata.name), ...refusedNodes(problems)]);
  for (const one of unique) checkReferences(one, nodeNames, context, problems);

  const objects = unique.map(({ object }) => object);
  const known = new Set(objects);
  const all = withControllers(objects, nodes, options.controlled).map((object) =>
    known.has(object) ? object : finish(object),
  );
  all.push(...missingNamespaces(all).map(finish));
  return {
    nodes,
    pods: all.filter((object): object is Pod => isKind(object, 'Pod') && !isFinished(object as Pod)),
    others: all.filter((object) => !isKind(object, 'Node') && !isKind(object, 'Pod')),
  };
}

function isKind(object: KubeObject, kind: string): boolean {
  return object.apiVersion === 'v1' && object.kind === kind;
}

/** The API server adds random letters to generateName; a count does as well, and is the same in every run. */
function withName<T extends KubeObject>(object: T, generated: Map<string, number>): T {
  const { name, generateName } = object.metadata;
  if (name || !generateName) return object;
  const next = generated.get(generateName) ?? 0;
  generated.set(generateName, next + 1);
  return { ...object, metadata: { ...object.metadata, name: `${generateName}${next}` } };
}

function withUid<T extends KubeObject>(object: T): T {
  return object.metadata.uid ? object : { ...object, metadata: { ...object.metadata, uid: uidOf(object) } };
}

/** The last one of a name counts, as if applied one after the other. */
function withoutDoubles(read: readonly Read[], { strict }: ManifestOptions, problems: Problem[]): Read[] {
  const byName = new Map<string, Read>();
  for (const one of read) {
    if (!one.object.metadata.name) continue;
    const key = `${one.object.apiVersion} ${nameKey(one.object)}`;
    const before = byName.get(key);
    if (before && !isDeepStrictEqual(before.object, one.object)) {
      const severity = strict ? 'error' : 'warning';
      problems.push(
        problemAt(one, ['metadata', 'name'], 'this name was given before; the last object counts', severity),
      );
    }
    byName.set(key, one);
  }
  const last = new Set(byName.values());
  return read.filter((one) => last.has(one) || !one.object.metadata.name);
}

/** A pod on a node that has a mistake of its own is no second mistake. */
function refusedNodes(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ object = '' }) => (object.startsWith('node ') ? [object.slice('node '.length)] : []));
}

function problemAt(
  { object, written, loaded }: Read,
  path: readonly string[],
  message: string,
  severity: Problem['severity'],
): Problem {
  const { kind, metadata } = object;
  const name = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
  return {
    ...loaded.locate(written, path),
    object: `${kind.toLowerCase()} ${name}`,
    path: path.join('.'),
    message,
    severity,
  };
}

/** What one object says of others: the node it runs on, its priority class; and how many pods it asks for. */
function checkReferences(
  one: Read,
  nodeNames: ReadonlySet<string>,
  context: DefaultsContext,
  problems: Problem[],
): void {
  const report = (path: string[], message: string, severity: Problem['severity'] = 'error'): void => {
    problems.push(problemAt(one, path, message, severity));
  };
  const { object } = one;
  if (isKind(object, 'Pod')) {
    if (!isFinished(object as Pod)) checkPodSpec((object as Pod).spec, ['spec'], nodeNames, context, report);
    return;
  }
  if (object.apiVersion === 'batch/v1' && object.kind === 'CronJob') {
    report([], 'a CronJob makes no pods before its time has come', 'warning');
  }
  const { spec } = object as { spec?: { replicas?: unknown; parallelism?: unknown; template?: { spec?: PodSpec } } };
  if (!WORKLOADS.has(`${object.apiVersion} ${object.kind}`) || !spec) return;
  for (const field of ['replicas', 'parallelism'] as const) {
    const wanted = spec[field];
    if (typeof wanted === 'number' && wanted > MOST_PODS) {
      report(['spec', field], `${wanted} pods are more than the ${MOST_PODS} one workload may have here`);
    }
  }
  if (spec.template?.spec) checkPodSpec(spec.template.spec, ['spec', 'template', 'spec'], nodeNames, context, report);
}

const WORKLOADS = new Set([
  'apps/v1 Deployment',
  'apps/v1 ReplicaSet',
  'apps/v1 StatefulSet',
  'apps/v1 DaemonSet',
  'batch/v1 Job',
  'v1 ReplicationController',
]);

function checkPodSpec(
  { nodeName, priority, priorityClassName }: PodSpec,
  at: readonly string[],
  nodeNames: ReadonlySet<string>,
  { priorityClasses }: DefaultsContext,
  report: (path: string[], message: string, severity?: Problem['severity']) => void,
): void {
  if (nodeName && !nodeNames.has(nodeName)) {
    report([...at, 'nodeName'], `node '${nodeName}' is not among the nodes`);
  }
  if (priorityClassName && priority === undefined && !priorityClasses?.has(priorityClassName)) {
    report([...at, 'priorityClassName'], `no PriorityClass '${priorityClassName}' is given; it counts as 0`, 'warning');
  }
}
