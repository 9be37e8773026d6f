/**
 * Controllers against an API: what they follow is followed, keys that changed are looked at, and what a look yields is
 * carried out. Source: Kubernetes v1.36, pkg/controller (the run loops), client-go/util/workqueue.
 */
import {
  type Action,
  type ActionOutcome,
  type Clock,
  type Controller,
  RefusedError,
  type ResourceRef,
  type Rest,
  type ServedKind,
} from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import { EventRecorder } from '../events/recorder.ts';
import { accountOf } from './accounts.ts';
import { carryOut } from './carry-out.ts';
import { ObservedObjects } from './observed-objects.ts';
import { WorkQueue } from './work-queue.ts';

/** Keys that one controller works on at once, unless it says otherwise; as kube-controller-manager's default. */
const WORKERS = 5;
const DEFINITIONS: ResourceRef = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };
/** Definitions that come together are looked at together. */
const REFRESH_MS = 20;

export interface ControllerLoopOptions {
  client: ApiClient;
  clock: Clock;
  controllers: readonly Controller[];
  /** Kinds whose objects have owners and namespaces: all that are served, at this moment. */
  kinds?(): readonly ServedKind[];
  /** A look that failed for another reason than that the API refused a write: those come again by themselves. */
  problem(error: Error): void;
}

export class ControllerLoop {
  readonly #options: ControllerLoopOptions;
  readonly #observed: ObservedObjects;
  readonly #queues: WorkQueue[];
  #refreshing: NodeJS.Timeout | undefined;

  constructor(options: ControllerLoopOptions) {
    this.#options = options;
    this.#observed = new ObservedObjects(options.client);
    this.#queues = options.controllers.map((controller) => this.#open(controller));
  }

  /** Keys waiting and worked on, of all controllers. */
  get pending(): number {
    return this.#queues.reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves when everything that is there is known; looks begin then. */
  async start(): Promise<void> {
    const { kinds } = this.#options;
    if (kinds) {
      await this.#observed.setKinds(kinds());
      this.#observed.follow(DEFINITIONS, () => this.#refreshKinds(kinds));
    }
    await this.#observed.start();
    for (const queue of this.#queues) queue.start();
  }

  stop(): void {
    clearTimeout(this.#refreshing);
    this.#observed.stop();
    for (const queue of this.#queues) queue.stop();
  }

  /** Once the server has taken a definition in, its kind is followed. */
  #refreshKinds(kinds: () => readonly ServedKind[]): void {
    this.#refreshing ??= setTimeout(() => {
      this.#refreshing = undefined;
      this.#observed
        .setKinds(kinds())
        .catch((error: unknown) => this.#options.problem(new Error('a kind cannot be followed', { cause: error })));
    }, REFRESH_MS).unref();
  }

  #open(controller: Controller): WorkQueue {
    const { clock } = this.#options;
    const account = accountOf(controller.name);
    const client = account ? this.#options.client.as(account) : this.#options.client;
    const events = new EventRecorder({ client, component: controller.name, now: () => clock.now() });
    const queue = new WorkQueue({
      workers: controller.workers ?? WORKERS,
      work: async (key) => {
        const { afterMs, also = [] } = await this.#look(controller, key, client, events);
        if (afterMs !== undefined) queue.addAfter(key, afterMs);
        for (const other of also) queue.add(other);
      },
      failed: (key, error) => this.#failed(controller, key, error),
    });
    for (const { resource, keys } of controller.watches) {
      this.#observed.follow(resource, (change) => {
        for (const key of keys(change, this.#observed)) queue.add(key);
      });
    }
    for (const resource of controller.reads ?? []) this.#observed.follow(resource);
    if (controller.ofAll) {
      this.#observed.followAll((kind, change) => {
        for (const key of controller.ofAll?.(kind, change, this.#observed) ?? []) queue.add(key);
      });
    }
    return queue;
  }

  async #look(controller: Controller, key: string, client: ApiClient, events: EventRecorder): Promise<Rest> {
    const { clock } = this.#options;
    const look = controller.sync(key, { observed: this.#observed, nowMs: clock.now() });
    let step = look.next();
    while (!step.done) step = look.next(await this.#carryOut(step.value, client, events));
    return step.value ?? {};
  }

  #carryOut(actions: readonly Action[], client: ApiClient, events: EventRecorder): Promise<ActionOutcome[]> {
    return Promise.all(actions.map((action) => carryOut(action, client, events)));
  }

  #failed({ name }: Controller, key: string, error: unknown): void {
    if (error instanceof RefusedError) return;
    this.#options.problem(new Error(`${name}: ${key}`, { cause: error }));
  }
}
