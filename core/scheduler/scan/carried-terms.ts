/**
 * Affinity terms that placed pods carry, kept current by pods coming and going: for the symmetry of inter-pod affinity.
 * Equal terms of many pods are one entry, so an incoming pod is matched once per term.
 */
import type { PodObserver } from '../../cluster/placed-pod.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Selector } from '../../objects/selectors.ts';
import { type AffinityTerm, termsOfMake } from '../terms/affinity-terms.ts';

export interface CarriedTerm {
  readonly term: AffinityTerm;
  /** row → pods on it that carry the term, and the sum of their signed weights. */
  readonly rows: Map<number, { pods: number; weight: number }>;
}

class TermTable {
  readonly #byKey = new Map<string, CarriedTerm>();
  /** Grows when a term is carried for the first time, or no more. */
  version = 0;

  shift(term: AffinityTerm, row: number, by: 1 | -1, weight: number): void {
    const key = termKey(term);
    let carried = this.#byKey.get(key);
    if (!carried) {
      this.#byKey.set(key, (carried = { term, rows: new Map() }));
      this.version++;
    }
    const on = carried.rows.get(row) ?? { pods: 0, weight: 0 };
    on.pods += by;
    on.weight += by * weight;
    if (on.pods > 0) carried.rows.set(row, on);
    else carried.rows.delete(row);
    if (carried.rows.size === 0) {
      this.#byKey.delete(key);
      this.version++;
    }
  }

  get size(): number {
    return this.#byKey.size;
  }

  [Symbol.iterator](): IterableIterator<CarriedTerm> {
    return this.#byKey.values();
  }
}

export class CarriedTerms implements PodObserver {
  readonly requiredAnti = new TermTable();
  readonly required = new TermTable();
  /** Affinity with positive, anti-affinity with negative weight. */
  readonly preferred = new TermTable();

  get version(): number {
    return this.requiredAnti.version + this.required.version + this.preferred.version;
  }

  podCame(request: PodRequest, row: number): void {
    this.#shift(request, row, 1);
  }

  podLeft(request: PodRequest, row: number): void {
    this.#shift(request, row, -1);
  }

  #shift(request: PodRequest, row: number, by: 1 | -1): void {
    const terms = termsOfMake(request);
    if (!terms.hasAny) return;
    for (const term of terms.requiredAnti) this.requiredAnti.shift(term, row, by, 0);
    for (const term of terms.required) this.required.shift(term, row, by, 0);
    for (const term of terms.preferred) this.preferred.shift(term, row, by, term.weight);
    for (const term of terms.preferredAnti) this.preferred.shift(term, row, by, -term.weight);
  }
}

const keys = new WeakMap<AffinityTerm, string>();

/** Equal for terms that match the same pods over the same topology; weights are left out. */
export function termKey(term: AffinityTerm): string {
  let key = keys.get(term);
  if (key === undefined) {
    const { topologyKey, namespaces, namespaceSelector, selector } = term;
    key = JSON.stringify([topologyKey, [...namespaces].sort(), selectorKey(namespaceSelector), selectorKey(selector)]);
    keys.set(term, key);
  }
  return key;
}

function selectorKey({ nothing, requirements }: Selector): unknown {
  return nothing ? null : requirements.map(({ key, operator, values }) => [key, operator, ...values]);
}
