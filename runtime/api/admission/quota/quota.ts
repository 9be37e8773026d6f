/** ResourceQuota as plain data, and sums over resource names. Source: Kubernetes v1.36, apiserver/pkg/quota/v1/resources.go. */
import type { KubeObject, ResourceList } from '../../../../core/index.ts';
import { type Amount, type Amounts, amountOf, amountText, minus, plus } from '../amount.ts';

export interface ScopeRequirement {
  scopeName: string;
  operator: string;
  values?: string[];
}
export interface ResourceQuota extends KubeObject {
  spec?: {
    hard?: ResourceList;
    scopes?: string[];
    scopeSelector?: { matchExpressions?: ScopeRequirement[] };
  };
  status?: { hard?: ResourceList; used?: ResourceList };
}

export function amountsOf(list: ResourceList | undefined): Map<string, Amount> {
  return new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(quantity)]));
}

export function listOf(amounts: Amounts): ResourceList {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amountText(amount)]));
}

/** `a` and `b` name by name; what only one of them names is taken from it. */
export function sum(a: Amounts, b: Amounts): Map<string, Amount> {
  const total = new Map(a);
  for (const [name, amount] of b) {
    const has = total.get(name);
    total.set(name, has ? plus(has, amount) : amount);
  }
  return total;
}

/** What `next` has more than `old`; names of `old` alone become negative. */
export function difference(next: Amounts, old: Amounts): Map<string, Amount> {
  const delta = new Map(next);
  for (const [name, amount] of old) {
    delta.set(name, minus(next.get(name) ?? { nano: 0n, format: amount.format }, amount));
  }
  return delta;
}

export function only(amounts: Amounts, names: { has(name: string): boolean }): Map<string, Amount> {
  return new Map([...amounts].filter(([name]) => names.has(name)));
}

/** 'cpu=500m,pods=1': by name. */
export function amountsText(amounts: Amounts): string {
  return [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => `${name}=${amountText(amount)}`)
    .join(',');
}
