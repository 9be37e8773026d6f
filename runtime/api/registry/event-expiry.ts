/**
 * Events that nobody has written for an hour go. Time is counted from when this process first saw the version, by a clock that
 * never jumps; so a restart gives them their hour anew, as an etcd does with its leases.
 * Source: Kubernetes v1.36, kube-apiserver's --event-ttl.
 */
import type { ApiClient, ResourceName } from '../client.ts';
import { ApiError } from '../http/status.ts';
import type { Cache } from './cache.ts';

export const EVENT_TTL_MS = 3_600_000;
const LOOK_EVERY_MS = 60_000;
/** Deleted at once at most, so that others are served in between. */
const BATCH = 64;
const EVENTS: ResourceName = { group: '', resource: 'events' };

export interface EventExpiryOptions {
  cache: Cache;
  client: ApiClient;
  ttlMs?: number;
  /** Milliseconds that never go back. */
  elapsed?(): number;
  problem(error: Error): void;
}

interface Seen {
  version: string | undefined;
  atMs: number;
}

interface Known {
  namespace: string;
  name: string;
  preconditions: { uid: string; resourceVersion: string | undefined };
}

export class EventExpiry {
  readonly #options: EventExpiryOptions;
  /** By uid. */
  #seen = new Map<string, Seen>();
  readonly #timer: NodeJS.Timeout;
  #busy = false;

  constructor(options: EventExpiryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Deletes those whose time is over. Never rejects; does nothing while it is still at it. */
  async look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const { client, problem } = this.#options;
    try {
      const over = this.#over();
      for (let i = 0; i < over.length; i += BATCH) {
        const batch = over.slice(i, i + BATCH);
        await Promise.all(batch.map((known) => remove(client, known)));
      }
    } catch (error) {
      problem(new Error('events whose time is over cannot be deleted', { cause: error }));
    } finally {
      this.#busy = false;
    }
  }

  #over(): Known[] {
    const { cache, ttlMs = EVENT_TTL_MS, elapsed = () => performance.now() } = this.#options;
    const now = elapsed();
    const before = this.#seen;
    this.#seen = new Map();
    const over: Known[] = [];
    for (const { metadata } of cache.list('', 'events')) {
      const { namespace = '', name, uid = '', resourceVersion: version } = metadata;
      const known = before.get(uid);
      const seen = known && known.version === version ? known : { version, atMs: now };
      this.#seen.set(uid, seen);
      if (now - seen.atMs >= ttlMs) over.push({ namespace, name, preconditions: { uid, resourceVersion: version } });
    }
    return over;
  }
}

/** Somebody else may have been faster, or have written it meanwhile. */
async function remove(client: ApiClient, { namespace, name, preconditions }: Known): Promise<void> {
  try {
    await client.delete(EVENTS, namespace, name, { preconditions });
  } catch (error) {
    if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
  }
}
