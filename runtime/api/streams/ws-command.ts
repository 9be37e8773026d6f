/**
 * exec and attach over WebSocket: binary messages whose first byte is the channel. Version 5 can close a channel, which
 * is how stdin ends; older ones end stdin with the connection. The oldest tells failures only, as text. Source: Kubernetes v1.36,
 * apimachinery/pkg/util/remotecommand/constants.go, streaming/wsstream.
 */
import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Status } from '../http/status.ts';
import { type CommandChannels, parseSize, type RemoteCommand, type TerminalSize } from './remote-command.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE_CHANNEL = 255;

/** Newest first. The base64 forms are for browsers. */
export const COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  '',
];

/** Bytes a client may be behind before the command is held back. */
const BEHIND_LIMIT = 1024 * 1024;

export function overWebSocket(socket: WebSocket, channels: CommandChannels): RemoteCommand {
  const stdin = new PassThrough();
  const gone = new AbortController();
  const listeners: ((size: TerminalSize) => void)[] = [];
  // Sizes that come before anybody listens: the last one counts.
  let size: TerminalSize | undefined;
  socket.on('message', (data, isBinary) => {
    const bytes = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
    if (bytes.length === 0 || !isBinary) return;
    const body = bytes.subarray(1);
    if (bytes[0] === STDIN && !stdin.writableEnded) {
      if (!stdin.write(body)) {
        socket.pause();
        stdin.once('drain', () => socket.resume());
      }
    } else if (bytes[0] === RESIZE) {
      size = parseSize(body.toString()) ?? size;
      if (size) for (const listener of listeners) listener(size);
    } else if (bytes[0] === CLOSE_CHANNEL && body[0] === STDIN) {
      stdin.end();
    }
  });
  socket.on('close', () => {
    stdin.end();
    gone.abort();
  });
  socket.on('error', () => socket.terminate());
  return {
    stdin: channels.stdin ? stdin : undefined,
    stdout: channels.stdout ? outgoing(socket, STDOUT) : undefined,
    stderr: channels.stderr && !channels.tty ? outgoing(socket, STDERR) : undefined,
    gone: gone.signal,
    onResize(listener) {
      listeners.push(listener);
      if (size) listener(size);
    },
    finish: (status) => finish(socket, tellsStatus(socket.protocol) ? JSON.stringify(status) : failureOf(status)),
  };
}

function outgoing(socket: WebSocket, channel: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== socket.OPEN) {
        done();
        return;
      }
      const sent = (error?: Error | null): void => done(error ?? null);
      const message = Buffer.concat([Buffer.of(channel), chunk]);
      // Below the limit the next piece may follow at once; above it, when this one has left.
      if (socket.bufferedAmount < BEHIND_LIMIT) {
        socket.send(message);
        done();
      } else {
        socket.send(message, sent);
      }
    },
  });
}

function tellsStatus(protocol: string): boolean {
  return /^v[45]\./.test(protocol);
}

function failureOf({ status, message }: Status): string {
  return status === 'Success' ? '' : (message ?? '');
}

/** @param told '' for nothing to tell. */
function finish(socket: WebSocket, told: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) {
      resolve();
      return;
    }
    socket.once('close', () => resolve());
    if (told === '') socket.close(1000);
    else socket.send(Buffer.concat([Buffer.of(ERROR), Buffer.from(told)]), () => socket.close(1000));
  });
}
