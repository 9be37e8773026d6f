/**
 * The published curves: allocation and fragmentation against arrived GPU demand. After every arrival, arrived demand is
 * rounded to a whole percent of the cluster's GPUs, and each bin averages over its events.
 */

export interface Series {
  /** 0 to 130. */
  arrived_pct: number[];
  alloc_pct: number[];
  frag_pct_of_total: number[];
  /** 0 when nothing is idle. */
  frag_pct_of_idle: number[];
}

export const LAST_PCT = 130;
const BINS = LAST_PCT + 1;

export class Curves {
  readonly #totalMilli: number;
  readonly #events = new Int32Array(BINS);
  readonly #alloc = new Float64Array(BINS);
  readonly #fragOfTotal = new Float64Array(BINS);
  readonly #fragOfIdle = new Float64Array(BINS);
  readonly #before: readonly [number, number, number];

  /** @param fragMilli of the empty cluster: what a bin shows before the first event. */
  constructor(totalMilli: number, fragMilli: number) {
    this.#totalMilli = totalMilli;
    this.#before = [0, (100 * fragMilli) / totalMilli, (100 * fragMilli) / totalMilli];
  }

  /** The state after one arrival, placed or not. All in GPU milli. */
  observe(arrived: number, allocated: number, frag: number): void {
    const bin = Math.round((100 * arrived) / this.#totalMilli);
    if (bin > LAST_PCT) return;
    const idle = this.#totalMilli - allocated;
    this.#events[bin]++;
    this.#alloc[bin] += (100 * allocated) / this.#totalMilli;
    this.#fragOfTotal[bin] += (100 * frag) / this.#totalMilli;
    this.#fragOfIdle[bin] += idle > 0 ? (100 * frag) / idle : 0;
  }

  /** A bin without events shows what the one before shows, so that all series have 131 values. */
  series(): Series {
    const series: Series = { arrived_pct: [], alloc_pct: [], frag_pct_of_total: [], frag_pct_of_idle: [] };
    let [alloc, fragOfTotal, fragOfIdle] = this.#before;
    for (let bin = 0; bin < BINS; bin++) {
      const events = this.#events[bin];
      if (events > 0) {
        alloc = rounded(this.#alloc[bin] / events);
        fragOfTotal = rounded(this.#fragOfTotal[bin] / events);
        fragOfIdle = rounded(this.#fragOfIdle[bin] / events);
      }
      series.arrived_pct.push(bin);
      series.alloc_pct.push(alloc);
      series.frag_pct_of_total.push(fragOfTotal);
      series.frag_pct_of_idle.push(fragOfIdle);
    }
    return series;
  }
}

/** Four digits are ten thousand times finer than what is compared. */
function rounded(percent: number): number {
  return Math.round(percent * 10_000) / 10_000;
}
