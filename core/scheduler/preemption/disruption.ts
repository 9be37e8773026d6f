/**
 * Which of a node's would-be victims no PodDisruptionBudget can spare.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/defaultpreemption (filterPodsWithPDBViolation).
 */
import { compileLabelSelector, type Selector, selectorMatches } from '../../objects/selectors.ts';
import { namespaceOf, type Pod, type PodDisruptionBudget } from '../../objects/types.ts';

export interface DisruptionSplit {
  /** Their eviction would overdraw a budget. */
  violating: Pod[];
  nonViolating: Pod[];
}

/** A budget as the split counts it: compiled once per preemption, drawn on afresh for every node. */
export interface Budget {
  namespace: string;
  selector: Selector;
  allowed: number;
  /** Names of pods whose disruption is already counted in `allowed`. */
  disrupted: ReadonlySet<string>;
}

/** Budgets that can match a pod at all: a nil, empty or invalid selector matches none here. */
export function compileBudgets(budgets: Iterable<PodDisruptionBudget>): Budget[] {
  const compiled: Budget[] = [];
  for (const pdb of budgets) {
    const selector = compileLabelSelector(pdb.spec?.selector);
    if (!selector || selector.nothing || selector.requirements.length === 0) continue;
    compiled.push({
      namespace: namespaceOf(pdb),
      selector,
      allowed: pdb.status?.disruptionsAllowed ?? 0,
      disrupted: new Set(Object.keys(pdb.status?.disruptedPods ?? {})),
    });
  }
  return compiled;
}

/** @param pods most important first: the budgets spare the first they meet. Order is kept in both halves. */
export function splitByDisruption(pods: readonly Pod[], budgets: readonly Budget[]): DisruptionSplit {
  const violations = violationsAmong(pods, budgets);
  return {
    violating: pods.filter((_, i) => violations[i]),
    nonViolating: pods.filter((_, i) => !violations[i]),
  };
}

/** [i]: whether the eviction of pods[i], after those before it, would overdraw a budget. */
export function violationsAmong(pods: readonly Pod[], budgets: readonly Budget[]): boolean[] {
  const left = budgets.map(({ allowed }) => allowed);
  return pods.map((pod) => {
    let violates = false;
    for (let b = 0; b < budgets.length; b++) {
      // Every matching budget pays, also after one was overdrawn.
      if (covers(budgets[b], pod) && --left[b] < 0) violates = true;
    }
    return violates;
  });
}

function covers(budget: Budget, pod: Pod): boolean {
  const { labels } = pod.metadata;
  if (!labels || Object.keys(labels).length === 0 || namespaceOf(pod) !== budget.namespace) return false;
  return selectorMatches(budget.selector, labels) && !budget.disrupted.has(pod.metadata.name);
}
