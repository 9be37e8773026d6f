/** HTTP/1.1 through the proxy: connections of clients are read here, and every request goes to an endpoint of its own. */
import { Agent, createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { oldAt } from './connection-age.ts';
import type { HttpClient, HttpShared } from './http-client.ts';
import { HttpConnections } from './http-connection.ts';
import { HttpExchange } from './http-exchange.ts';
import { HttpUpgrade } from './http-upgrade.ts';
import { RetryBudget } from './retry-budget.ts';
import type { Thread } from './thread.ts';

/** The largest request head; more is answered 431. */
const MAX_HEADER_BYTES = 16_384;
/** A client is idle between two requests for at most so long. */
const KEEP_ALIVE_MS = 65_000;

export class HttpFront {
  readonly #shared: HttpShared;
  readonly #server: Server;
  readonly #clients = new WeakMap<Duplex, HttpClient & { readonly oldMs: number }>();

  /** @param headerTimeoutMs for the head of a request to arrive; then 408. */
  constructor(thread: Thread, headerTimeoutMs: number) {
    this.#shared = { thread, connections: new HttpConnections(thread), agent: new Agent(), budget: new RetryBudget() };
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headerTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(1000, headerTimeoutMs),
      noDelay: true,
    });
    this.#server.on('request', (request, response) => {
      const client = this.#clientOf(request);
      if (thread.stopping || thread.nowMs > client.oldMs) response.shouldKeepAlive = false;
      new HttpExchange(this.#shared, client, request, response);
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      new HttpUpgrade(this.#shared, this.#clientOf(request), request, socket, head);
    });
    // Connections are handed in, so it never listens; but on this event it begins to look for clients that are too slow.
    this.#server.emit('listening');
  }

  /** The connection counts as active already. */
  serve(socket: Socket, client: HttpClient): void {
    const { thread } = this.#shared;
    this.#clients.set(socket, { ...client, oldMs: oldAt(thread, client.settings.maxConnectionAgeMs) });
    socket.once('close', () => thread.counters.add('activeConnections', -1));
    this.#server.emit('connection', socket);
  }

  /** Clients between two requests are let go, and so are connections to endpoints. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
    this.#shared.connections.closeFree();
  }

  #clientOf({ socket }: IncomingMessage): HttpClient & { readonly oldMs: number } {
    return this.#clients.get(socket) as HttpClient & { readonly oldMs: number };
  }
}
