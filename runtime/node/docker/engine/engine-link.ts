/**
 * The engine as the node's agent holds on to it: what it tells is followed, and when it goes it is asked again and again.
 * A node whose engine is away for longer than a restart takes is not ready. Source: Kubernetes v1.36, pkg/kubelet/runtime.go.
 */
import { type Engine, EngineGone } from './engine.ts';

/** An engine that has gone is asked this often whether it is back. */
const RECONNECT_MS = 500;
/** So long may it be away; as kubelets' maxWaitForContainerRuntime. */
export const GRACE_MS = 30_000;

export interface EngineLinkOptions {
  engine: Engine;
  /** Of the containers that it is to tell of. */
  label: string;
  now(): number;
  /** A container of this pod. */
  changed(podUid: string): void;
  /** It answers again: whatever happened meanwhile was not told. */
  back(): void;
  /** Whether the node can run pods. */
  usable(yes: boolean): void;
  problem(error: Error): void;
}

export class EngineLink {
  readonly #options: EngineLinkOptions;
  #events: { stop(): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lostMs: number | undefined;
  #stopped = false;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  get isDown(): boolean {
    return this.#lostMs !== undefined;
  }

  /** @throws EngineGone */
  async follow(): Promise<void> {
    const { engine, label, changed } = this.#options;
    this.#events = await engine.follow(label, changed, (error) => this.lost(error));
  }

  /** Somebody has found that it does not answer. */
  lost(error: Error): void {
    if (this.isDown || this.#stopped) return;
    this.#lostMs = this.#options.now();
    this.#events?.stop();
    this.#options.problem(error);
    this.#again();
  }

  stop(): void {
    this.#stopped = true;
    this.#events?.stop();
    clearTimeout(this.#timer);
  }

  #again(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#tryAgain(), RECONNECT_MS).unref();
  }

  async #tryAgain(): Promise<void> {
    const { engine, now, usable, back, problem } = this.#options;
    try {
      await engine.facts();
      await this.follow();
    } catch (error) {
      if (!(error instanceof EngineGone)) problem(error as Error);
      if (now() - (this.#lostMs ?? 0) >= GRACE_MS) usable(false);
      this.#again();
      return;
    }
    this.#lostMs = undefined;
    usable(true);
    back();
  }
}
