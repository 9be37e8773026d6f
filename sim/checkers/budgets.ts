/**
 * No eviction leaves a disruption budget with fewer healthy pods than it asks for. Written from the documentation of the
 * fields, over plain objects. Who evicts goes by what the disruption controller has last said: pods that were lost since,
 * without an eviction, are not the evictor's doing.
 */
import {
  type Clock,
  compileLabelSelector,
  type Deployment,
  type KubeObject,
  keyOf,
  type Pod,
  type PodDisruptionBudget,
  selectorMatches,
} from '../../core/index.ts';
import type { Written } from './rollouts.ts';

/** What is there now. */
export interface BudgetObjects {
  budgets(namespace: string): Iterable<PodDisruptionBudget>;
  pods(namespace: string): Iterable<Pod>;
  /** The topmost of a pod's controllers that is asked for a number of pods. */
  scaledOwner(pod: Pod): KubeObject | undefined;
}

/** As long as it takes from a change to the status that counts it in. */
const LAG_MS = 200;

export class BudgetChecker {
  /** In words, one for each eviction that was one too many. */
  readonly violations: string[] = [];
  readonly #objects: BudgetObjects;
  readonly #clock: Clock;
  readonly #evictors: readonly string[];
  /** By key of the budget: when healthy pods were lost without an eviction that its status does not count in yet. */
  readonly #lossesMs = new Map<string, number[]>();
  #resizedMs = Number.NEGATIVE_INFINITY;

  /** @param evictors who evicts, as writes name them. */
  constructor(objects: BudgetObjects, clock: Clock, evictors: readonly string[]) {
    this.#objects = objects;
    this.#clock = clock;
    this.#evictors = evictors;
  }

  take({ object, old, gone, by }: Written): void {
    const nowMs = this.#clock.now();
    if (object.kind === 'PodDisruptionBudget') {
      if (this.#evictors.includes(by)) return;
      const losses = this.#lossesMs.get(keyOf(object)) ?? [];
      this.#lossesMs.set(
        keyOf(object),
        losses.filter((atMs) => atMs > nowMs - LAG_MS),
      );
    } else if (object.kind === 'Pod' && old) {
      if (!isHealthy(old as Pod) || (!gone && isHealthy(object as Pod))) return;
      for (const budget of this.#budgetsOf(object)) this.#lost(budget, object, by, nowMs);
    } else if (old && (object as Deployment).spec?.replicas !== (old as Deployment).spec?.replicas) {
      this.#resizedMs = nowMs;
    }
  }

  #lost(budget: PodDisruptionBudget, pod: KubeObject, by: string, nowMs: number): void {
    const losses = this.#lossesMs.get(keyOf(budget)) ?? [];
    if (!this.#evictors.includes(by)) {
      this.#lossesMs.set(keyOf(budget), [...losses, nowMs]);
      return;
    }
    if (nowMs - this.#resizedMs < LAG_MS) return;
    const { healthy, needed } = this.#count(budget);
    if (healthy + losses.length >= needed) return;
    const why = `${healthy} healthy pods are left of ${needed}`;
    this.violations.push(`${keyOf(budget)}: ${pod.metadata.name} is evicted, ${why}`);
  }

  #budgetsOf({ metadata }: KubeObject): PodDisruptionBudget[] {
    return [...this.#objects.budgets(metadata.namespace ?? '')].filter((budget) => selects(budget, metadata.labels));
  }

  #count(budget: PodDisruptionBudget): { healthy: number; needed: number } {
    const { minAvailable, maxUnavailable } = budget.spec ?? {};
    const pods = [...this.#objects.pods(budget.metadata.namespace ?? '')].filter((pod) =>
      selects(budget, pod.metadata.labels),
    );
    const owners = new Map(pods.map((pod) => this.#objects.scaledOwner(pod)).map((one) => [one?.metadata.uid, one]));
    owners.delete(undefined);
    const asked = [...owners.values()].reduce((sum, one) => sum + ((one as Deployment).spec.replicas ?? 1), 0);
    const part = (value: number | string): number =>
      typeof value === 'number' ? value : Math.ceil((Number.parseFloat(value) * asked) / 100);
    const needed =
      maxUnavailable === undefined || maxUnavailable === null
        ? part(minAvailable ?? 1)
        : Math.max(0, asked - part(maxUnavailable));
    return { healthy: pods.filter(isHealthy).length, needed };
  }
}

function selects({ spec }: PodDisruptionBudget, labels: Record<string, string> | undefined): boolean {
  const selector = compileLabelSelector(spec?.selector);
  return selector !== undefined && selectorMatches(selector, labels);
}

function isHealthy({ metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
  return isReady && !metadata.deletionTimestamp;
}
