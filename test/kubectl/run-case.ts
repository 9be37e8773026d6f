/** One case with one kubectl against a running cluster: its objects are made, its lines run, its pods taken away. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { parse, stringify } from 'yaml';
import type { KubeObject } from '../../core/index.ts';
import type { RunningCluster } from '../../runtime/up/cluster.ts';
import type { Check, KubectlCase, KubectlVersion, Meanwhile, Patterns, Step } from './case.ts';
import { type Ended, LINE_LIMIT_MS, Line, type Place } from './shell.ts';

export interface World {
  cluster: RunningCluster;
  version: KubectlVersion;
  /** Holds `kubectl`. */
  programs: string;
  /** Of this version: HOME and cache. */
  directory: string;
}

/** Undefined: it passed. Otherwise what was run, what was expected and what came. */
export type Failure = string | undefined;

const POLL_MS = 100;

/** 27 of '1.27'. */
const minorOf = (version: KubectlVersion): number => Number(version.split('.')[1]);

/** The steps that a version is asked; none where it cannot do it at all. */
export function stepsFor({ steps, before }: KubectlCase, version: KubectlVersion): readonly Step[] {
  return before && minorOf(version) < minorOf(before.version) ? (before.steps ?? []) : steps;
}

export async function runCase(kase: KubectlCase, namespace: string, world: World): Promise<Failure> {
  const { client } = world.cluster.server;
  const directory = join(world.directory, namespace);
  mkdirSync(directory);
  const made: KubeObject[] = [];
  try {
    await client.create({ group: '', resource: 'namespaces' }, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    } as KubeObject);
    const given = typeof kase.given === 'function' ? kase.given(namespace) : (kase.given ?? []);
    for (const object of given) made.push(await make(object, namespace, world));
    await until('the pods are ready', () => made.every((object) => object.kind !== 'Pod' || settled(world, object)));
    for (const [name, text] of Object.entries(kase.files ?? {})) {
      writeFileSync(join(directory, name), text.replaceAll('$NS', namespace));
    }
    const place = { directory, env: environment(world, directory, namespace) };
    for (const step of stepsFor(kase, world.version)) {
      const failure = await runStep(step, place);
      if (failure !== undefined) return failure;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await clear(namespace, world);
  }
}

function environment(world: World, directory: string, namespace: string): Record<string, string> {
  const kubeconfig = parse(world.cluster.kubeconfig);
  for (const { context } of kubeconfig.contexts) context.namespace = namespace;
  const path = join(directory, '.kubeconfig');
  writeFileSync(path, stringify(kubeconfig));
  return {
    PATH: `${world.programs}:${process.env.PATH}`,
    HOME: world.directory,
    KUBECONFIG: path,
    NS: namespace,
    TERM: 'dumb',
    TZ: 'UTC',
    // It is gone before collecting its garbage would pay: a third of its time.
    GOGC: 'off',
  };
}

// --- objects ---------------------------------------------------------------------------------------------------------

async function make(object: KubeObject, namespace: string, { cluster }: World): Promise<KubeObject> {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const { client, kinds } = cluster.server;
  const kind = kinds.ofKind(group, version, object.kind);
  if (!kind) throw new Error(`${object.apiVersion} ${object.kind} is not served`);
  const resource = { group, version, resource: kind.plural };
  const metadata = kind.namespaced ? { namespace, ...object.metadata } : object.metadata;
  const created = await client.create(resource, { ...object, metadata } as KubeObject);
  const { status } = object as { status?: object };
  if (!status || object.kind === 'Pod') return created;
  const { name } = metadata;
  return client.patch(resource, metadata.namespace ?? '', name, { status }, { type: 'merge', subresource: 'status' });
}

/** Ready, or over. */
function settled({ cluster }: World, { metadata }: KubeObject): boolean {
  const pod = cluster.server.client.view.get('', 'pods', metadata.namespace ?? '', metadata.name);
  const { phase, conditions = [] } = (pod as V1Pod | undefined)?.status ?? {};
  return (
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

/** Pods hold room on the few nodes, so they go at once; the rest follows its namespace. */
async function clear(namespace: string, { cluster }: World): Promise<void> {
  const { client } = cluster.server;
  for (const { metadata } of [...client.view.list('', 'pods', namespace)]) {
    const { name, uid } = metadata;
    const options = { gracePeriodSeconds: 0, preconditions: { uid } };
    // It may have gone by itself meanwhile.
    await client.delete({ group: '', resource: 'pods' }, namespace, name, options).catch(() => undefined);
  }
  await client.delete({ group: '', resource: 'namespaces' }, '', namespace).catch(() => undefined);
}

// --- steps -----------------------------------------------------------------------------------------------------------

async function runStep(step: Step, place: Place): Promise<Failure> {
  if (typeof step === 'string') return check({ run: step }, place);
  return 'begin' in step ? meanwhile(step, place) : check(step, place);
}

async function check(step: Check, place: Place): Promise<Failure> {
  const began = Date.now();
  for (;;) {
    const failure = judge(step, await new Line(step.run, place).ended);
    if (failure === undefined || !step.again || Date.now() - began > LINE_LIMIT_MS) return failure;
    await sleep(POLL_MS);
  }
}

const list = (patterns: Patterns | undefined): readonly RegExp[] =>
  patterns === undefined ? [] : patterns instanceof RegExp ? [patterns] : patterns;

function judge({ run, exit = 0, out, err, lacks }: Check, ended: Ended): Failure {
  const wrong: string[] = [];
  if (ended.exit !== exit) wrong.push(`exit code ${ended.exit}, not ${exit}`);
  for (const pattern of list(out)) if (!pattern.test(ended.out)) wrong.push(`stdout lacks ${pattern}`);
  for (const pattern of list(err)) if (!pattern.test(ended.err)) wrong.push(`stderr lacks ${pattern}`);
  for (const pattern of list(lacks)) {
    if (pattern.test(ended.out) || pattern.test(ended.err)) wrong.push(`it says ${pattern}`);
  }
  return wrong.length === 0 ? undefined : told(run, wrong, ended);
}

async function meanwhile(step: Meanwhile, place: Place): Promise<Failure> {
  const line = new Line(step.begin, place);
  try {
    const seen = (): RegExpExecArray | null => step.ready.exec(line.out + line.err);
    await untilSettled(() => seen() !== null || line.isOver);
    const match = seen();
    if (!match) return told(step.begin, [`it never says ${step.ready}`], { out: line.out, err: line.err, exit: -1 });
    const inner = { ...place, env: { ...place.env, ...match.groups } };
    for (const each of step.steps) {
      const failure = await runStep(each, inner);
      if (failure !== undefined) return `${failure}\nwhile: ${step.begin}\n${line.out}${line.err}`;
    }
    const lacking = (): RegExp[] => list(step.out).filter((pattern) => !pattern.test(line.out + line.err));
    await untilSettled(() => lacking().length === 0 || line.isOver);
    const wrong = lacking().map((pattern) => `it lacks ${pattern}`);
    if (step.exit === undefined) line.tell('SIGINT');
    const ended = await line.ended;
    if (step.exit !== undefined && step.exit !== ended.exit) wrong.push(`exit code ${ended.exit}, not ${step.exit}`);
    return wrong.length === 0 ? undefined : told(step.begin, wrong, ended);
  } finally {
    line.tell('SIGKILL');
    await line.ended;
  }
}

/** More of an output helps nobody. */
const TOLD_LINES = 30;

function told(run: string, wrong: readonly string[], { out, err, exit }: Ended): string {
  const lines = `${out.trimEnd()}\n${err.trimEnd()}`.split('\n');
  const cut = lines.length > TOLD_LINES ? [`… ${lines.length - TOLD_LINES} lines more`] : [];
  const said = [...lines.slice(0, TOLD_LINES), ...cut];
  return [`$ ${run}`, ...wrong.map((one) => `  ${one}`), `exit code ${exit}`, ...said].join('\n');
}

async function untilSettled(settled: () => boolean): Promise<void> {
  for (let waited = 0; waited < LINE_LIMIT_MS && !settled(); waited += 20) await sleep(20);
}

export async function until(what: string, settled: () => boolean): Promise<void> {
  await untilSettled(settled);
  if (!settled()) throw new Error(`${what}: it did not come about`);
}
