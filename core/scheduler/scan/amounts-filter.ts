/** Whether a cycle's verdict on a node hangs on amounts alone, so that what-ifs there are sums. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { CheckedResource, Rejection } from '../framework.ts';
import { MAX_CHECKED, type Shift, shortageInWords, shortageOf } from '../plugins/resource-shortage.ts';
import type { ActiveFilter } from './pre-filter.ts';

export class AmountsFilter {
  readonly name: string;
  readonly checked: readonly CheckedResource[];
  readonly self: number;
  /** No other filter heeds pods, and none is asked after this one: a node it refuses first passes all others. */
  readonly alone: boolean;
  readonly #cluster: Cluster;
  readonly #words = new Map<number, Rejection>();

  constructor(name: string, self: number, checked: readonly CheckedResource[], alone: boolean, cluster: Cluster) {
    this.name = name;
    this.self = self;
    this.checked = checked;
    this.alone = alone;
    this.#cluster = cluster;
  }

  /** What row n lacks with the guests there; undefined where doubles do not tell. */
  shortWith(guests: readonly PodRequest[], n: number): number | undefined {
    const { columns } = this.#cluster;
    if (columns.wide[n] !== 0 || guests.some(({ exact }) => exact)) return undefined;
    return shortageOf(this.checked, columns, n, takenBy(guests, this.checked));
  }

  /** Equal shortages give the same object. */
  inWords(short: number): Rejection {
    let words = this.#words.get(short);
    if (!words) {
      const nameOf = (r: number): string => this.#cluster.resourceName(r);
      words = { plugin: this.name, ...shortageInWords(short, this.checked, nameOf) };
      this.#words.set(short, words);
    }
    return words;
  }
}

/** Undefined when no filter compares amounts, or the pod asks for more than doubles or bits can hold. */
export function amountsFilterOf(
  active: readonly ActiveFilter[],
  pod: PodRequest,
  cluster: Cluster,
): AmountsFilter | undefined {
  const asked = active.filter(({ plugin }) => plugin.filter);
  const at = asked.findIndex(({ plugin }) => plugin.checkedResources);
  if (at < 0 || pod.exact) return undefined;
  const { plugin, facts, self } = asked[at];
  const checked = plugin.checkedResources?.(facts) ?? [];
  if (checked.length > MAX_CHECKED) return undefined;
  const others = asked.slice(0, at);
  const alone = at === asked.length - 1 && others.every(({ plugin }) => plugin.heedsPods === false);
  return new AmountsFilter(plugin.name, self, checked, alone, cluster);
}

/** What pods take on a node, by the order of `checked`. None of them has amounts beyond doubles. */
export function takenBy(pods: readonly PodRequest[], checked: readonly CheckedResource[]): Shift {
  const amounts = new Float64Array(checked.length);
  for (const { accounted } of pods) checked.forEach(({ r }, i) => void (amounts[i] += accounted[r] ?? 0));
  return { pods: pods.length, amounts };
}
