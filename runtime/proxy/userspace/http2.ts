/** HTTP/2 through the proxy, without TLS: connections of clients are read here, and every stream goes to an endpoint of its own. */
import type { Socket } from 'node:net';
import { oldAt } from './connection-age.ts';
import type { HttpClient } from './http-client.ts';
import type { Http2Shared } from './http2-attempt.ts';
import { Http2Connection } from './http2-connection.ts';
import { EndpointSessions } from './http2-sessions.ts';
import { RetryBudget } from './retry-budget.ts';
import type { Thread } from './thread.ts';

export class Http2Front {
  readonly #shared: Http2Shared;
  readonly #greetingMs: number;
  readonly #connections = new Set<Http2Connection>();

  /** @param greetingMs for a client to say that it speaks HTTP/2. */
  constructor(thread: Thread, greetingMs: number) {
    this.#shared = { thread, sessions: new EndpointSessions(thread), budget: new RetryBudget() };
    this.#greetingMs = greetingMs;
  }

  /** The connection counts as active already. */
  serve(socket: Socket, client: HttpClient): void {
    const { thread } = this.#shared;
    socket.once('close', () => thread.counters.add('activeConnections', -1));
    const connection = new Http2Connection(this.#shared, socket, client, {
      greetingMs: this.#greetingMs,
      oldMs: oldAt(thread, client.settings.maxConnectionAgeMs),
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    if (thread.stopping) connection.leave();
  }

  /** Clients open no more streams, and go when those they have are over. */
  leaveAll(): void {
    for (const connection of this.#connections) connection.leave();
  }
}
