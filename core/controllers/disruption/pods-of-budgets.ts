/** Which pods each disruption budget is about, as observed: kept by who follows both, so that a look reads only those. */
import { compileLabelSelector, NOTHING, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { type KubeObject, keyOf, type Pod, type PodDisruptionBudget } from '../../objects/types.ts';
import type { Change, Observed } from '../controller.ts';
import { DISRUPTION_BUDGETS, PODS } from '../resources.ts';
import { sameValue } from '../same-value.ts';

interface Selected {
  selector: Selector;
  /** Keys. */
  pods: Set<string>;
}

export class PodsOfBudgets {
  readonly #byBudget = new Map<string, Selected>();

  /** @returns keys of the budgets that the pod is, or was, one of. */
  takePod({ object, old, gone }: Change, observed: Observed): string[] {
    const keys: string[] = [];
    for (const budget of observed.list(DISRUPTION_BUDGETS, object.metadata.namespace)) {
      const key = keyOf(object);
      const { selector, pods } = this.#of(budget as PodDisruptionBudget, observed);
      const did = pods.has(key) || (old !== undefined && selectorMatches(selector, old.metadata.labels));
      const does = selectorMatches(selector, object.metadata.labels);
      if (does && !gone) pods.add(key);
      else pods.delete(key);
      if (did || does) keys.push(keyOf(budget));
    }
    return keys;
  }

  /** Its selector may be another one. */
  takeBudget({ object, old, gone }: Change): void {
    const specOf = (budget: KubeObject): unknown => (budget as PodDisruptionBudget).spec;
    if (gone || !old || !sameValue(specOf(old), specOf(object))) this.#byBudget.delete(keyOf(object));
  }

  podsOf(budget: PodDisruptionBudget, observed: Observed): Pod[] {
    const { namespace = '' } = budget.metadata;
    const prefix = namespace.length + 1;
    const keys = [...this.#of(budget, observed).pods];
    return keys.flatMap((key) => (observed.get(PODS, namespace, key.slice(prefix)) as Pod | undefined) ?? []);
  }

  #of(budget: PodDisruptionBudget, observed: Observed): Selected {
    const key = keyOf(budget);
    const known = this.#byBudget.get(key);
    if (known) return known;
    const selector = compileLabelSelector(budget.spec?.selector) ?? NOTHING;
    const pods = new Set<string>();
    for (const pod of observed.list(PODS, budget.metadata.namespace)) if (matches(selector, pod)) pods.add(keyOf(pod));
    const selected = { selector, pods };
    this.#byBudget.set(key, selected);
    return selected;
  }
}

function matches(selector: Selector, { metadata }: KubeObject): boolean {
  return selectorMatches(selector, metadata.labels);
}
