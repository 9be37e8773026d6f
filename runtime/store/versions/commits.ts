/**
 * Group commit: while one batch is on its way to the log the next gathers. What is not durable is not read, not watched
 * and not answered; compares see it all the same, as a batch is evaluated when all before it is durable.
 */
import { StoreFullError, StoreUnavailableError } from '../errors.ts';
import type { StoreEntry, TxnRequest, TxnResult } from '../store.ts';
import { evaluate } from './evaluate.ts';
import type { Version, VersionIndex } from './version-index.ts';
import type { VersionLog } from './version-log.ts';

/** Of one batch; a txn may be larger by itself. */
const MAX_BATCH_TXNS = 2_000;
const MAX_BATCH_BYTES = 8_000_000;

interface Waiting {
  request: TxnRequest;
  resolve(result: TxnResult): void;
  reject(error: Error): void;
}

export class Commits {
  private readonly index: VersionIndex;
  private readonly log: VersionLog;
  private readonly entryOf: (version: Version) => StoreEntry;
  private readonly committed: (versions: readonly Version[]) => void;
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  /** `committed` is called when versions are durable and applied, before their txns resolve. */
  constructor(
    index: VersionIndex,
    log: VersionLog,
    entryOf: (version: Version) => StoreEntry,
    committed: (versions: readonly Version[]) => void,
  ) {
    this.index = index;
    this.log = log;
    this.entryOf = entryOf;
    this.committed = committed;
  }

  add(request: TxnRequest): Promise<TxnResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Resolves when every txn added so far has its answer. */
  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  private async run(): Promise<void> {
    await undefined; // Those asked in the same turn share the first batch.
    while (this.waiting.length > 0) await this.commit(this.next());
    this.running = undefined;
  }

  private next(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < Math.min(this.waiting.length, MAX_BATCH_TXNS)) {
      bytes += bytesOf(this.waiting[count].request);
      if (count > 0 && bytes > MAX_BATCH_BYTES) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    const { versions, results } = evaluate(
      this.index,
      batch.map(({ request }) => request),
      this.entryOf,
    );
    try {
      if (versions.length > 0) await this.log.append(versions);
    } catch (error) {
      await this.failed(batch, error);
      return;
    }
    this.index.apply(versions);
    this.committed(versions);
    this.log.settled(versions);
    batch.forEach(({ resolve }, i) => {
      resolve(results[i]);
    });
  }

  /** There may be room for some of the txns where there is none for all of them. */
  private async failed(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (error instanceof StoreFullError && batch.length > 1) {
      await this.commit(batch.slice(0, batch.length >> 1));
      await this.commit(batch.slice(batch.length >> 1));
      return;
    }
    const told =
      error instanceof StoreFullError
        ? error
        : new StoreUnavailableError(
            `the store cannot write: ${error instanceof Error ? error.message : String(error)}`,
            {
              cause: error,
            },
          );
    for (const { reject } of batch) reject(told);
  }
}

function bytesOf({ writes }: TxnRequest): number {
  let bytes = 0;
  for (const write of writes) bytes += write.key.length + ('delete' in write ? 0 : write.value.length);
  return bytes;
}
