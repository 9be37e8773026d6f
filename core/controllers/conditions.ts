/** Conditions in a status: at most one of a type, told anew only when it says something else. */

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  [field: string]: unknown;
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Unchanged where status and reason are the same; a status that stays keeps the time of its last turn. */
export function withCondition(conditions: readonly Condition[], next: Condition): readonly Condition[] {
  const old = conditionOf(conditions, next.type);
  if (old?.status === next.status && old.reason === next.reason) return conditions;
  const turned = old?.status === next.status ? { lastTransitionTime: old.lastTransitionTime } : {};
  return [...withoutCondition(conditions, next.type), { ...next, ...turned }];
}

export function withoutCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditionOf(conditions, type) ? conditions.filter((condition) => condition.type !== type) : conditions;
}
