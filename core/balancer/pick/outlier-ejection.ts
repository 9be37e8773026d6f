/**
 * Outlier ejection: endpoints that fail several times in a row, or clearly more often than the others, receive nothing for a
 * while, and longer each time. Source: Envoy, api/envoy/config/cluster/v3/outlier_detection.proto.
 */

export interface OutlierOptions {
  /** Failures in a row that eject at once; 0: never. */
  consecutiveFailures?: number;
  /** Between sweeps, which judge success rates and let endpoints return. */
  intervalSeconds?: number;
  /** The first ejection; the n-th in a row lasts n times as long, up to the maximum. */
  baseEjectionSeconds?: number;
  maxEjectionSeconds?: number;
  /** Of a service's endpoints, percent; one may always be ejected. */
  maxEjectedPercent?: number;
  /** Sweeps eject below mean - this × standard deviation of success rates. */
  successRateStdevs?: number;
  successRateMinHosts?: number;
  successRateMinRequests?: number;
  /** Sweeps eject at this percent of failures; 0: never. */
  failurePercent?: number;
  failurePercentMinHosts?: number;
  failurePercentMinRequests?: number;
}

const DEFAULTS: Required<OutlierOptions> = {
  consecutiveFailures: 5,
  intervalSeconds: 10,
  baseEjectionSeconds: 30,
  maxEjectionSeconds: 300,
  maxEjectedPercent: 10,
  successRateStdevs: 1.9,
  successRateMinHosts: 5,
  successRateMinRequests: 100,
  failurePercent: 0,
  failurePercentMinHosts: 5,
  failurePercentMinRequests: 50,
};

/** What happened at an endpoint since it was last told. */
export interface Outcome {
  successes: number;
  failures: number;
  /** Failures since the last success; of several workers the most. */
  trailing: number;
}

interface History {
  consecutive: number;
  /** Since the last sweep. */
  successes: number;
  failures: number;
  /** 0: not ejected. */
  ejectedUntilUs: number;
  /** Ejections in a row; healthy sweeps take it back. */
  times: number;
}

/** Of one service. */
export class OutlierDetector {
  readonly #options: Required<OutlierOptions>;
  readonly #histories = new Map<number, History>();
  #nextSweepUs: number;

  constructor(options: OutlierOptions, nowUs: number) {
    this.#options = { ...DEFAULTS, ...options };
    this.#nextSweepUs = nowUs + this.#options.intervalSeconds * 1e6;
  }

  /** The endpoints of the service from now on; those that stay keep their history. */
  setEndpoints(endpoints: readonly number[]): void {
    const gone = new Set(this.#histories.keys()).difference(new Set(endpoints));
    for (const endpoint of gone) this.#histories.delete(endpoint);
    for (const endpoint of endpoints) {
      if (this.#histories.has(endpoint)) continue;
      this.#histories.set(endpoint, { consecutive: 0, successes: 0, failures: 0, ejectedUntilUs: 0, times: 0 });
    }
  }

  observe(endpoint: number, { successes, failures, trailing }: Outcome, nowUs: number): void {
    const history = this.#histories.get(endpoint);
    if (history === undefined || successes + failures === 0) return;
    history.successes += successes;
    history.failures += failures;
    // Who succeeded once has failed only since then in a row; whose news has no success has failed on.
    history.consecutive = successes > 0 ? trailing : history.consecutive + failures;
    const { consecutiveFailures } = this.#options;
    if (consecutiveFailures > 0 && history.consecutive >= consecutiveFailures) this.#eject(history, nowUs);
  }

  /** Judges and lets return, if it is time to. */
  sweep(nowUs: number): void {
    if (nowUs < this.#nextSweepUs) return;
    this.#nextSweepUs = nowUs + this.#options.intervalSeconds * 1e6;
    for (const history of this.#histories.values()) this.#return(history, nowUs);
    const { successRateMinHosts, successRateMinRequests, failurePercentMinHosts, failurePercentMinRequests } =
      this.#options;
    this.#judge(successRateMinHosts, successRateMinRequests, nowUs, (rates) => this.#successRateBar(rates));
    if (this.#options.failurePercent > 0) {
      const bar = 1 - this.#options.failurePercent / 100;
      // At the percentage itself an endpoint is out.
      this.#judge(failurePercentMinHosts, failurePercentMinRequests, nowUs, () => bar + 1e-12);
    }
    for (const history of this.#histories.values()) history.successes = history.failures = 0;
  }

  /** Who receives nothing now. */
  ejected(): Set<number> {
    const found = new Set<number>();
    for (const [endpoint, { ejectedUntilUs }] of this.#histories) if (ejectedUntilUs > 0) found.add(endpoint);
    return found;
  }

  /** Ejects whose success rate is below the bar, among those with requests enough. */
  #judge(minHosts: number, minRequests: number, nowUs: number, barOf: (rates: readonly number[]) => number): void {
    const judged = [...this.#histories.values()].filter(
      ({ ejectedUntilUs, successes, failures }) => ejectedUntilUs === 0 && successes + failures >= minRequests,
    );
    if (judged.length === 0 || judged.length < minHosts) return;
    const rates = judged.map(({ successes, failures }) => successes / (successes + failures));
    const bar = barOf(rates);
    judged.forEach((history, i) => {
      if (rates[i] < bar) this.#eject(history, nowUs);
    });
  }

  #successRateBar(rates: readonly number[]): number {
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
    return mean - this.#options.successRateStdevs * Math.sqrt(variance);
  }

  #eject(history: History, nowUs: number): void {
    if (history.ejectedUntilUs > 0) return;
    const already = this.ejected().size;
    const { maxEjectedPercent, baseEjectionSeconds, maxEjectionSeconds } = this.#options;
    if (already > 0 && (100 * (already + 1)) / this.#histories.size > maxEjectedPercent) return;
    history.times++;
    history.consecutive = 0;
    history.ejectedUntilUs = nowUs + 1e6 * Math.min(maxEjectionSeconds, baseEjectionSeconds * history.times);
  }

  #return(history: History, nowUs: number): void {
    if (history.ejectedUntilUs === 0) history.times = Math.max(0, history.times - 1);
    else if (nowUs >= history.ejectedUntilUs) history.ejectedUntilUs = 0;
  }
}
