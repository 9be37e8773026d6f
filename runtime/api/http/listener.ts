/** The server's ear: HTTPS (HTTP/2 and HTTP/1.1) or plain HTTP/1.1, its time limits, and how it closes. */
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Handler } from './handler.ts';
import { type Certificates, createHttpsServer, type HttpSettings } from './secure-server.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** Idle connections are kept: clients come back. */
const KEEP_ALIVE_MS = 90_000;
const MAX_HEADER_BYTES = 64 * 1024;

export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param certificates undefined: plain HTTP. */
  constructor(handler: Handler, certificates: Certificates | undefined) {
    const settings: HttpSettings = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    };
    this.#server = certificates ? createHttpsServer(certificates, settings) : createHttpServer(settings);
    this.#server.on('request', (request, response) => void handler.handle(request, response));
    this.#server.on('upgrade', (request, socket, head) => void handler.upgrade(request, socket, head));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
      else socket.end(`HTTP/1.1 ${codeOf(error)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
  }

  /** @returns the port. @param port 0: any that is free. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes no more connections, lets requests end for a while, then ends what is left. */
  async close(graceMs: number): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }
}

function codeOf({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}
