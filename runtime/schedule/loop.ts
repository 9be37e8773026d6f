/**
 * The scheduler against an API: it follows every kind it reads, lets the core decide, binds, and writes back why a pod
 * waits. The API may be this process's own or, by the same face, another's.
 * Source: Kubernetes v1.36, pkg/scheduler/{scheduler,eventhandlers,schedule_one}.go.
 */
import {
  type Attempt,
  applyDefaults,
  type Clock,
  createQueuedScheduler,
  type Decision,
  type KubeObject,
  type Node,
  type Pod,
  type Scheduler,
  type SchedulerSetup,
} from '../../core/index.ts';
import type { ApiClient, ResourceName } from '../api/client.ts';
import { EventRecorder } from '../events/recorder.ts';
import { conditionPatch, disruptionTarget, nominatedNodeOf, notScheduled } from './conditions.ts';
import { Informer } from './informer.ts';

const PODS: ResourceName = { group: '', resource: 'pods' };
const NODES: ResourceName = { group: '', resource: 'nodes' };

/** Beside nodes and pods. */
const FURTHER: readonly ResourceName[] = [
  { group: '', resource: 'namespaces' },
  { group: '', resource: 'services' },
  { group: '', resource: 'replicationcontrollers' },
  { group: '', resource: 'persistentvolumes' },
  { group: '', resource: 'persistentvolumeclaims' },
  { group: 'apps', resource: 'replicasets' },
  { group: 'apps', resource: 'statefulsets' },
  { group: 'policy', resource: 'poddisruptionbudgets' },
  { group: 'storage.k8s.io', resource: 'storageclasses' },
  { group: 'storage.k8s.io', resource: 'csinodes' },
  { group: 'storage.k8s.io', resource: 'csidrivers' },
  { group: 'storage.k8s.io', resource: 'csistoragecapacities' },
];

/** Decisions before others in this process get their turn. */
const SLICE = 256;
/** Bindings on their way at once: beyond it the loop waits for them. */
const BINDINGS_LIMIT = 1024;

type Settings = Pick<SchedulerSetup, 'decider' | 'profiles' | 'tieRule' | 'seed'>;

export interface ScheduleLoopOptions extends Settings {
  client: ApiClient;
  /** How long pods wait: it never jumps. */
  clock: Clock;
  /** What is written as a time: milliseconds since 1970. */
  wallClock: Clock;
  /** A write that failed for another reason than that the object has changed or gone. */
  problem(error: Error): void;
}

export class ScheduleLoop {
  readonly #options: ScheduleLoopOptions;
  readonly #scheduler: Scheduler;
  readonly #events: EventRecorder;
  readonly #informers: Informer[];
  #bindings = 0;
  #due: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor(options: ScheduleLoopOptions) {
    this.#options = options;
    const { client, clock, wallClock, decider, profiles, tieRule, seed } = options;
    this.#events = new EventRecorder({ client, component: 'default-scheduler', now: () => wallClock.now() });
    this.#scheduler = createQueuedScheduler({
      clock,
      decider,
      profiles,
      tieRule,
      seed,
      binder: { bind: (pod, nodeName, done) => this.#bind(pod, nodeName, done) },
      evictor: { evict: (victims, preemptor) => void this.#evict(victims, preemptor) },
      onDecision: (decision, attempt) => this.#tell(decision, attempt),
    });
    const told = (): void => this.#wake();
    this.#informers = [
      ...FURTHER.map((resource) => new Informer(client, resource, { ...this.#further(), told })),
      new Informer(client, NODES, { ...this.#nodes(), told }),
      new Informer(client, PODS, { ...this.#pods(), told }),
    ];
  }

  get counters(): Scheduler['counters'] {
    return this.#scheduler.counters;
  }

  /** Pods waiting, by place. */
  get counts(): Scheduler['counts'] {
    return this.#scheduler.counts;
  }

  /** Resolves when everything that is there is known; decisions start then. */
  async start(): Promise<void> {
    for (const informer of this.#informers) await informer.start();
    this.#running = true;
    this.#wake();
  }

  stop(): void {
    this.#running = false;
    clearImmediate(this.#due);
    clearTimeout(this.#timer);
    for (const informer of this.#informers) informer.stop();
  }

  // --- what is followed ----------------------------------------------------------------------------------------------

  #nodes() {
    return {
      changed: (node: KubeObject) => this.#scheduler.nodeAdded(applyDefaults(node as Node)),
      gone: ({ metadata }: KubeObject) => this.#scheduler.nodeDeleted(metadata.name),
    };
  }

  #pods() {
    return {
      changed: (pod: KubeObject) => this.#scheduler.podUpdated(pod as Pod),
      gone: (pod: KubeObject) => this.#scheduler.podDeleted(pod as Pod),
    };
  }

  #further() {
    return {
      changed: (object: KubeObject) => this.#scheduler.objectAdded(object),
      gone: (object: KubeObject) => this.#scheduler.objectDeleted(object),
    };
  }

  // --- deciding ------------------------------------------------------------------------------------------------------

  #wake(): void {
    if (!this.#running || this.#due) return;
    this.#due = setImmediate(() => {
      this.#due = undefined;
      this.#run();
    });
  }

  #run(): void {
    this.#scheduler.flush();
    for (let i = 0; i < SLICE && this.#bindings < BINDINGS_LIMIT; i++) {
      if (!this.#scheduler.scheduleNext()) {
        this.#sleep();
        return;
      }
    }
    // Bindings that end wake it again.
    if (this.#bindings < BINDINGS_LIMIT) this.#wake();
  }

  /** Until a waiting pod's time is over. */
  #sleep(): void {
    clearTimeout(this.#timer);
    const next = this.#scheduler.nextFlush();
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, next - this.#options.clock.now()));
    this.#timer.unref();
  }

  // --- writing -------------------------------------------------------------------------------------------------------

  #bind(pod: Pod, nodeName: string, done: (error?: { plugin: string; message: string }) => void): void {
    const { name, namespace = 'default', uid } = pod.metadata;
    this.#bindings++;
    this.#options.client
      .bind({ name, namespace, uid }, nodeName)
      .then(
        () => {
          done();
          this.#events.record(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${nodeName}`);
        },
        (error: Error) => done({ plugin: 'DefaultBinder', message: error.message }),
      )
      .finally(() => {
        this.#bindings--;
        this.#wake();
      });
  }

  /** A pod that waits says why, in its status and as an event. */
  #tell({ pod, result, message = '', preemption }: Decision, _attempt: Attempt): void {
    if (result === 'scheduled') return;
    const reason = result === 'error' ? 'SchedulerError' : 'Unschedulable';
    this.#events.record(pod, 'Warning', 'FailedScheduling', message);
    const patch = conditionPatch(pod, notScheduled(reason, message), this.#options.wallClock.now());
    const nominated = preemption?.nominatedNode ?? '';
    const renominated = preemption?.nominatedNode !== undefined && nominated !== nominatedNodeOf(pod);
    if (!patch && !renominated) return;
    const body = renominated
      ? { status: { ...(patch as { status: object } | undefined)?.status, nominatedNodeName: nominated } }
      : patch;
    void this.#patchStatus(pod, body ?? {});
  }

  async #patchStatus(pod: Pod, patch: object): Promise<void> {
    const { name, namespace = 'default' } = pod.metadata;
    try {
      await this.#options.client.patch(PODS, namespace, name, patch, { type: 'strategic', subresource: 'status' });
    } catch (error) {
      this.#report(error, `status of pod ${namespace}/${name}`);
    }
  }

  async #evict(victims: readonly Pod[], preemptor: Pod): Promise<void> {
    const { client, wallClock } = this.#options;
    const scheduler = preemptor.spec.schedulerName ?? 'default-scheduler';
    try {
      for (const victim of victims) {
        const { name, namespace = 'default', uid } = victim.metadata;
        const patch = conditionPatch(victim, disruptionTarget(scheduler), wallClock.now());
        if (patch) await this.#patchStatus(victim, patch);
        await client.delete(PODS, namespace, name, { preconditions: { uid } });
        const by = `Preempted by pod ${preemptor.metadata.uid} on node ${victim.spec.nodeName}`;
        this.#events.record(victim, 'Normal', 'Preempted', by);
      }
    } catch (error) {
      this.#scheduler.evictionFailed(preemptor);
      this.#wake();
      this.#report(error, `eviction for pod ${preemptor.metadata.namespace}/${preemptor.metadata.name}`);
    }
  }

  /** What changed or went meanwhile is no problem: the next event tells. */
  #report(error: unknown, what: string): void {
    const code = (error as { code?: number }).code;
    if (code === 404 || code === 409) return;
    this.#options.problem(new Error(`scheduler: ${what}`, { cause: error }));
  }
}
