/** What a store refuses or cannot do, told apart by class: a revision that is gone, one to come, no room, nobody there. */

/** The revision is older than what compaction left: read anew, and watch from there. The API's 410 Expired. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly asked: number;
  /** The oldest revision that can be read; 0 where it is not known. */
  readonly compacted: number;
  constructor(asked: number, compacted: number) {
    const oldest = compacted > 0 ? `; the oldest that can be read is ${compacted}` : '';
    super(`revision ${asked} has been compacted${oldest}`);
    this.asked = asked;
    this.compacted = compacted;
  }
}

/** No write has reached this revision yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly asked: number;
  /** The store's revision; 0 where it is not known. */
  readonly current: number;
  constructor(asked: number, current: number) {
    super(`revision ${asked} is yet to come${current > 0 ? `; the store is at ${current}` : ''}`);
    this.asked = asked;
    this.current = current;
  }
}

/** There is no room for what the txn puts; nothing of it was written. Deletes and compaction still work. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
}

/**
 * The store cannot be reached, took too long or is closed. Reads may be tried again; a txn may or may not have been
 * committed, which a read tells.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** A key, a txn or a query that no store takes, whatever it holds: see the limits in request.ts. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';
}

/** A snapshot file that is truncated, damaged or no snapshot at all; nothing was changed. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** A restore would replace what a store holds, and was not asked to. */
export class StoreNotEmptyError extends Error {
  override readonly name = 'StoreNotEmptyError';
}

/** Another process, or this one, has the store open. */
export class StoreInUseError extends Error {
  override readonly name = 'StoreInUseError';
}
