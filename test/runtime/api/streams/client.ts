/** A server of one pod, and clients that speak SPDY and WebSocket to it as kubectl does. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { KubeObject } from '../../../../core/index.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import {
  controlFrame,
  dataHeader,
  FLAG_FIN,
  FrameCutter,
  numbers,
  SYN_REPLY,
  SYN_STREAM,
} from '../../../../runtime/api/streams/spdy/frames.ts';
import { HeaderReader, HeaderWriter } from '../../../../runtime/api/streams/spdy/headers.ts';
import { serveUpgrade } from '../../../../runtime/api/streams/upgrade.ts';
import { MadeUpStreams } from '../../../../runtime/node/made-up/streams.ts';

export const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80 }], env: [{ name: 'COLOUR', value: 'red' }] }],
  },
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'a', ready: true, state: { running: { startedAt: '2026-01-01T00:00:00Z' } } }],
  },
} as unknown as KubeObject;

export const START_MS = Date.parse('2026-01-01T00:00:00Z');

export interface PodServer {
  port: number;
  close(): Promise<void>;
}

/** Serves /exec, /attach, /portforward and /log of the pod. */
export async function servePod(pod: KubeObject = POD): Promise<PodServer> {
  const streams = new MadeUpStreams(() => START_MS + 5000);
  const server: Server = createServer();
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    sockets.add(socket);
    const url = new URL(request.url ?? '', 'http://localhost');
    const subresource = url.pathname.slice(1) as 'exec';
    const nowMs = START_MS + 5000;
    serveUpgrade({ request, socket, head, pod, subresource, query: url.searchParams, streams, nowMs }).catch(
      (error) => {
        const text = JSON.stringify(error instanceof ApiError ? error.status : { message: String(error), code: 500 });
        const code = error instanceof ApiError ? error.code : 500;
        socket.end(
          `HTTP/1.1 ${code} No\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
        );
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

// --- SPDY ----------------------------------------------------------------------------------------------------------

export interface ClientStream {
  id: number;
  received: Buffer[];
  ended: boolean;
}

/** Opens streams, sends, and gathers what comes. */
export class SpdyClient {
  readonly socket: Duplex;
  readonly streams = new Map<number, ClientStream>();
  readonly resets: number[] = [];
  private readonly writer = new HeaderWriter();
  private readonly reader = new HeaderReader();
  private readonly cutter = new FrameCutter();
  private nextId = 1;

  constructor(socket: Duplex, head: Buffer) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.take(bytes));
    socket.on('error', () => {});
    this.take(head);
  }

  private take(bytes: Buffer): void {
    for (const frame of this.cutter.cut(bytes)) {
      if (frame.control) {
        if (frame.type === SYN_REPLY) void this.reader.read(frame.body.subarray(4));
        if (frame.type === 3) this.resets.push(frame.body.readUInt32BE(0));
        continue;
      }
      const stream = this.streams.get(frame.stream);
      stream?.received.push(Buffer.from(frame.body));
      if (stream && frame.fin) stream.ended = true;
    }
  }

  async open(headers: Record<string, string>): Promise<ClientStream> {
    const stream = { id: this.nextId, received: [], ended: false };
    this.nextId += 2;
    this.streams.set(stream.id, stream);
    const block = await this.writer.write(new Map(Object.entries(headers)));
    const body = Buffer.concat([numbers(stream.id, 0), Buffer.alloc(2), block]);
    this.socket.write(controlFrame(SYN_STREAM, 0, body));
    return stream;
  }

  send({ id }: ClientStream, bytes: Buffer | string, fin = false): void {
    const body = Buffer.from(bytes);
    this.socket.write(Buffer.concat([dataHeader(id, fin ? FLAG_FIN : 0, body.length), body]));
  }

  /** Resolves when the server has ended the stream. */
  async end(stream: ClientStream): Promise<string> {
    while (!stream.ended && !this.socket.destroyed && !this.socket.readableEnded)
      await new Promise((next) => setTimeout(next, 2));
    return Buffer.concat(stream.received).toString();
  }
}

export async function connectSpdy(port: number, path: string, protocol: string): Promise<SpdyClient> {
  const request = httpRequest({
    port,
    path,
    method: 'POST',
    headers: { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocol },
  });
  request.end();
  const [, socket, head] = await once(request, 'upgrade');
  return new SpdyClient(socket, head);
}

/** The refusal of an upgrade: its code and message. */
export async function refused(port: number, path: string, headers: Record<string, string>): Promise<[number, string]> {
  const request = httpRequest({ port, path, method: 'POST', headers: { Connection: 'Upgrade', ...headers } });
  request.end();
  const [response] = await once(request, 'response');
  let text = '';
  for await (const part of response) text += part;
  return [response.statusCode, JSON.parse(text).message];
}

// --- WebSocket -----------------------------------------------------------------------------------------------------

export interface Message {
  channel: number;
  text: string;
}

export interface WebSocketRun {
  messages: Message[];
  /** What came on a channel, joined. */
  text(channel: number): string;
  closeCode: number;
  protocol: string;
}

/** Runs until the server closes; `say` sends once the socket is open. */
export async function runWebSocket(
  port: number,
  path: string,
  protocols: string[],
  say?: (socket: WebSocket) => void,
): Promise<WebSocketRun> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push({ channel: data[0], text: data.toString('utf8', 1) }));
  await once(socket, 'open');
  say?.(socket);
  const [closeCode] = await once(socket, 'close');
  const text = (channel: number): string =>
    messages
      .filter((message) => message.channel === channel)
      .map((message) => message.text)
      .join('');
  return { messages, text, closeCode, protocol: socket.protocol };
}
