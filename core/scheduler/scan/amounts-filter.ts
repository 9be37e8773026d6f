/** Whether a cycle's verdict on a node hangs on amounts alone, so that what-ifs there are sums. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { CheckedResource, Rejection } from '../framework.ts';
import { MAX_CHECKED, type Shift, shortageInWords, shortageOf, shortagesOf } from '../plugins/resource-shortage.ts';
import type { ActiveFilter } from './pre-filter.ts';

export class AmountsFilter {
  readonly name: string;
  readonly checked: readonly CheckedResource[];
  readonly self: number;
  /** No other filter heeds pods, and none is asked after this one: a node it refuses first passes all others. */
  readonly alone: boolean;
  readonly #cluster: Cluster;
  /** By the guests of the row in question. */
  readonly #taken: Shift;
  readonly #words = new Map<number, Rejection>();

  constructor(name: string, self: number, checked: readonly CheckedResource[], alone: boolean, cluster: Cluster) {
    this.name = name;
    this.self = self;
    this.checked = checked;
    this.alone = alone;
    this.#cluster = cluster;
    this.#taken = { pods: 0, amounts: new Float64Array(checked.length) };
  }

  /** What row n lacks with the guests there; undefined where doubles do not tell. */
  shortWith(guests: readonly PodRequest[], n: number): number | undefined {
    const { columns } = this.#cluster;
    if (columns.wide[n] !== 0) return undefined;
    this.#taken.pods = guests.length;
    this.#taken.amounts.fill(0);
    for (let g = 0; g < guests.length; g++) {
      const { accounted } = guests[g];
      for (let i = 0; i < this.checked.length; i++) this.#taken.amounts[i] += accounted[this.checked[i].r] ?? 0;
    }
    return shortageOf(this.checked, columns, n, this.#taken);
  }

  /** What each row lacks that this filter refused, written to zeroes as [row]; rubbish on wide rows and all others. */
  shortages(rejectedBy: Uint8Array, shortages: Int32Array): Int32Array {
    const { columns, rows } = this.#cluster;
    shortagesOf(this.checked, columns, 0, rows, rejectedBy, this.self, shortages);
    return shortages;
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

/** Undefined when no filter compares amounts, or more of them than there are bits. */
export function amountsFilterOf(active: readonly ActiveFilter[], cluster: Cluster): AmountsFilter | undefined {
  const asked = active.filter(({ plugin }) => plugin.filter);
  const at = asked.findIndex(({ plugin }) => plugin.checkedResources);
  if (at < 0) return undefined;
  const { plugin, facts, self } = asked[at];
  const checked = plugin.checkedResources?.(facts) ?? [];
  if (checked.length > MAX_CHECKED) return undefined;
  const others = asked.slice(0, at);
  const alone = at === asked.length - 1 && others.every(({ plugin }) => plugin.heedsPods === false);
  return new AmountsFilter(plugin.name, self, checked, alone, cluster);
}
