/**
 * Upgrades of pods/exec, attach, portforward and log: which protocol the client speaks, and what is run over it. The
 * caller has authenticated, authorized and found the pod. Source: Kubernetes v1.36, apiserver/pkg/util/proxy.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { KubeObject } from '../../../core/index.ts';
import type { CommandStreams, LogOptions, PodStreams } from '../../node/pod-streams.ts';
import { ApiError, badRequest, failure } from '../http/status.ts';
import { chooseContainer, commandChannels, logOptions, requireNode } from './options.ts';
import { type Forward, forwardPorts, PORT_FORWARD_PROTOCOL } from './port-forward.ts';
import { type CommandChannels, exitStatus, type RemoteCommand } from './remote-command.ts';
import { SpdyConnection } from './spdy/connection.ts';
import { overSpdy, SPDY_COMMAND_PROTOCOLS } from './spdy-command.ts';
import { tunnel } from './tunnel.ts';
import { COMMAND_PROTOCOLS, overWebSocket } from './ws-command.ts';
import { forwardChannels, PORT_CHANNEL_PROTOCOLS, portsOf } from './ws-ports.ts';

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  /** What came behind the request's head. */
  head: Buffer;
  pod: KubeObject;
  subresource: 'exec' | 'attach' | 'portforward' | 'log';
  query: URLSearchParams;
  streams: PodStreams;
  nowMs: number;
}

/** Resolves when the stream is over. @throws ApiError before anything was answered: the caller writes it as a Status. */
export async function serveUpgrade(upgrade: Upgrade): Promise<void> {
  const { request, pod, subresource } = upgrade;
  requireNode(pod);
  const to = (request.headers.upgrade ?? '').toLowerCase();
  if (subresource === 'log') return serveLog(upgrade, to);
  if (subresource === 'portforward') return servePorts(upgrade, to);
  return serveCommand(upgrade, to);
}

const TUNNEL = `SPDY/3.1+${PORT_FORWARD_PROTOCOL}`;

function offered(request: IncomingMessage, header: string): string[] {
  const value = request.headers[header];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).split(',').map((name) => name.trim());
}

// --- exec and attach -----------------------------------------------------------------------------------------------

async function serveCommand(upgrade: Upgrade, to: string): Promise<void> {
  const { request, pod, subresource, query, streams } = upgrade;
  const channels = commandChannels(query);
  const container = chooseContainer(pod, query.get('container'));
  const command = query.getAll('command');
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least 1 command to execute');
  const remote =
    to === 'websocket'
      ? overWebSocket(await acceptWebSocket(upgrade, COMMAND_PROTOCOLS), channels)
      : await spdyCommand(upgrade, to, channels);
  const run: CommandStreams = { ...pick(remote), tty: channels.tty };
  const work =
    subresource === 'exec' ? streams.exec(pod, container, command, run) : streams.attach(pod, container, run);
  // A client that went away is no failure, and nobody is left to be told.
  await remote.finish(await work.then(exitStatus, statusOf));
  request.socket.destroySoon();
}

function pick({ stdin, stdout, stderr, gone, onResize }: RemoteCommand): Omit<CommandStreams, 'tty'> {
  return { stdin, stdout, stderr, gone, onResize };
}

function statusOf(error: unknown): ReturnType<typeof failure> {
  if (error instanceof ApiError) return error.status;
  return failure(500, 'InternalError', error instanceof Error ? error.message : String(error));
}

async function spdyCommand(upgrade: Upgrade, to: string, channels: CommandChannels): Promise<RemoteCommand> {
  return overSpdy(acceptSpdy(upgrade, to, SPDY_COMMAND_PROTOCOLS), channels);
}

// --- port-forward --------------------------------------------------------------------------------------------------

async function servePorts(upgrade: Upgrade, to: string): Promise<void> {
  const { request, pod, query, streams } = upgrade;
  const forward: Forward = (port, client) => streams.forward(pod, port, client);
  if (to === 'websocket' && !offered(request, 'sec-websocket-protocol').includes(TUNNEL)) {
    const ports = portsOf(query);
    return forwardChannels(await acceptWebSocket(upgrade, PORT_CHANNEL_PROTOCOLS), ports, forward);
  }
  const connection =
    to === 'websocket'
      ? new SpdyConnection(tunnel(await acceptTunnel(upgrade)))
      : acceptSpdy(upgrade, to, [PORT_FORWARD_PROTOCOL]);
  await forwardPorts(connection, forward);
}

/** `ws` refuses the protocol's name for its slash, so the name is taken out of its sight and answered by hand. */
function acceptTunnel({ request, socket, head }: Upgrade): Promise<WebSocket> {
  delete request.headers['sec-websocket-protocol'];
  const server = new WebSocketServer({ noServer: true });
  server.on('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${TUNNEL}`));
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}

// --- log -----------------------------------------------------------------------------------------------------------

const LOG_PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io', ''];

async function serveLog(upgrade: Upgrade, to: string): Promise<void> {
  const { pod, query, nowMs, streams } = upgrade;
  if (to !== 'websocket') throw badRequest('a log is followed over WebSocket or without an upgrade');
  const options: LogOptions = logOptions(pod, query, nowMs);
  const socket = await acceptWebSocket(upgrade, LOG_PROTOCOLS);
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  socket.on('error', () => socket.terminate());
  try {
    for await (const piece of streams.logs(pod, options, gone.signal)) {
      if (piece.length === 0) continue;
      if (gone.signal.aborted) break;
      const message = socket.protocol === 'base64.binary.k8s.io' ? Buffer.from(piece).toString('base64') : piece;
      await new Promise<void>((sent) => socket.send(message, () => sent()));
    }
    socket.close(1000);
  } catch (error) {
    socket.close(1011, Buffer.from(error instanceof Error ? error.message : String(error)).subarray(0, 120));
  }
}

// --- accepting -----------------------------------------------------------------------------------------------------

function acceptWebSocket({ request, socket, head }: Upgrade, protocols: readonly string[]): Promise<WebSocket> {
  const asked = offered(request, 'sec-websocket-protocol').filter((name) => name !== '');
  const chosen = asked.length === 0 ? '' : protocols.find((name) => asked.includes(name));
  if (chosen === undefined) {
    throw badRequest(
      `unable to negotiate a WebSocket protocol: asked [${asked.join(' ')}], spoken [${protocols.join(' ').trim()}]`,
    );
  }
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => chosen || false });
  return new Promise((resolve, reject) => {
    server.once('wsClientError', (error) => reject(badRequest(error.message)));
    server.handleUpgrade(request, socket, head, resolve);
  });
}

function acceptSpdy({ request, socket, head }: Upgrade, to: string, protocols: readonly string[]): SpdyConnection {
  if (to !== 'spdy/3.1') throw badRequest('Upgrade request required: SPDY/3.1 or websocket');
  const asked = offered(request, 'x-stream-protocol-version');
  const chosen = protocols.find((name) => asked.includes(name));
  if (chosen === undefined) {
    throw badRequest(
      `unable to upgrade: client supports [${asked.join(' ')}], server accepts [${protocols.join(' ')}]`,
    );
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${chosen}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return new SpdyConnection(socket);
}
