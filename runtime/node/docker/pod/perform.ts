/** What the worker of a pod does with the engine: sandbox and containers started and ended, hooks, events. */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import type { KubeObject } from '../../../../core/index.ts';
import { EngineGone, type Observed } from '../engine/engine.ts';
import { runHandler } from '../probes/probe-run.ts';
import { containerOptions } from '../spec/container-options.ts';
import { environment } from '../spec/environment.ts';
import { SpecProblem } from '../spec/lookups.ts';
import { sandboxOptions } from '../spec/sandbox-options.ts';
import { BackOff } from './back-off.ts';
import { ensureImage, type Pulls } from './images.ts';
import type { NodeParts } from './parts.ts';
import type { Action } from './plan.ts';
import { PodVolumes } from './volumes.ts';

/** Given to a container to end even when its time is over. */
const MIN_GRACE_SECONDS = 2;
const DEFAULT_GRACE_SECONDS = 30;
/** A proxy that does not answer delays the end of a pod no longer. */
const WITHDRAW_MS = 3_000;
/** A hook after the start has no limit of its own. */
const POST_START_MS = 10 * 60_000;

const HOSTS_PATH = '/etc/hosts';

type StartAction = Extract<Action, { do: 'start' }>;

export class Performer {
  readonly volumes: PodVolumes;
  readonly #node: NodeParts;
  readonly #pulls: Pulls;
  /** Being ended now. */
  readonly #ending = new Set<string>();
  readonly #hurried = Promise.withResolvers<void>();
  #withdrawn: Promise<void> | undefined;

  constructor(uid: string, directory: string, node: NodeParts) {
    this.#node = node;
    this.#pulls = { backOff: new BackOff(node.now), failures: new Map() };
    this.volumes = new PodVolumes(uid, {
      engine: node.engine,
      directory,
      owner: node.owner,
      issueToken: (...request) => node.issueToken(this.#pod, ...request),
      now: node.now,
    });
  }

  #pod: V1Pod = {};

  set pod(pod: V1Pod) {
    this.#pod = pod;
  }

  tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#node.tell(this.#pod as unknown as KubeObject, type, reason, message);
  }

  /** @throws SpecProblem */
  async startSandbox(attempt: number): Promise<void> {
    const { engine, owner, services } = this.#node;
    await this.ensureVolumes('');
    const options = sandboxOptions(this.#pod, attempt, owner, this.volumes.memoryVolumes(this.#pod));
    try {
      const id = await this.#create(options);
      await engine.start(id).catch(async (error: Error) => {
        await engine.remove(id);
        throw error;
      });
      services.joined();
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      const message = `Failed to create pod sandbox: ${messageOf(error)}`;
      this.tell('Warning', 'FailedCreatePodSandBox', message);
      throw new SpecProblem('ContainerCreating', message);
    }
  }

  async ensureVolumes(podIP: string): Promise<void> {
    try {
      await this.volumes.ensure(this.#pod, this.#node.lookups(this.#pod, podIP));
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      this.tell('Warning', 'FailedMount', `MountVolume.SetUp failed: ${messageOf(error)}`);
      throw new SpecProblem('ContainerCreating', messageOf(error));
    }
  }

  /** @throws SpecProblem with the reason that the container waits for. */
  async startContainer(action: StartAction): Promise<void> {
    const { engine, now } = this.#node;
    const { sandbox } = action;
    const { container } = action.member;
    const tell = this.tell.bind(this);
    const parts = { engine, pulls: this.#pulls, now, secrets: this.#node.pullSecrets(this.#pod), tell };
    const image = await ensureImage(container, parts).catch((error) => this.#refuse(error));
    const options = await this.#options(action, image).catch((error) => this.#refuse(error));
    const id = await this.#create(options).catch((error) => this.#refuse(error, 'CreateContainerError'));
    tell('Normal', 'Created', `Created container: ${container.name}`);
    try {
      await engine.start(id);
    } catch (error) {
      // It stays, with its error: that is how its next start comes later.
      if (error instanceof EngineGone) throw error;
      tell('Warning', 'Failed', `Error: ${messageOf(error)}`);
      return;
    }
    tell('Normal', 'Started', `Started container ${container.name}`);
    await this.#postStart(container, id, sandbox);
  }

  /** Services let go of a pod that is asked to go away; preStop, SIGTERM, and SIGKILL when its time is over. */
  async kill(target: Observed, container: V1Container | undefined, message: string, sandboxIP: string): Promise<void> {
    const { engine, now } = this.#node;
    const { metadata, spec } = this.#pod;
    this.tell('Normal', 'Killing', message);
    const grace = metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
    const began = now();
    this.#ending.add(target.id);
    try {
      if (metadata?.deletionTimestamp) await this.#withdraw(grace * 1000);
      if (container?.lifecycle?.preStop) await this.#hook(container, target.id, sandboxIP, grace);
      const left = Math.max(MIN_GRACE_SECONDS, grace - (now() - began) / 1000);
      await engine.stop(target.id, left);
    } finally {
      this.#ending.delete(target.id);
    }
  }

  /** Once for all its containers. */
  async #withdraw(graceMs: number): Promise<void> {
    this.#withdrawn ??= this.#node.services.withdraw(
      this.#pod as unknown as KubeObject,
      Math.min(WITHDRAW_MS, graceMs),
    );
    await Promise.race([this.#withdrawn, this.#hurried.promise]);
  }

  /** Those that are being ended have no more time. */
  hurry(): void {
    this.#hurried.resolve();
    for (const id of this.#ending) this.#node.engine.kill(id).catch(this.#node.problem);
  }

  /** Nothing of the pod is left: it is no longer in the API. */
  async clear(observed: readonly Observed[]): Promise<void> {
    const { engine } = this.#node;
    const order = (one: Observed): number => (one.id === one.sandbox ? 1 : 0);
    const running = observed.filter(({ state }) => state === 'running');
    await Promise.all(running.filter((one) => order(one) === 0).map(({ id }) => engine.stop(id, MIN_GRACE_SECONDS)));
    for (const { id } of [...observed].sort((a, b) => order(a) - order(b))) await engine.remove(id);
    await this.volumes.remove();
  }

  async #options(
    { member: { container }, attempt, sandbox, target: seen }: StartAction,
    image: Awaited<ReturnType<typeof ensureImage>>,
  ) {
    const { allowPrivileged, owner, hostIP } = this.#node;
    const lookups = this.#node.lookups(this.#pod, sandbox.ip || hostIP);
    const variables = environment(this.#pod, container, lookups);
    const mounts = await this.volumes.mounts(this.#pod, container, variables);
    const messageFile = await this.volumes.messageFile(container.name, attempt);
    if (!mounts.some((mount) => mount.target === HOSTS_PATH)) {
      const source = await this.volumes.hostsFile(this.#pod, sandbox.ip);
      mounts.push({ source, target: HOSTS_PATH, readOnly: false });
    }
    const target = container.terminationMessagePath ?? '/dev/termination-log';
    const place = { owner, container: container.name, attempt, sandbox: sandbox.id, messageFile };
    return containerOptions(this.#pod, container, {
      place,
      variables,
      image,
      mounts: [...mounts, { source: messageFile, target, readOnly: false }],
      allowPrivileged,
      processesOf: seen?.id,
    });
  }

  /** A container of that name was made by a Keelson that ended before it knew: it has not been started. */
  async #create(options: ReturnType<typeof containerOptions>): Promise<string> {
    const { engine } = this.#node;
    try {
      return await engine.create(options);
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 409) throw error;
      await engine.remove(options.name);
      return engine.create(options);
    }
  }

  async #postStart(container: V1Container, id: string, sandbox: Observed): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (!hook) return;
    const failure = await this.#run(hook, container, id, sandbox.ip, POST_START_MS);
    if (failure === undefined) return;
    this.tell('Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`);
    this.tell('Normal', 'Killing', 'FailedPostStartHook');
    await this.#node.engine.stop(id, this.#pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
  }

  async #hook(container: V1Container, id: string, ip: string, graceSeconds: number): Promise<void> {
    const hook = container.lifecycle?.preStop;
    if (!hook) return;
    const failure = await this.#run(hook, container, id, ip, graceSeconds * 1000);
    if (failure !== undefined) this.tell('Warning', 'FailedPreStopHook', `PreStopHook failed: ${failure}`);
  }

  async #run(
    hook: NonNullable<NonNullable<V1Container['lifecycle']>['preStop']>,
    container: V1Container,
    containerId: string,
    sandboxIP: string,
    limitMs: number,
  ): Promise<string | undefined> {
    if (hook.sleep) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(limitMs, hook.sleep!.seconds * 1000)));
      return undefined;
    }
    const podIP = sandboxIP || this.#node.hostIP;
    const target = { engine: this.#node.engine, containerId, container, podIP };
    try {
      const { success, message } = await runHandler(hook, target, Math.max(1, limitMs));
      return success ? undefined : message;
    } catch (error) {
      if (error instanceof EngineGone) throw error;
      return messageOf(error);
    }
  }

  #refuse(error: unknown, reason?: string): never {
    if (error instanceof EngineGone) throw error;
    const problem =
      error instanceof SpecProblem ? error : new SpecProblem(reason ?? 'CreateContainerError', messageOf(error));
    const isImage = problem.reason.includes('Image');
    this.tell('Warning', 'Failed', `Error: ${isImage ? problem.reason : problem.message}`);
    throw problem;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
