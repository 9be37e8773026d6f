/**
 * The controllers of core on the virtual clock: keys that changed wait in a queue, a look goes on when its writes are
 * answered, and one that failed comes again, later each time. The same rules as runtime/controllers, without its promises.
 * Source: client-go/util/workqueue, pkg/controller (the run loops).
 */
import {
  type Action,
  type ActionOutcome,
  type Change,
  type Controller,
  RefusedError,
  type Rest,
  resourceKey,
  type ServedKind,
  type Sync,
} from '../../../core/index.ts';
import type { Agenda } from './agenda.ts';
import type { MadeUpApi } from './api.ts';
import { MadeUpWatch } from './watch.ts';

/** Keys that one controller works on at once, as kube-controller-manager's default. */
const WORKERS = 5;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1_000_000;

export interface ControllersOptions {
  agenda: Agenda;
  api: MadeUpApi;
  /** Made anew when they start again: they forget what they remembered. */
  controllers(): Controller[];
  /** Milliseconds until a change is observed, and until a write is answered. */
  watchDelay(): number;
  writeDelay(): number;
  /** An event that a controller tells. */
  told(controller: string, action: Extract<Action, { type: 'event' }>): void;
}

export class MadeUpControllers {
  readonly #options: ControllersOptions;
  #running: { watch: MadeUpWatch; queues: Queue[] } | undefined;

  constructor(options: ControllersOptions) {
    this.#options = options;
  }

  /** Everything that is there is observed at once, as after a list. */
  start(): void {
    const { agenda, api, watchDelay } = this.#options;
    const queues: Queue[] = [];
    const watch = new MadeUpWatch({
      agenda,
      api,
      kinds: api.kinds.all(),
      delay: watchDelay,
      changed: (kind, change) => {
        for (const queue of queues) queue.take(kind, change);
      },
    });
    for (const controller of this.#options.controllers()) queues.push(new Queue(controller, watch, this.#options));
    this.#running = { watch, queues };
    watch.start();
  }

  /** Looks end where they are, as after a crash. */
  stop(): void {
    this.#running?.watch.stop();
    for (const queue of this.#running?.queues ?? []) queue.stop();
    this.#running = undefined;
  }

  /** Events are lost until start() of the watch again: what changed meanwhile is told then. */
  blind(ms: number): void {
    const running = this.#running;
    running?.watch.stop();
    this.#options.agenda.after(ms, () => {
      if (running === this.#running) running?.watch.start();
    });
  }
}

class Queue {
  readonly #controller: Controller;
  readonly #watch: MadeUpWatch;
  readonly #options: ControllersOptions;
  readonly #watches: ReadonlyMap<string, Controller['watches']>;
  readonly #waiting = new Set<string>();
  /** Worked on; true: came again meanwhile. */
  readonly #working = new Map<string, boolean>();
  /** When a key comes by itself; the earliest of several times counts. */
  readonly #due = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  #isStopped = false;

  constructor(controller: Controller, watch: MadeUpWatch, options: ControllersOptions) {
    this.#controller = controller;
    this.#watch = watch;
    this.#options = options;
    this.#watches = Map.groupBy(controller.watches, ({ resource }) => resourceKey(resource));
  }

  take(kind: ServedKind, change: Change): void {
    const { observed } = this.#watch;
    for (const { keys } of this.#watches.get(resourceKey(kind)) ?? []) {
      for (const key of keys(change, observed)) this.#add(key);
    }
    for (const key of this.#controller.ofAll?.(kind, change, observed) ?? []) this.#add(key);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #add(key: string): void {
    if (this.#working.has(key)) this.#working.set(key, true);
    else if (!this.#waiting.has(key)) {
      this.#waiting.add(key);
      this.#options.agenda.after(0, () => this.#drain());
    }
  }

  #addAfter(key: string, ms: number): void {
    const atMs = this.#options.agenda.nowMs + Math.ceil(ms);
    const before = this.#due.get(key);
    if (before !== undefined && before <= atMs) return;
    this.#due.set(key, atMs);
    this.#options.agenda.at(atMs, () => {
      if (this.#due.get(key) !== atMs) return;
      this.#due.delete(key);
      this.#add(key);
    });
  }

  #drain(): void {
    while (!this.#isStopped && this.#working.size < WORKERS) {
      const [key] = this.#waiting;
      if (key === undefined) return;
      this.#waiting.delete(key);
      this.#working.set(key, false);
      const { observed } = this.#watch;
      const look = this.#controller.sync(key, { observed, nowMs: this.#options.agenda.nowMs });
      this.#goOn(key, look);
    }
  }

  #goOn(key: string, look: Sync, outcomes?: readonly ActionOutcome[]): void {
    if (this.#isStopped) return;
    try {
      const step = outcomes ? look.next(outcomes) : look.next();
      if (step.done) {
        this.#failures.delete(key);
        this.#rest(key, step.value ?? {});
        return;
      }
      const actions = step.value;
      const { agenda, writeDelay } = this.#options;
      const ms = actions.every(({ type }) => type === 'event') ? 0 : writeDelay();
      agenda.after(ms, () => {
        if (!this.#isStopped)
          this.#goOn(
            key,
            look,
            actions.map((action) => this.#carryOut(action)),
          );
      });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.#addAfter(key, Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
      this.#done(key);
    }
  }

  #carryOut(action: Action): ActionOutcome {
    const { name } = this.#controller;
    if (action.type !== 'event') return this.#options.api.carryOut(action, name);
    this.#options.told(name, action);
    return {};
  }

  #rest(key: string, { afterMs, also = [] }: Rest): void {
    if (afterMs !== undefined) this.#addAfter(key, afterMs);
    for (const other of also) this.#add(other);
    this.#done(key);
  }

  #done(key: string): void {
    const again = this.#working.get(key);
    this.#working.delete(key);
    if (again) this.#add(key);
    else if (this.#waiting.size > 0) this.#options.agenda.after(0, () => this.#drain());
  }
}
