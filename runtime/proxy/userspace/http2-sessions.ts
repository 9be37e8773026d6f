/** The HTTP/2 connections of one worker to endpoints: shared by all streams, a further one where one has no room. */
import { EndpointSession, type Lease, type SessionWaiter } from './http2-session.ts';
import type { Thread } from './thread.ts';

/** To one endpoint, of one worker. */
const MAX_SESSIONS = 64;

export interface SessionWanted {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
}

export class EndpointSessions {
  readonly #thread: Thread;
  /** By 'ADDRESS PORT'. */
  readonly #at = new Map<string, EndpointSession[]>();

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** Room for a stream; undefined where the endpoint takes no more. */
  take({ host, port, connectTimeoutMs }: SessionWanted, waiter: SessionWaiter): Lease | undefined {
    const key = `${host} ${port}`;
    const sessions = this.#at.get(key) ?? [];
    const free = sessions.find(({ hasRoom }) => hasRoom);
    if (free) return free.take(waiter);
    if (sessions.length >= MAX_SESSIONS) return undefined;
    const session = new EndpointSession(this.#thread, host, port, connectTimeoutMs, () => {
      sessions.splice(sessions.indexOf(session), 1);
      if (sessions.length === 0 && this.#at.get(key) === sessions) this.#at.delete(key);
    });
    sessions.push(session);
    this.#at.set(key, sessions);
    return session.take(waiter);
  }
}
