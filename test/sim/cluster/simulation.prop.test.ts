/**
 * Whatever happens, in whatever order it is observed, and whatever of it is lost: when all nodes are back the cluster ends
 * as it was asked for, and on the way nobody goes past maxSurge, maxUnavailable or a disruption budget.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Deployment, type KubeObject, keyOf, type Pod, type ReplicaSet } from '../../../core/index.ts';
import { stateOf } from '../../../sim/cluster/record/pod-tally.ts';
import type { ClusterRun } from '../../../sim/cluster/result.ts';
import type { ClusterSimulation } from '../../../sim/cluster/simulation.ts';
import type { Commit } from '../../../sim/cluster/world/api.ts';
import { budget, deployment, nodes, podSpec, simulationOf } from '../../support/simulated-cluster.ts';

const RUNS = Number(process.env.RUNS ?? 8);
const NODES = 5;
const APPS = ['a', 'b'] as const;
const PODS = { group: '', resource: 'pods' };
const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };
const REPLICA_SETS = { group: 'apps', resource: 'replicasets' };
const MINUTE_MS = 60_000;

// --- what may happen -------------------------------------------------------------------------------------------------

const node = fc.nat(NODES - 1).map((i) => `n${i}`);
const app = fc.constantFrom(...APPS);
const limit = fc.oneof(fc.nat(3), fc.constantFrom('0%', '25%', '50%', '100%'));

const app0 = fc.record({
  replicas: fc.integer({ min: 1, max: 7 }),
  surge: limit,
  unavailable: limit,
  minReadySeconds: fc.constantFrom(0, 0, 20),
  budget: fc.option(fc.oneof(fc.record({ maxUnavailable: limit }), fc.record({ minAvailable: limit }))),
});
type App = typeof app0 extends fc.Arbitrary<infer T> ? T : never;

function objectsOf(apps: readonly App[]): KubeObject[] {
  return apps.flatMap(({ replicas, surge, unavailable, minReadySeconds, budget: asked }, i) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
    const made = deployment(APPS[i], replicas, { strategy, minReadySeconds }, podSpec('700m'));
    return asked ? [made, budget(APPS[i], asked)] : [made];
  });
}

const words = {
  roll: app.map((name) => `roll ${name}`),
  image: fc.tuple(app, fc.nat(2)).map(([name, n]) => `set-image deployment=${name} image=app:${n}`),
  scale: fc.tuple(app, fc.nat(7)).map(([name, n]) => `scale deployment=${name} replicas=${n}`),
  drain: fc.array(node, { minLength: 1, maxLength: 2 }).map((names) => `drain ${[...new Set(names)].join(',')}`),
  cordon: node.map((name) => `cordon ${name}`),
  uncordon: node.map((name) => `uncordon ${name}`),
  fail: fc.tuple(node, fc.integer({ min: 5, max: 900 })).map(([name, s]) => `fail node=${name} for=${s}s`),
  zone: fc.constantFrom('a', 'b', 'c').map((zone) => `fail zone=${zone} count=1`),
  crash: fc.tuple(app, fc.integer({ min: 1, max: 3 })).map(([name, n]) => `crash deployment=${name} count=${n}`),
  outage: fc
    .tuple(fc.constantFrom('controllers', 'scheduler'), fc.integer({ min: 1, max: 300 }))
    .map(([of, s]) => `outage of=${of} for=${s}s`),
  delete: app.map((name) => `delete deployment/${name}`),
};

/** Between the second minute and the thirtieth. */
function events(kinds: readonly (keyof typeof words)[], most = 10): fc.Arbitrary<string[]> {
  const one = fc.tuple(fc.integer({ min: 120, max: 1800 }), fc.oneof(...kinds.map((kind) => words[kind])));
  const timed = one.map(([at, text]) => `${at}s ${text}`);
  return fc.array(timed, { minLength: 1, maxLength: most, size: 'max' });
}

interface Story {
  apps: App[];
  events: string[];
  seed: number;
}

const story = (kinds: readonly (keyof typeof words)[], most?: number): fc.Arbitrary<Story> =>
  fc.record({
    apps: fc.array(app0, { minLength: APPS.length, maxLength: APPS.length }),
    events: events(kinds, most),
    seed: fc.nat(1_000_000),
  });

function simulate({ apps, events: texts, seed }: Story, duration: string, more = ''): ClusterSimulation {
  const all = [...texts, ...(more ? [more] : [])].join('; ');
  return simulationOf([...nodes(NODES), ...objectsOf(apps)], { events: all, duration, seed });
}

// --- what holds ------------------------------------------------------------------------------------------------------

const list = <T extends KubeObject>({ api }: ClusterSimulation, resource: typeof PODS): T[] =>
  [...api.objects.list(resource)] as T[];

function ownedBy(owner: KubeObject): (object: KubeObject) => boolean {
  return ({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}

/** All as it was asked for, nothing left over. */
function assertSettled(simulation: ClusterSimulation, run: ClusterRun): void {
  const pods = list<Pod>(simulation, PODS);
  const sets = list<ReplicaSet>(simulation, REPLICA_SETS);
  const deployments = list<Deployment>(simulation, DEPLOYMENTS);
  for (const one of deployments) {
    const key = keyOf(one);
    const { replicas = 1, template } = one.spec;
    const own = sets.filter(ownedBy(one)).flatMap((set) => pods.filter(ownedBy(set)));
    const states = own.map(stateOf);
    assert.is(states.filter((state) => state === 'ready').length, replicas, `${key} has all its pods: ${states}`);
    assert.is(own.length, replicas, `${key} has no other pods: ${states}`);
    const { image } = template.spec.containers[0];
    assert.ok(
      own.every(({ spec }) => spec.containers[0].image === image),
      `${key}: all of the newest template`,
    );
    const { status = {}, metadata } = one;
    assert.is(status.observedGeneration, metadata.generation, `${key} has been seen`);
    assert.is(status.availableReplicas ?? 0, replicas, `${key} says so`);
    assert.is(status.conditions?.find(({ type }) => type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
  }
  assert.is(sets.filter((set) => !deployments.some((one) => ownedBy(one)(set))).length, 0, 'no set without its owner');
  assert.is(pods.filter((pod) => !sets.some((set) => ownedBy(set)(pod))).length, 0, 'no pod without its owner');
  assert.equal(run.violations, { maxSurge: [], maxUnavailable: [], disruptionBudgets: [] });
}

/** No node holds more than it has, whoever was where when a pod was bound. */
function watchCapacity(simulation: ClusterSimulation): void {
  const { api } = simulation;
  const milli = ({ spec }: Pod): number =>
    spec.containers.reduce((sum, one) => sum + Number.parseInt(String(one.resources?.requests?.cpu ?? '0'), 10), 0);
  api.follow(({ kind, object, old }) => {
    const pod = object as Pod;
    if (kind.kind !== 'Pod' || !pod.spec.nodeName || (old as Pod | undefined)?.spec.nodeName) return;
    const there = list<Pod>(simulation, PODS).filter(({ spec }) => spec.nodeName === pod.spec.nodeName);
    const asked = there.filter((one) => stateOf(one) !== 'finished').reduce((sum, one) => sum + milli(one), 0);
    assert.ok(asked <= 4000, `${asked} millicores on ${pod.spec.nodeName}`);
  });
}

/** A set never has more pods than it was ever asked for: none is made twice. */
function watchSets(simulation: ClusterSimulation): void {
  const most = new Map<string, number>();
  const { api } = simulation;
  api.follow(({ kind, object }: Commit) => {
    const { uid = '', namespace = '' } = object.metadata;
    if (kind.kind === 'ReplicaSet') {
      most.set(uid, Math.max(most.get(uid) ?? 0, (object as ReplicaSet).spec.replicas ?? 1));
    } else if (kind.kind === 'Pod') {
      const set = object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? '';
      const own = [...api.objects.controlledBy(PODS, set, namespace)] as Pod[];
      const active = own.filter((pod) => !['terminating', 'finished'].includes(stateOf(pod))).length;
      assert.ok(active <= (most.get(set) ?? 0), `${active} pods of ${object.metadata.name}'s set`);
    }
  });
}

/** Once they were there, never fewer than `least` of a Deployment's pods are ready. */
function watchReady(simulation: ClusterSimulation, name: string, least: (now: Deployment) => number): void {
  const { api } = simulation;
  let isEnough = false;
  api.follow(({ kind }: Commit) => {
    if (kind.kind !== 'Pod') return;
    const now = api.objects.of(DEPLOYMENTS).get(`default/${name}`) as Deployment;
    const pods = list<Pod>(simulation, PODS).filter(({ metadata }) => metadata.labels?.app === name);
    const ready = pods.filter((pod) => stateOf(pod) === 'ready').length;
    isEnough ||= ready === now.spec.replicas;
    if (isEnough) assert.ok(ready >= least(now), `${ready} of ${name} are ready, ${least(now)} are needed`);
  });
}

function part(value: number | string, total: number, round: (n: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * total) / 100);
}

// --- the properties --------------------------------------------------------------------------------------------------

const ALL = Object.keys(words) as (keyof typeof words)[];
const EVERYTHING = [...ALL.filter((kind) => kind !== 'delete'), 'drain', 'drain'] as const;
const EVERY_NODE = Array.from({ length: NODES }, (_, i) => `n${i}`).join(',');
const RESTORED = `40m restore node=${EVERY_NODE}; 40m uncordon node=${EVERY_NODE}`;
interface Loss {
  /** Around which of the story's events, so many seconds before it, and for how long. */
  event: number;
  lead: number;
  seconds: number;
}

/** What the controllers do not observe: after that everything is listed anew. */
const losses = (longest: number): fc.Arbitrary<Loss[]> =>
  fc.array(fc.record({ event: fc.nat(20), lead: fc.nat(20), seconds: fc.integer({ min: 1, max: longest }) }), {
    maxLength: 4,
  });
/** Beyond 40 s without a lease nodes would be given up, which is no controller's mistake. */
const BRIEF = 30;

function lose(simulation: ClusterSimulation, { events: texts }: Story, lost: readonly Loss[]): void {
  for (const { event, lead, seconds } of lost) {
    const atSeconds = Number.parseInt(texts[event % texts.length], 10) - lead;
    simulation.agenda.after(atSeconds * 1000, () => simulation.controllers.blind(seconds * 1000));
  }
}

test('whatever happens and whatever is not observed, the cluster ends as it was asked for', async () => {
  await fc.assert(
    fc.asyncProperty(story(EVERYTHING, 16), losses(120), async (told, lost) => {
      const simulation = simulate(told, '75m', RESTORED);
      watchCapacity(simulation);
      watchSets(simulation);
      lose(simulation, told, lost);
      assertSettled(simulation, await simulation.run());
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('what is deleted goes with all it owns, whatever else happens', async () => {
  await fc.assert(
    fc.asyncProperty(story(ALL, 8), async (told) => {
      const simulation = simulate(told, '75m', `31m delete deployment/a; ${RESTORED}`);
      const run = await simulation.run();
      assertSettled(simulation, run);
    }),
    { numRuns: Math.ceil(RUNS / 2), endOnFailure: true },
  );
});

test('drains never bring a disruption budget below what it asks for', async () => {
  await fc.assert(
    fc.asyncProperty(story(['drain', 'drain', 'cordon', 'uncordon']), async (told) => {
      const simulation = simulate(told, '35m');
      for (const [i, { budget: asked, replicas }] of told.apps.entries()) {
        if (!asked) continue;
        const needed =
          'minAvailable' in asked
            ? part(asked.minAvailable, replicas, Math.ceil)
            : Math.max(0, replicas - part(asked.maxUnavailable, replicas, Math.ceil));
        if (needed <= replicas) watchReady(simulation, APPS[i], () => needed);
      }
      const run = await simulation.run();
      assert.equal(run.violations.disruptionBudgets, []);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('rolling updates stay within maxSurge and maxUnavailable', async () => {
  await fc.assert(
    fc.asyncProperty(story(['roll', 'image']), losses(BRIEF), async (told, lost) => {
      const simulation = simulate(told, '60m');
      lose(simulation, told, lost);
      for (const [i, { surge, unavailable, replicas }] of told.apps.entries()) {
        const extra = part(surge, replicas, Math.ceil);
        const lack = Math.max(part(unavailable, replicas, Math.floor), extra === 0 ? 1 : 0);
        watchReady(simulation, APPS[i], () => replicas - lack);
        const most = replicas + extra;
        simulation.api.follow(({ kind }) => {
          if (kind.kind !== 'ReplicaSet') return;
          const owner = simulation.api.objects.of(DEPLOYMENTS).get(`default/${APPS[i]}`)!;
          const sets = list<ReplicaSet>(simulation, REPLICA_SETS).filter(ownedBy(owner));
          const asked = sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
          assert.ok(asked <= most, `${asked} pods of ${APPS[i]} are asked for, ${most} are allowed`);
        });
      }
      assertSettled(simulation, await simulation.run());
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('the same seed gives the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(story(EVERYTHING), async (told) => {
      const first = await simulate(told, '35m').run();
      assert.is(JSON.stringify(await simulate(told, '35m').run()), JSON.stringify(first));
      assert.ok(first.durationMs === 35 * MINUTE_MS);
    }),
    { numRuns: Math.ceil(RUNS / 3), endOnFailure: true },
  );
});

test.run();
