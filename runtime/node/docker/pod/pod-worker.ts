/**
 * One pod of the node, from its first sight to its last container: looks, does what plan.ts says, says what status.ts
 * says, one after another. Source: Kubernetes v1.36, pkg/kubelet/pod_workers.go.
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import type { KubeObject } from '../../../../core/index.ts';
import type { PlainObject } from '../../../../core/objects/index.ts';
import { EngineGone, type Observed } from '../engine/engine.ts';
import { OWNER_LABEL, UID_LABEL } from '../engine/labels.ts';
import { Probes } from '../probes/probes.ts';
import { SpecProblem } from '../spec/lookups.ts';
import { BackOff } from './back-off.ts';
import { nextAttempt, type Waiting } from './container-status.ts';
import { attemptsOf, ephemeralOf, membersOf, restarts, sandboxOf } from './containers-of-pod.ts';
import { LastWords } from './last-words.ts';
import type { NodeParts } from './parts.ts';
import { Performer } from './perform.ts';
import { type Action, type Facts, planPod } from './plan.ts';
import { podStatus } from './status.ts';

const PODS = { group: '', resource: 'pods' };
/** After something went wrong that nothing will tell the end of: twice as long each time. */
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 16_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class PodWorker {
  readonly #node: NodeParts;
  readonly #uid: string;
  readonly #crashes: BackOff;
  readonly #probes: Probes;
  readonly #words = new LastWords();
  readonly #performer: Performer;
  /** By container: why it does not start. */
  readonly #waiting = new Map<string, Waiting>();
  /** Ids of ended containers whose waiting has been told. */
  readonly #told = new Set<string>();
  readonly #finished: () => void;
  #pod: V1Pod;
  #object: KubeObject;
  #gone = false;
  #busy = false;
  #dirty = false;
  /** What its volumes show may have changed. */
  #stale = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #notBeforeMs = 0;
  /** In a row. */
  #failures = 0;
  #sent: PlainObject | undefined;
  #writes: Promise<void> = Promise.resolve();

  /** @param finished nothing of the pod is left, neither in the API nor in the engine. */
  constructor(object: KubeObject, node: NodeParts, finished: () => void) {
    this.#node = node;
    this.#object = object;
    this.#pod = object as unknown as V1Pod;
    this.#uid = object.metadata.uid ?? '';
    this.#finished = finished;
    this.#crashes = new BackOff(node.now);
    this.#performer = new Performer(this.#uid, join(node.directory, this.#uid), node);
    this.#performer.pod = this.#pod;
    this.#probes = new Probes({
      engine: node.engine,
      now: node.now,
      changed: () => this.wake(),
      failed: (_container, message) => this.#performer.tell('Warning', 'Unhealthy', message),
    });
  }

  get namespace(): string | undefined {
    return this.#object.metadata.namespace;
  }

  update(object: KubeObject): void {
    const { deletionGracePeriodSeconds: before, labels, annotations } = this.#pod.metadata ?? {};
    this.#object = object;
    this.#pod = object as unknown as V1Pod;
    this.#performer.pod = this.#pod;
    const now = this.#pod.metadata?.deletionGracePeriodSeconds;
    this.#stale ||= !isDeepStrictEqual(labels, this.#pod.metadata?.labels);
    this.#stale ||= !isDeepStrictEqual(annotations, this.#pod.metadata?.annotations);
    if (before !== undefined && now !== undefined && now < before) {
      setTimeout(() => this.#performer.hurry(), Math.min(now * 1000, LONGEST_TIMER_MS)).unref();
    }
    if (now === undefined) this.wake();
    else this.#wakeNow();
  }

  /** The pod is no longer in the API. */
  gone(): void {
    this.#gone = true;
    this.#performer.hurry();
    this.#wakeNow();
  }

  /** Something may have changed. A pod whose start has just failed is tried again at its time, and not by what that changed. */
  wake(): void {
    const left = this.#notBeforeMs - this.#node.now();
    if (left > 0) this.#wakeAt(this.#notBeforeMs);
    else this.#wakeNow();
  }

  /** As `wake`, and its volumes are brought up to date. */
  refresh(): void {
    this.#stale = true;
    this.wake();
  }

  #wakeNow(): void {
    if (this.#stopped) return;
    this.#dirty = true;
    if (!this.#busy) void this.#run();
  }

  /** Containers run on; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    this.#probes.stop();
    await this.#writes;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#dirty && !this.#stopped) {
      this.#dirty = false;
      try {
        await this.#look();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#busy = false;
  }

  #failed(error: unknown): void {
    if (error instanceof EngineGone) {
      this.#node.engineGone(error);
      this.#failures = 0;
    } else {
      const { name, namespace } = this.#object.metadata;
      this.#node.problem(new Error(`pod ${namespace}/${name}`, { cause: error }));
    }
    this.#retryLater();
  }

  #retryLater(): void {
    this.#notBeforeMs = this.#node.now() + Math.min(RETRY_MS * 2 ** this.#failures++, LONGEST_RETRY_MS);
    this.#wakeAt(this.#notBeforeMs);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    const { engine, owner } = this.#node;
    const observed = await engine.containers([`${UID_LABEL}=${this.#uid}`, `${OWNER_LABEL}=${owner}`]);
    if (this.#gone) {
      this.#probes.stop();
      await this.#performer.clear(observed);
      this.#stopped = true;
      this.#finished();
      return;
    }
    const members = [...membersOf(this.#pod), ...ephemeralOf(this.#pod)];
    const sandbox = sandboxOf(observed);
    this.#followProbes(observed, sandbox?.ip || this.#node.hostIP);
    await this.#words.read(
      engine,
      members.map(({ container }) => container),
      observed,
    );
    const pod = this.#overdue() ? failedFor(this.#pod) : this.#pod;
    const { actions, wakeAtMs, settled } = planPod(pod, observed, this.#facts());
    this.#tellBackOffs(observed);
    this.#writeStatus(observed);
    if (settled && this.#pod.metadata?.deletionTimestamp) await this.#release();
    if (actions.length > 0) await this.#perform(actions, observed);
    else if (this.#stale) await this.#refresh();
    if (wakeAtMs !== undefined) this.#wakeAt(wakeAtMs);
    this.#wakeAtDeadline();
  }

  #facts(): Facts {
    return {
      deleting: this.#pod.metadata?.deletionTimestamp !== undefined,
      started: ({ id }) => this.#probes.started(id),
      unhealthy: ({ id, container }) => {
        const probe = this.#probes.unhealthy(id);
        return probe && `Container ${container} failed ${probe} probe, will be restarted`;
      },
      backOffUntil: ({ container, finishedMs }) => this.#crashes.until(container, finishedMs),
      nextAttempt: (container) => nextAttempt(this.#pod, container),
    };
  }

  #followProbes(observed: readonly Observed[], ip: string): void {
    const running = membersOf(this.#pod).flatMap(({ container }) => {
      const [newest] = attemptsOf(observed, container.name);
      return newest?.state === 'running' ? [{ container, observed: newest }] : [];
    });
    this.#probes.follow(this.#pod.metadata?.deletionTimestamp ? [] : running, ip);
  }

  /** One that waits for its next start says so, and once as an event. */
  #tellBackOffs(observed: readonly Observed[]): void {
    const { name, namespace } = this.#object.metadata;
    for (const member of membersOf(this.#pod)) {
      const { container } = member;
      const [newest] = attemptsOf(observed, container.name);
      const again = newest?.state === 'exited' && restarts(this.#pod, member, newest.exitCode);
      const waits = again && this.#crashes.until(container.name, newest.finishedMs) !== undefined;
      const reason = this.#waiting.get(container.name)?.reason;
      if (!waits) {
        if (reason === 'CrashLoopBackOff') this.#waiting.delete(container.name);
        continue;
      }
      const seconds = this.#crashes.durationMs(container.name) / 1000;
      const place = `${name}_${namespace}(${this.#uid})`;
      const message = `back-off ${goDuration(seconds)} restarting failed container=${container.name} pod=${place}`;
      this.#waiting.set(container.name, { reason: 'CrashLoopBackOff', message });
      if (this.#told.has(newest.id)) continue;
      this.#told.add(newest.id);
      this.#performer.tell(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${container.name} in pod ${place}`,
      );
    }
  }

  // --- doing ---------------------------------------------------------------------------------------------------------

  async #perform(actions: readonly Action[], observed: readonly Observed[]): Promise<void> {
    const { engine } = this.#node;
    const ip = sandboxOf(observed)?.ip ?? '';
    const members = membersOf(this.#pod);
    const ending = actions.map(async (action) => {
      if (action.do === 'remove') await engine.remove(action.target.id);
      if (action.do === 'stop-sandbox') await engine.kill(action.target.id);
      if (action.do !== 'kill') return;
      const { target, message } = action;
      const member = members.find(({ container }) => container.name === target.container);
      await this.#performer.kill(target, member?.container, message, ip);
    });
    await Promise.all(ending);
    let retry = false;
    for (const action of actions) {
      if (this.#gone || this.#stopped) return;
      if (action.do === 'start-sandbox')
        retry = !(await this.#tryStart(undefined, () => this.#startSandbox(action.attempt)));
      if (action.do === 'start')
        retry = !(await this.#tryStart(action.member.container.name, () => this.#start(action))) || retry;
    }
    if (retry) {
      this.#retryLater();
      this.#writeStatus(observed);
    }
    if (retry) return;
    this.#failures = 0;
    this.#dirty = true;
  }

  async #startSandbox(attempt: number): Promise<void> {
    if (attempt > 0) {
      this.#performer.tell('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    }
    await this.#performer.startSandbox(attempt);
  }

  async #start(action: Extract<Action, { do: 'start' }>): Promise<void> {
    await this.#performer.startContainer(action);
    if (action.after) this.#crashes.next(action.member.container.name, action.after.finishedMs);
  }

  /** Whether it was done. Who waits says why: one container, or all of them. */
  async #tryStart(name: string | undefined, start: () => Promise<void>): Promise<boolean> {
    const names = name === undefined ? membersOf(this.#pod).map(({ container }) => container.name) : [name];
    try {
      await start();
      for (const one of names) this.#waiting.delete(one);
      return true;
    } catch (error) {
      if (!(error instanceof SpecProblem)) throw error;
      const waiting = { reason: error.reason, ...(name !== undefined && { message: error.message }) };
      for (const one of names) this.#waiting.set(one, waiting);
      return false;
    }
  }

  /** All has ended: the API may forget it. */
  async #release(): Promise<void> {
    const { name, namespace = '' } = this.#object.metadata;
    await this.#writes;
    try {
      await this.#node.client.delete(PODS, namespace, name, {
        gracePeriodSeconds: 0,
        preconditions: { uid: this.#uid },
      });
    } catch (error) {
      if (!isStale(error)) throw error;
    }
  }

  /** Files that follow ConfigMaps, Secrets and the pod's own fields, and tokens before they are too old. */
  async #refresh(): Promise<void> {
    this.#stale = false;
    if (this.#pod.status?.phase !== 'Running' || this.#pod.metadata?.deletionTimestamp) return;
    try {
      await this.#performer.ensureVolumes(this.#pod.status?.podIP ?? '');
    } catch (error) {
      // What is wrong with a volume has been told as an event; the files stay as they are.
      if (!(error instanceof SpecProblem)) throw error;
    }
  }

  // --- saying --------------------------------------------------------------------------------------------------------

  /** One after another, each from the newest object. */
  #writeStatus(observed: readonly Observed[]): void {
    this.#writes = this.#writes
      .then(() => this.#write(observed))
      .catch((error: unknown) => {
        if (!isStale(error)) this.#failed(error);
      });
  }

  async #write(observed: readonly Observed[]): Promise<void> {
    const { client, hostIP, now } = this.#node;
    const { name, namespace = '' } = this.#object.metadata;
    const current = client.view.get('', 'pods', namespace, name);
    if (!current || current.metadata.uid !== this.#uid) return;
    const overdue = this.#overdue();
    const pod = current as unknown as V1Pod;
    const status = podStatus(overdue ? failedFor(pod) : pod, observed, {
      hostIP,
      nowMs: now(),
      started: ({ id }) => this.#probes.started(id),
      ready: ({ id }) => this.#probes.ready(id),
      message: (container) => this.#words.of(container),
      waiting: (container) => this.#waiting.get(container),
    });
    if (isDeepStrictEqual(status, this.#sent)) return;
    const { resourceVersion: _, ...metadata } = current.metadata;
    await client.update(PODS, { ...current, metadata, status } as KubeObject, { subresource: 'status' });
    this.#sent = status;
  }

  // --- time ----------------------------------------------------------------------------------------------------------

  #wakeAt(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const leftMs = Math.min(Math.max(1, ms - this.#node.now()), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.wake(), leftMs).unref();
  }

  #deadlineMs(): number | undefined {
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    const started = Date.parse(String(this.#pod.status?.startTime ?? ''));
    return seconds === undefined || Number.isNaN(started) ? undefined : started + seconds * 1000;
  }

  #overdue(): boolean {
    const deadline = this.#deadlineMs();
    const over = this.#pod.status?.phase === 'Succeeded' || this.#pod.status?.phase === 'Failed';
    return deadline !== undefined && !over && this.#node.now() >= deadline;
  }

  #wakeAtDeadline(): void {
    const deadline = this.#deadlineMs();
    if (deadline === undefined || this.#node.now() >= deadline) return;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.wake(), Math.min(deadline - this.#node.now(), LONGEST_TIMER_MS)).unref();
  }
}

function failedFor(pod: V1Pod): V1Pod {
  const message = 'Pod was active on the node longer than the specified deadline';
  return { ...pod, status: { ...pod.status, phase: 'Failed', reason: 'DeadlineExceeded', message } };
}

/** The pod changed or went meanwhile: the next event tells. */
function isStale(error: unknown): boolean {
  const { code } = error as { code?: number };
  return code === 404 || code === 409;
}

/** '10s', '1m20s', as Go writes it. */
function goDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
