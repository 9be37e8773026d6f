/**
 * A whole cluster on the virtual clock: the controllers and the scheduler of core, made-up kubelets, a scenario, and what
 * is recorded of it. The same objects, scenario and seed give the same run, whatever the decider.
 */
import {
  type Controller,
  deploymentController,
  disruptionController,
  endpointSliceController,
  endpointsController,
  garbageCollector,
  type KubeObject,
  namespaceController,
  nodeLifecycleController,
  OF_REPLICA_SETS,
  OF_REPLICATION_CONTROLLERS,
  type Pod,
  podGarbageCollector,
  Random,
  replicaSetController,
  type SchedulerSetup,
  taintEvictionController,
} from '../../core/index.ts';
import { begin } from './beginning.ts';
import { Recorder } from './record/recorder.ts';
import { type ClusterRun, resultOf } from './result.ts';
import type { Scenario } from './scenario/scenario.ts';
import { Agenda } from './world/agenda.ts';
import { MadeUpApi } from './world/api.ts';
import { MadeUpControllers } from './world/controllers.ts';
import { DRAIN } from './world/drain.ts';
import { Happenings } from './world/happenings.ts';
import { KindTable } from './world/kinds.ts';
import { MadeUpKubelets } from './world/kubelets.ts';
import { MadeUpScheduling } from './world/scheduling.ts';

export interface SimulationOptions extends Pick<SchedulerSetup, 'decider' | 'profiles' | 'tieRule'> {
  seed: number;
  /** Those that the scenario applies later: their kinds are served from the beginning. */
  further?: readonly KubeObject[];
  /** In place of all that core has. */
  controllers?(): Controller[];
}

/** Milliseconds until a change is observed, and until a write is answered: drawn anew each time. */
const WATCH_MS = { least: 1, most: 10 };
const WRITE_MS = { least: 1, most: 5 };

export class ClusterSimulation {
  readonly agenda: Agenda;
  readonly api: MadeUpApi;
  readonly kubelets: MadeUpKubelets;
  readonly controllers: MadeUpControllers;
  readonly scheduling: MadeUpScheduling;
  readonly recorder: Recorder;
  readonly happenings: Happenings;
  readonly startMs: number;
  readonly #scenario: Scenario;
  readonly #seed: number;

  constructor(objects: readonly KubeObject[], startMs: number, scenario: Scenario, options: SimulationOptions) {
    const { seed, further = [], decider, profiles, tieRule } = options;
    const agenda = new Agenda(startMs);
    const api = new MadeUpApi(new KindTable([...objects, ...further]), agenda.clock, seed);
    const watchDelay = delays(seed + 1, WATCH_MS);
    const writeDelay = delays(seed + 2, WRITE_MS);
    this.startMs = startMs;
    this.agenda = agenda;
    this.api = api;
    this.#scenario = scenario;
    this.#seed = seed;
    const isUp = (node: string): boolean => this.kubelets.isUp(node);
    const recorder = new Recorder({ agenda, api, startMs, isUp, evictors: [DRAIN] });
    this.recorder = recorder;
    this.kubelets = new MadeUpKubelets({
      agenda,
      api,
      seed,
      times: scenario.times,
      watchDelay,
      restarted: (pod) => recorder.restarted(pod),
    });
    this.controllers = new MadeUpControllers({
      agenda,
      api,
      controllers: options.controllers ?? allControllers,
      watchDelay,
      writeDelay,
      told: (by, { about, reason, message }) => recorder.log.add(by, about, reason, message),
    });
    this.scheduling = new MadeUpScheduling({
      agenda,
      api,
      decider,
      profiles,
      tieRule,
      seed,
      watchDelay,
      writeDelay,
      decided: (decision) => recorder.decided(decision),
      evicted: (victim, preemptor) => recorder.preempted(victim, preemptor),
    });
    const { log, reschedules, tally } = recorder;
    const evicted = (pod: Pod): void => reschedules.taken(pod, 'drain');
    const nodeTurned = (node: string): void => tally.nodeTurned(node);
    const { kubelets, controllers, scheduling } = this;
    const parts = { agenda, api, seed, kubelets, controllers, scheduling, log, evicted, nodeTurned };
    this.happenings = new Happenings(parts, startMs);
    begin(api, objects, startMs);
  }

  async run(): Promise<ClusterRun> {
    this.kubelets.start();
    this.scheduling.start();
    this.controllers.start();
    for (const node of this.api.objects.list({ group: '', resource: 'nodes' })) {
      this.recorder.tally.nodeTurned(node.metadata.name);
    }
    const { events, durationMs } = this.#scenario;
    this.happenings.plan(events);
    await this.agenda.runUntil(this.startMs + durationMs);
    this.happenings.end();
    return resultOf(this, this.#scenario, this.#seed);
  }
}

/** Every controller that core has. */
export function allControllers(): Controller[] {
  return [
    deploymentController(),
    replicaSetController(OF_REPLICA_SETS),
    replicaSetController(OF_REPLICATION_CONTROLLERS),
    endpointSliceController(),
    endpointsController(),
    garbageCollector(),
    namespaceController(),
    nodeLifecycleController(),
    taintEvictionController(),
    podGarbageCollector(),
    disruptionController(),
  ];
}

function delays(seed: number, { least, most }: { least: number; most: number }): () => number {
  const random = new Random(seed);
  return () => least + random.below(most - least + 1);
}
