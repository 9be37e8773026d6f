/**
 * What a controller has asked for and not yet observed. Until all of it has been observed, what it reads is older than
 * what it wrote, and it must not count: it would make the same pods again, or delete more.
 * Source: Kubernetes v1.36, pkg/controller/controller_utils.go (UIDTrackingControllerExpectations).
 */

/** After this time an expectation is given up: the event may have been lost for good. */
export const EXPECTATION_LIMIT_MS = 5 * 60_000;

interface Expected {
  creations: number;
  /** Uids of objects whose deletion has been asked for. */
  deletions: Set<string>;
  sinceMs: number;
}

export class Expectations {
  readonly #byKey = new Map<string, Expected>();

  /** Nothing more is awaited, or it has been awaited for too long. */
  satisfied(key: string, nowMs: number): boolean {
    const expected = this.#byKey.get(key);
    if (!expected) return true;
    return (
      (expected.creations <= 0 && expected.deletions.size === 0) || nowMs - expected.sinceMs > EXPECTATION_LIMIT_MS
    );
  }

  /** Milliseconds until what is awaited is given up; undefined when nothing is. */
  givenUpAfter(key: string, nowMs: number): number | undefined {
    const expected = this.#byKey.get(key);
    return expected && !this.satisfied(key, nowMs) ? expected.sinceMs + EXPECTATION_LIMIT_MS + 1 - nowMs : undefined;
  }

  expectCreations(key: string, creations: number, nowMs: number): void {
    this.#byKey.set(key, { creations, deletions: new Set(), sinceMs: nowMs });
  }

  expectDeletions(key: string, uids: Iterable<string>, nowMs: number): void {
    this.#byKey.set(key, { creations: 0, deletions: new Set(uids), sinceMs: nowMs });
  }

  /** Its deletion has been asked for and not yet observed. */
  awaitsDeletion(key: string, uid: string): boolean {
    return this.#byKey.get(key)?.deletions.has(uid) ?? false;
  }

  /** One that was awaited has been observed, or will never come. */
  creationObserved(key: string): void {
    const expected = this.#byKey.get(key);
    if (expected) expected.creations--;
  }

  deletionObserved(key: string, uid: string): void {
    this.#byKey.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
