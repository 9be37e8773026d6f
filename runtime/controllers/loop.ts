/**
 * Controllers against an API: what they follow is followed, keys that changed are looked at, and what a look yields is
 * carried out. Source: Kubernetes v1.36, pkg/controller (the run loops), client-go/util/workqueue.
 */
import { type Action, type ActionOutcome, type Clock, type Controller, RefusedError } from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import { EventRecorder } from '../events/recorder.ts';
import { carryOut } from './carry-out.ts';
import { ObservedObjects } from './observed-objects.ts';
import { WorkQueue } from './work-queue.ts';

/** Keys that one controller works on at once, as kube-controller-manager's default. */
const WORKERS = 5;

export interface ControllerLoopOptions {
  client: ApiClient;
  clock: Clock;
  controllers: readonly Controller[];
  /** A look that failed for another reason than that the API refused a write: those come again by themselves. */
  problem(error: Error): void;
}

export class ControllerLoop {
  readonly #options: ControllerLoopOptions;
  readonly #observed: ObservedObjects;
  readonly #queues: WorkQueue[];

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
    await this.#observed.start();
    for (const queue of this.#queues) queue.start();
  }

  stop(): void {
    this.#observed.stop();
    for (const queue of this.#queues) queue.stop();
  }

  #open(controller: Controller): WorkQueue {
    const { client, clock } = this.#options;
    const events = new EventRecorder({ client, component: controller.name, now: () => clock.now() });
    const queue = new WorkQueue({
      workers: WORKERS,
      work: async (key) => {
        const afterMs = await this.#look(controller, key, events);
        if (afterMs !== undefined) queue.addAfter(key, afterMs);
      },
      failed: (key, error) => this.#failed(controller, key, error),
    });
    for (const { resource, keys } of controller.watches) {
      this.#observed.follow(resource, (change) => {
        for (const key of keys(change, this.#observed)) queue.add(key);
      });
    }
    for (const resource of controller.reads ?? []) this.#observed.follow(resource);
    return queue;
  }

  async #look(controller: Controller, key: string, events: EventRecorder): Promise<number | undefined> {
    const { client, clock } = this.#options;
    const look = controller.sync(key, { observed: this.#observed, nowMs: clock.now() });
    let step = look.next();
    while (!step.done) step = look.next(await this.#carryOut(step.value, client, events));
    return step.value?.afterMs;
  }

  #carryOut(actions: readonly Action[], client: ApiClient, events: EventRecorder): Promise<ActionOutcome[]> {
    return Promise.all(actions.map((action) => carryOut(action, client, events)));
  }

  #failed({ name }: Controller, key: string, error: unknown): void {
    if (error instanceof RefusedError) return;
    this.#options.problem(new Error(`${name}: ${key}`, { cause: error }));
  }
}
