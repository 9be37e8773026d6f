/**
 * When the cluster was whole: every workload has as many pods serving as it asks for, and no rollout is under way. How
 * long it was not, after an event, is how long the event took to be over.
 */
import type { Deployment } from '../../../core/index.ts';
import type { Commit } from '../world/api.ts';

export interface Span {
  fromMs: number;
  /** null: it lasted until the end. */
  toMs: number | null;
}

export interface Rollout extends Span {
  /** 'default/web' */
  deployment: string;
}

/** A new template is being rolled out; ended by the Deployment's own status. */
export class Rollouts {
  readonly all: Rollout[] = [];
  readonly #open = new Map<string, Rollout>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get isUnderWay(): boolean {
    return this.#open.size > 0;
  }

  take({ kind, object, old, gone }: Commit): void {
    if (kind.kind !== 'Deployment') return;
    const deployment = object as Deployment;
    const { uid = '', namespace, name } = object.metadata;
    const open = this.#open.get(uid);
    const isNews = !old || changed(deployment, old as Deployment);
    if (open && (gone || (isDone(deployment) && !isNews))) {
      open.toMs = this.#now();
      this.#open.delete(uid);
    } else if (!open && !gone && isNews && !isDone(deployment)) {
      const rollout: Rollout = { deployment: `${namespace}/${name}`, fromMs: this.#now(), toMs: null };
      this.#open.set(uid, rollout);
      this.all.push(rollout);
    }
  }
}

function changed({ spec }: Deployment, { spec: before }: Deployment): boolean {
  return JSON.stringify(spec.template) !== JSON.stringify(before.template);
}

/** As `kubectl rollout status` asks. */
function isDone({ metadata, spec, status = {} }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const wanted = spec.replicas ?? 1;
  const isSeen = observedGeneration >= (metadata.generation ?? 1);
  return isSeen && updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas;
}

export class Wholeness {
  /** Spans in which something was missing. */
  readonly lacking: Span[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  turn(isWhole: boolean): void {
    const last = this.lacking.at(-1);
    const isOpen = last !== undefined && last.toMs === null;
    if (isWhole && isOpen) {
      last.toMs = this.#now();
      if (last.toMs === last.fromMs) this.lacking.pop();
    } else if (!isWhole && !isOpen) this.lacking.push({ fromMs: this.#now(), toMs: null });
  }

  /**
   * Milliseconds from an event until the cluster was whole again; 0: nothing was missing; null: it never was again.
   * @param nextMs when the next event comes: what begins to be missing then is not this one's doing.
   * @param endMs when the event was over, where it takes time: what is missing until then is its doing.
   */
  recovery(atMs: number, nextMs: number, endMs = atMs): number | null {
    const own = this.lacking.filter(({ fromMs, toMs }) => (toMs === null || toMs > atMs) && fromMs < nextMs);
    const span = own.findLast(({ fromMs }) => fromMs <= endMs) ?? own[0];
    if (!span) return 0;
    return span.toMs === null ? null : span.toMs - atMs;
  }
}
