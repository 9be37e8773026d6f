/**
 * Whatever the order, repetition and loss of events, and whoever starts again: a Job ends as its pods did, counts each of
 * them once, and never has more at a time than it may.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action } from '../../../../core/controllers/controller.ts';
import { indexOf } from '../../../../core/controllers/job/indexes.ts';
import { jobController } from '../../../../core/controllers/job/job.ts';
import { finishedAt, hasFinalizer, type Job, type JobStatus } from '../../../../core/controllers/job/job-kind.ts';
import { isActive } from '../../../../core/controllers/pod-state.ts';
import { JOBS, PODS } from '../../../../core/controllers/resources.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import { isFinished, type KubeObject, keyOf, type Pod } from '../../../../core/objects/types.ts';
import { ControlledWorld } from '../../../support/controlled-world.ts';

const KINDS = [
  { ...JOBS, apiVersion: 'batch/v1', kind: 'Job', namespaced: true },
  { ...PODS, apiVersion: 'v1', kind: 'Pod', namespaced: true },
];
const KEY = 'default/work';
const RUNS = 200;

interface Shape {
  parallelism: number;
  completions: number;
  indexed: boolean;
  backoffLimit: number;
  replaces: 'Failed' | 'TerminatingOrFailed';
}

function jobOf({ parallelism, completions, indexed, backoffLimit, replaces }: Shape): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: {
      parallelism,
      completions,
      completionMode: indexed ? 'Indexed' : 'NonIndexed',
      backoffLimit,
      podReplacementPolicy: replaces,
      selector: { matchLabels: { job: 'work' } },
      template: {
        metadata: { labels: { job: 'work' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'v0' }] },
      },
    },
  } as unknown as Job;
}

type Step =
  | { do: 'deliver' | 'repeat'; kind: number; n: number }
  | { do: 'relist'; kind: number }
  | { do: 'look' | 'succeed' | 'fail' | 'delete'; n: number }
  | { do: 'suspend' | 'resume' | 'restart' };

const kind = fc.nat(1);
const n = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('look' as const), n }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), kind, n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), kind, n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relist' as const), kind }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('succeed' as const, 'succeed' as const, 'fail' as const), n }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), n }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('suspend' as const, 'resume' as const, 'restart' as const) }),
  },
);
const shape: fc.Arbitrary<Shape> = fc.record({
  parallelism: fc.nat(4).map((count) => count + 1),
  completions: fc.nat(6),
  indexed: fc.boolean(),
  backoffLimit: fc.nat(3),
  replaces: fc.constantFrom('Failed', 'TerminatingOrFailed'),
});

class Play {
  readonly world: ControlledWorld;
  readonly #shape: Shape;
  /** Uids that some status has ever named as about to be counted. */
  readonly #named = { succeeded: new Set<string>(), failed: new Set<string>() };

  constructor(of: Shape) {
    this.#shape = of;
    this.world = new ControlledWorld({
      kinds: KINDS,
      controllers: () => [jobController()],
      writing: (action) => this.#writing(action),
      written: () => this.check(),
    });
    this.world.create(JOBS, jobOf(of));
  }

  get job(): Job {
    return this.world.truth.get(JOBS, 'default', 'work') as Job;
  }

  get pods(): Pod[] {
    return this.world.truth.list(PODS) as Pod[];
  }

  #writing(action: Action): void {
    if (action.type !== 'patch' || action.resource !== PODS) return;
    const { resourceVersion } = (action.body as KubeObject).metadata;
    const pod = this.world.truth.get(PODS, 'default', action.name) as Pod | undefined;
    // One that has changed meanwhile is refused.
    if (pod && pod.metadata.resourceVersion === resourceVersion) this.#releases(pod);
  }

  /** Nobody may forget a pod before it has been written down. */
  #releases(pod: Pod): void {
    if (!isFinished(pod) || finishedAt(this.job)) return;
    const uid = pod.metadata.uid ?? '';
    const { uncountedTerminatedPods: { succeeded = [], failed = [] } = {} } = this.job.status ?? {};
    const isIndexed = this.#shape.indexed && pod.status?.phase === 'Succeeded';
    assert.ok(
      isIndexed || succeeded.includes(uid) || failed.includes(uid),
      `${pod.metadata.name} is let go before it is counted`,
    );
  }

  check(): void {
    const { parallelism, completions, indexed } = this.#shape;
    const active = this.pods.filter((pod) => isActive(pod));
    assert.ok(active.length <= parallelism, `${active.length} pods at a time, not ${parallelism}`);
    const indexes = active.map((pod) => indexOf(pod, completions));
    if (indexed) assert.is(new Set(indexes).size, indexes.length, `two pods of one index: ${indexes}`);
    const { status = {} } = this.job as { status?: JobStatus };
    for (const which of ['succeeded', 'failed'] as const) {
      for (const uid of status.uncountedTerminatedPods?.[which] ?? []) this.#named[which].add(uid);
      const counted = (status[which] ?? 0) + (status.uncountedTerminatedPods?.[which]?.length ?? 0);
      if (!indexed || which === 'failed') assert.is(counted, this.#named[which].size, `${which} pods are counted once`);
    }
  }

  take(step: Step): void {
    const { world } = this;
    if (step.do === 'deliver') world.deliver(KINDS[step.kind], step.n);
    else if (step.do === 'repeat') world.repeat(KINDS[step.kind], step.n);
    else if (step.do === 'relist') world.relist(KINDS[step.kind]);
    else if (step.do === 'look') world.step(step.n);
    else if (step.do === 'succeed') this.#end(step.n, 'Succeeded');
    else if (step.do === 'fail') this.#end(step.n, 'Failed');
    else if (step.do === 'restart') world.restart();
    else if (step.do === 'delete') this.#delete(step.n);
    else this.suspend(step.do === 'suspend');
  }

  #delete(n: number): void {
    if (this.pods.length > 0) this.world.delete(PODS, keyOf(this.pods[n % this.pods.length]));
  }

  suspend(suspend: boolean): void {
    this.world.change(JOBS, KEY, (job) => ({ ...job, spec: { ...(job as Job).spec, suspend } }) as KubeObject);
  }

  #end(n: number, phase: string): void {
    const running = this.pods.filter((pod) => !isFinished(pod));
    if (running.length > 0) this.#says(running[n % running.length], phase);
  }

  #says(pod: Pod, phase: string): void {
    const finishedAt = timeText(this.world.nowMs);
    const containerStatuses = [
      { name: 'a', state: { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt } } },
    ];
    this.world.change(PODS, keyOf(pod), (old) => ({ ...old, status: { phase, containerStatuses } }) as KubeObject);
  }

  /** The kubelet's part: what runs comes to its end, what is told to go goes. */
  kubelet(): boolean {
    const leaving = this.pods.find(({ metadata }) => metadata.deletionTimestamp && !metadata.finalizers?.length);
    const running = this.pods.find((pod) => !isFinished(pod));
    if (leaving) this.world.remove(PODS, keyOf(leaving));
    else if (running) this.#says(running, running.metadata.deletionTimestamp ? 'Failed' : 'Succeeded');
    return leaving !== undefined || running !== undefined;
  }
}

test('a Job ends as it should, counts every pod once, and never has too many', () => {
  fc.assert(
    fc.property(shape, fc.array(step, { maxLength: 120, size: 'max' }), (of, steps) => {
      const play = new Play(of);
      for (const one of steps) {
        play.take(one);
        play.check();
      }
      play.suspend(false);
      play.world.settle(() => play.kubelet());
      const { status = {} } = play.job as { status?: JobStatus };
      const end = finishedAt(play.job);
      assert.ok(end, `it never ends: ${JSON.stringify(status)}`);
      if (end.type === 'Complete') {
        assert.is(status.succeeded ?? 0, of.completions);
        assert.ok((status.failed ?? 0) <= of.backoffLimit);
      } else assert.ok((status.failed ?? 0) > of.backoffLimit, `${status.failed} failures are within the limit`);
      assert.is(status.active ?? 0, 0);
      assert.equal(play.pods.filter(hasFinalizer), [], 'every pod may go');
      assert.equal(
        play.pods.filter((pod) => !isFinished(pod)),
        [],
      );
    }),
    { includeErrorInReport: true, numRuns: Number(process.env.RUNS ?? RUNS) },
  );
});

test.run();
