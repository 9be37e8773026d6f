/**
 * Whatever the order, repetition and loss of events, whatever fails meanwhile: a Deployment ends as it was asked for, and
 * never strays further on the way than its strategy allows.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action, Observed } from '../../../../core/controllers/controller.ts';
import { deploymentController } from '../../../../core/controllers/deployment/deployment.ts';
import { maxSurge, maxUnavailable } from '../../../../core/controllers/deployment/fenceposts.ts';
import type { Deployment, ReplicaSet } from '../../../../core/controllers/kinds.ts';
import { isActive, isReady } from '../../../../core/controllers/pod-state.ts';
import { replicaSetController } from '../../../../core/controllers/replica-set/replica-set.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../../../core/controllers/resources.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import { type KubeObject, keyOf, type Pod } from '../../../../core/objects/types.ts';
import { ControlledWorld } from '../../../support/controlled-world.ts';

const KINDS = [
  { ...DEPLOYMENTS, apiVersion: 'apps/v1', kind: 'Deployment', namespaced: true },
  { ...REPLICA_SETS, apiVersion: 'apps/v1', kind: 'ReplicaSet', namespaced: true },
  { ...PODS, apiVersion: 'v1', kind: 'Pod', namespaced: true },
];
const KEY = 'default/web';
const RUNS = 150;

function deployment(replicas: number, surge: number | string, unavailable: number | string, minReadySeconds: number) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'v0' }] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
      minReadySeconds,
      revisionHistoryLimit: 2,
      progressDeadlineSeconds: 600,
    },
  } as Deployment;
}

type Step =
  | { do: 'deliver' | 'repeat'; kind: number; n: number }
  | { do: 'relist'; kind: number }
  | { do: 'look'; n: number }
  | { do: 'rush'; late: number; n: number }
  | { do: 'run' | 'end' | 'break'; n: number }
  | { do: 'update'; image: number }
  | { do: 'restart' };

const kind = fc.nat(2);
const n = fc.nat(1000);
const step = (breaks: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('look' as const), n }) },
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('deliver' as const), kind, n: fc.integer({ min: 1, max: 3 }) }),
    },
    // Everything but the events of one kind.
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('rush' as const), late: kind, n: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), kind, n }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('relist' as const), kind }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('run' as const, 'end' as const), n }) },
    { weight: breaks ? 1 : 0, arbitrary: fc.record({ do: fc.constant('break' as const), n }) },
    // Back and forth more often than on: a set that is called back may still report what it has let go.
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('update' as const), image: fc.constantFrom(0, 1, 0, 1, 2) }),
    },
    { weight: breaks ? 1 : 0, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  );

const limit = fc.oneof(fc.nat(3), fc.constantFrom('0%', '25%', '50%', '100%'));
const start = fc.record({
  replicas: fc.nat(6),
  surge: limit,
  unavailable: limit,
  minReadySeconds: fc.constantFrom(0, 0, 10),
});

function imageOf({ spec }: Deployment | ReplicaSet): string | undefined {
  return spec.template?.spec.containers[0].image;
}

class Play {
  readonly world: ControlledWorld;
  #deployment: Deployment;
  #wasEnough = false;
  readonly #breaks: boolean;

  constructor(from: Deployment, breaks: boolean) {
    this.#deployment = from;
    this.#breaks = breaks;
    this.world = new ControlledWorld({
      kinds: KINDS,
      controllers: () => [deploymentController(), replicaSetController()],
      looking: (controller, observed) => this.#look(controller, observed),
      writing: (action) => this.#shrinks(action),
      written: () => this.check(),
    });
    this.world.create(DEPLOYMENTS, from);
  }

  get pods(): Pod[] {
    return this.world.truth.list(PODS) as Pod[];
  }

  get sets(): ReplicaSet[] {
    return this.world.truth.list(REPLICA_SETS) as ReplicaSet[];
  }

  check(): void {
    const { replicas = 1 } = this.#deployment.spec;
    const asked = this.sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 1), 0);
    assert.ok(asked <= replicas + maxSurge(this.#deployment), `${asked} pods are asked for: beyond maxSurge`);
    for (const set of this.sets) {
      const active = this.pods.filter(
        (pod) => isActive(pod) && pod.metadata.ownerReferences?.[0].uid === set.metadata.uid,
      );
      assert.ok(active.length <= this.most(set), `${active.length} pods of ${set.metadata.name}: some were made twice`);
    }
    if (this.#breaks) return;
    const ready = this.pods.filter((pod) => isActive(pod) && isReady(pod)).length;
    const least = replicas - maxUnavailable(this.#deployment);
    if (this.#wasEnough) assert.ok(ready >= least, `${ready} of ${replicas} pods are left: below maxUnavailable`);
    // What is not yet reported cannot be counted on, nor what is condemned already.
    const reported = this.sets.map(({ spec, status }) => Math.min(spec.replicas ?? 1, status?.availableReplicas ?? 0));
    this.#wasEnough ||= reported.reduce((sum, count) => sum + count, 0) >= least;
  }

  /** What the Deployment's look goes by. */
  #look(controller: string, observed: Observed): void {
    if (controller !== 'deployment-controller') return;
    const [seen] = observed.list(DEPLOYMENTS) as Iterable<Deployment>;
    const sets = [...observed.list(REPLICA_SETS)] as ReplicaSet[];
    this.#seen = new Map(sets.map((set) => [set.metadata.name, set]));
    this.#newest = seen && sets.find((set) => imageOf(set) === imageOf(seen))?.metadata.name;
  }
  #seen = new Map<string, ReplicaSet>();
  #newest: string | undefined;

  /** Should nothing of what the newest set has yet to bring ever come, enough must be left of the others. */
  #shrinks(action: Action): void {
    if (action.type !== 'update' || action.subresource || action.resource !== REPLICA_SETS) return;
    const set = action.object as ReplicaSet;
    const { name } = set.metadata;
    const before = this.#seen.get(name)?.spec.replicas ?? 0;
    this.#seen.set(name, { ...this.#seen.get(name), ...set });
    if (name === this.#newest || (set.spec.replicas ?? 1) >= before) return;
    const left = [...this.#seen.values()].map(({ metadata, spec, status }) => {
      const asked = spec.replicas ?? 1;
      return metadata.name === this.#newest ? Math.min(asked, status?.availableReplicas ?? 0) : asked;
    });
    const sum = left.reduce((total, count) => total + count, 0);
    const least = (this.#deployment.spec.replicas ?? 1) - maxUnavailable(this.#deployment);
    assert.ok(sum >= least, `${sum} pods would be left if none of the newest set came: below maxUnavailable`);
  }

  /** What a set was ever asked for. */
  most(set: ReplicaSet): number {
    const most = Math.max(this.#most.get(set.metadata.uid ?? '') ?? 0, set.spec.replicas ?? 1);
    this.#most.set(set.metadata.uid ?? '', most);
    return most;
  }
  readonly #most = new Map<string, number>();

  take(step: Step): void {
    const { world } = this;
    if (step.do === 'deliver') world.deliver(KINDS[step.kind], step.n);
    else if (step.do === 'repeat') world.repeat(KINDS[step.kind], step.n);
    else if (step.do === 'relist') world.relist(KINDS[step.kind]);
    else if (step.do === 'look') world.step(step.n);
    else if (step.do === 'rush') world.rush(KINDS.toSpliced(step.late, 1), step.n);
    else if (step.do === 'restart') world.restart();
    else if (step.do === 'update') this.#update(step.image);
    else this.kubelet(step.do, step.n);
    this.check();
  }

  #update(image: number): void {
    this.world.change(DEPLOYMENTS, KEY, (object) => {
      const { spec } = object as Deployment;
      const containers = [{ name: 'a', image: `v${image}` }];
      const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
      return { ...object, spec: { ...spec, template } } as KubeObject;
    });
  }

  /** A pod starts, ends because it was told to, or breaks. */
  kubelet(what: 'run' | 'end' | 'break', choice: number): boolean {
    const fits = (pod: Pod): boolean => {
      if (what === 'end') return Boolean(pod.metadata.deletionTimestamp);
      return what === 'run' ? isActive(pod) && !isReady(pod) : isActive(pod);
    };
    const pods = this.pods.filter(fits);
    if (pods.length === 0) return false;
    const pod = pods[choice % pods.length];
    if (what === 'end') this.world.remove(PODS, keyOf(pod));
    else if (what === 'run') this.#setPod(pod, 'Running', 'True');
    else if (choice % 2 === 0) this.#setPod(pod, 'Running', 'False');
    else this.#setPod(pod, 'Failed', 'False');
    return true;
  }

  #setPod(pod: Pod, phase: string, status: string): void {
    const condition = { type: 'Ready', status, lastTransitionTime: timeText(this.world.nowMs) };
    this.world.change(
      PODS,
      keyOf(pod),
      (object) =>
        ({
          ...object,
          spec: { ...(object as Pod).spec, nodeName: 'node' },
          status: { phase, conditions: [condition] },
        }) as KubeObject,
    );
  }

  end(): void {
    this.world.settle(() => this.kubelet('end', 0) || this.kubelet('run', 0));
    const [final] = this.world.truth.list(DEPLOYMENTS) as Deployment[];
    const { replicas = 1, template } = final.spec;
    const image = template.spec.containers[0].image;
    const active = this.pods.filter(isActive);
    assert.is(active.length, replicas, 'as many pods as asked for');
    assert.ok(
      active.every(({ spec }) => spec.containers[0].image === image),
      'all of the newest template',
    );
    const busy = this.sets.filter(({ spec }) => (spec.replicas ?? 1) > 0);
    assert.ok(busy.length <= 1, 'only the newest set has pods');
    assert.is(this.sets.length <= 3, true, 'older sets than the history holds are gone');
    const { status = {}, metadata } = final;
    assert.is(status.observedGeneration, metadata.generation);
    assert.is(status.updatedReplicas ?? 0, replicas);
    assert.is(status.availableReplicas ?? 0, replicas);
    assert.is(status.conditions?.find(({ type }) => type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
  }
}

for (const breaks of [false, true]) {
  test(`a Deployment ends as asked for and keeps its limits${breaks ? ', while pods break and controllers crash' : ''}`, () => {
    fc.assert(
      fc.property(start, fc.array(step(breaks), { maxLength: 250, size: 'max' }), (from, steps) => {
        const play = new Play(deployment(from.replicas, from.surge, from.unavailable, from.minReadySeconds), breaks);
        for (const one of steps) play.take(one);
        play.end();
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  });
}

test.run();
