/**
 * The queued scheduler of core against the made-up API: it observes what it reads, decides one pod at a time, binds,
 * evicts victims, and writes back why a pod waits. Source: Kubernetes v1.36, pkg/scheduler/{eventhandlers,schedule_one}.go.
 */
import {
  type Attempt,
  applyDefaults,
  type Change,
  createQueuedScheduler,
  type Decision,
  type KubeObject,
  keyOf,
  type Node,
  PODS,
  type Pod,
  type Scheduler,
  type SchedulerSetup,
  type ServedKind,
} from '../../../core/index.ts';
import type { Agenda } from './agenda.ts';
import type { MadeUpApi } from './api.ts';
import { patched } from './patch.ts';
import { timeText } from './time-text.ts';
import { MadeUpWatch } from './watch.ts';

/** Kinds that nothing of the scheduler reads. */
const UNREAD: ReadonlySet<string> = new Set([
  'Endpoints',
  'EndpointSlice',
  'Lease',
  'ConfigMap',
  'Secret',
  'Deployment',
]);
/** An attempt takes so long: a thousand pods a second, which kube-scheduler reaches on small clusters. */
const ATTEMPT_MS = 1;
const BY = 'scheduler';

export interface SchedulingOptions extends Pick<SchedulerSetup, 'decider' | 'profiles' | 'tieRule' | 'seed'> {
  agenda: Agenda;
  api: MadeUpApi;
  watchDelay(): number;
  writeDelay(): number;
  decided(decision: Decision, attempt: Attempt): void;
  evicted(victim: Pod, preemptor: Pod): void;
}

interface Running {
  scheduler: Scheduler;
  watch: MadeUpWatch;
  /** An attempt is planned already. */
  isAwake: boolean;
  /** When waiting pods are looked at next. */
  flushMs?: number;
}

export class MadeUpScheduling {
  readonly #options: SchedulingOptions;
  #running: Running | undefined;

  constructor(options: SchedulingOptions) {
    this.#options = options;
  }

  /** Why each waiting pod waits, by key; empty while the scheduler is down. */
  waiting(): Map<string, string> {
    const pending = this.#running?.scheduler.pending() ?? [];
    return new Map([...pending].map(({ pod, message = '' }) => [keyOf(pod), message]));
  }

  start(): void {
    const { agenda, api, watchDelay, decider, profiles, tieRule, seed } = this.#options;
    const scheduler = createQueuedScheduler({
      clock: agenda.clock,
      decider,
      profiles,
      tieRule,
      seed,
      binder: { bind: (pod, nodeName, done) => this.#bind(pod, nodeName, done) },
      evictor: { evict: (victims, preemptor) => this.#evict(victims, preemptor) },
      onDecision: (decision, attempt) => this.#tell(decision, attempt),
    });
    const kinds = api.kinds.all().filter(({ kind }) => !UNREAD.has(kind));
    const watch = new MadeUpWatch({
      agenda,
      api,
      kinds: [...kinds].sort((a, b) => rank(a) - rank(b)),
      delay: watchDelay,
      changed: (kind, change) => {
        deliver(scheduler, kind, change);
        this.#wake();
      },
    });
    this.#running = { scheduler, watch, isAwake: false };
    watch.start();
  }

  stop(): void {
    this.#running?.watch.stop();
    this.#running = undefined;
  }

  #wake(): void {
    const running = this.#running;
    if (!running || running.isAwake) return;
    running.isAwake = true;
    this.#options.agenda.after(ATTEMPT_MS, () => {
      running.isAwake = false;
      if (running === this.#running) this.#attempt(running);
    });
  }

  #attempt(running: Running): void {
    const { scheduler } = running;
    scheduler.flush();
    if (scheduler.scheduleNext()) {
      this.#wake();
      return;
    }
    const next = scheduler.nextFlush();
    if (next === undefined || (running.flushMs !== undefined && running.flushMs <= next)) return;
    const { agenda } = this.#options;
    const atMs = Math.max(next, agenda.nowMs + 1);
    running.flushMs = atMs;
    agenda.at(atMs, () => {
      if (running.flushMs === atMs) running.flushMs = undefined;
      if (running === this.#running) this.#wake();
    });
  }

  #bind(pod: Pod, nodeName: string, done: (error?: { plugin: string; message: string }) => void): void {
    const { agenda, api, writeDelay } = this.#options;
    const running = this.#running;
    const { uid } = pod.metadata;
    agenda.after(writeDelay(), () => {
      const live = api.objects.of(PODS).get(keyOf(pod)) as Pod | undefined;
      const refused = !live || live.metadata.uid !== uid || Boolean(live.metadata.deletionTimestamp);
      if (!refused && !live.spec.nodeName) {
        const condition = { type: 'PodScheduled', status: 'True', lastTransitionTime: timeText(agenda.nowMs) };
        const body = { spec: { nodeName }, status: { conditions: [condition] } };
        api.change(PODS, keyOf(pod), (old) => patched(old, body, 'strategic') as KubeObject, BY);
      }
      if (running !== this.#running) return;
      if (refused) done({ plugin: 'DefaultBinder', message: `pods "${pod.metadata.name}" not found` });
      else done();
      this.#wake();
    });
  }

  #evict(victims: readonly Pod[], preemptor: Pod): void {
    const { agenda, api, writeDelay, evicted } = this.#options;
    const pods = api.kinds.of({ apiVersion: 'v1', kind: 'Pod' })!;
    const message = `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    agenda.after(writeDelay(), () => {
      for (const victim of victims) {
        const { namespace = '', name, uid } = victim.metadata;
        const told = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message };
        const condition = { ...told, lastTransitionTime: timeText(agenda.nowMs) };
        const body = { status: { conditions: [condition] } };
        const isSame = api.objects.get(PODS, namespace, name)?.metadata.uid === uid;
        if (!isSame) continue;
        evicted(victim, preemptor);
        api.change(PODS, keyOf(victim), (old) => patched(old, body, 'strategic') as KubeObject, BY);
        api.delete(pods, { namespace, name, uid }, {}, BY);
      }
    });
  }

  /** A pod that waits says why, in its status. */
  #tell(decision: Decision, attempt: Attempt): void {
    const { agenda, api, decided } = this.#options;
    decided(decision, attempt);
    const { pod, result, message = '', preemption } = decision;
    if (result === 'scheduled') return;
    const reason = result === 'error' ? 'SchedulerError' : 'Unschedulable';
    const nominatedNodeName = preemption?.nominatedNode;
    const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (old?.message === message && nominatedNodeName === undefined) return;
    const lastTransitionTime = old?.lastTransitionTime ?? timeText(agenda.nowMs);
    const condition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime };
    const body = { status: { conditions: [condition], ...(nominatedNodeName && { nominatedNodeName }) } };
    const { uid } = pod.metadata;
    const next = (live: KubeObject): KubeObject | undefined =>
      live.metadata.uid === uid ? (patched(live, body, 'strategic') as KubeObject) : undefined;
    api.change(PODS, keyOf(pod), next, BY);
  }
}

/** Nodes and pods come after what they refer to. */
function rank({ kind }: ServedKind): number {
  return kind === 'Pod' ? 2 : kind === 'Node' ? 1 : 0;
}

function deliver(scheduler: Scheduler, { kind }: ServedKind, { object, gone }: Change): void {
  if (kind === 'Node') {
    if (gone) scheduler.nodeDeleted(object.metadata.name);
    else scheduler.nodeAdded(applyDefaults(object as Node));
  } else if (kind === 'Pod') {
    if (gone) scheduler.podDeleted(object as Pod);
    else scheduler.podUpdated(object as Pod);
  } else if (gone) scheduler.objectDeleted(object);
  else scheduler.objectAdded(object);
}
