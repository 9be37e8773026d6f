/**
 * Retries must not become the load that brings endpoints down: of one service at most a fifth of what is in flight may be
 * retries, or three. Source: Envoy, api/envoy/config/cluster/v3/circuit_breaker.proto (retry_budget).
 */
const SHARE = 0.2;
const MIN_RETRIES = 3;

export class RetryBudget {
  /** By service: requests in flight that are retries. */
  readonly #retries = new Map<number, number>();

  /** Whether one more may be retried; it counts until `give`. @param inFlight of the service. */
  take(service: number, inFlight: number): boolean {
    const now = this.#retries.get(service) ?? 0;
    if (now >= Math.max(MIN_RETRIES, SHARE * inFlight)) return false;
    this.#retries.set(service, now + 1);
    return true;
  }

  give(service: number): void {
    const left = (this.#retries.get(service) ?? 0) - 1;
    if (left > 0) this.#retries.set(service, left);
    else this.#retries.delete(service);
  }
}
