/**
 * exec and attach over SPDY, as kubectl 1.27 to 1.29 and every fall-back speak them: a stream a channel, named by its
 * header `streamtype`. Source: Kubernetes v1.36, kubelet/pkg/cri/streaming/remotecommand/httpstream.go.
 */
import { PassThrough } from 'node:stream';
import { timeout } from '../http/status.ts';
import { type CommandChannels, parseSize, type RemoteCommand, type TerminalSize } from './remote-command.ts';
import type { SpdyConnection, SpdyStream } from './spdy/connection.ts';

/** Newest first. Before version 4 the end of a command was a text, not a Status. */
export const SPDY_COMMAND_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

const CREATION_MS = 30_000;

/** Waits until the client has opened all streams it must. @throws ApiError when it takes longer than half a minute. */
export async function overSpdy(connection: SpdyConnection, channels: CommandChannels): Promise<RemoteCommand> {
  const streams = await expectStreams(connection, expected(channels));
  const gone = new AbortController();
  connection.on('close', () => gone.abort());
  for (const stream of streams.values()) stream.on('error', () => connection.close());
  const sizes = new Sizes(streams.get('resize'));
  const stdin = streams.get('stdin');
  // The client sends nothing on these, but their ends must be read.
  for (const name of ['error', 'stdout', 'stderr']) streams.get(name)?.resume();
  return {
    stdin: stdin?.pipe(new PassThrough()),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    gone: gone.signal,
    onResize: (listener) => sizes.listen(listener),
    async finish(status) {
      await Promise.all(['stdout', 'stderr'].map((name) => ended(streams.get(name))));
      const error = streams.get('error');
      error?.write(JSON.stringify(status));
      await ended(error);
      connection.close();
    },
  };
}

function expected({ stdin, stdout, stderr, tty }: CommandChannels): Set<string> {
  const names = new Set(['error']);
  if (stdin) names.add('stdin');
  if (stdout) names.add('stdout');
  if (stderr && !tty) names.add('stderr');
  if (tty) names.add('resize');
  return names;
}

function expectStreams(connection: SpdyConnection, names: ReadonlySet<string>): Promise<Map<string, SpdyStream>> {
  const streams = new Map<string, SpdyStream>();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      connection.close();
      reject(timeout('the client has not opened its streams in time'));
    }, CREATION_MS);
    connection.on('stream', (stream) => {
      streams.set(stream.headers.get('streamtype') ?? '', stream);
      if ([...names].some((name) => !streams.has(name))) return;
      clearTimeout(timer);
      resolve(streams);
    });
    connection.on('close', () => {
      clearTimeout(timer);
      reject(timeout('the client went away before it had opened its streams'));
    });
  });
}

/** A line of JSON a size. */
class Sizes {
  private readonly listeners: ((size: TerminalSize) => void)[] = [];
  private last: TerminalSize | undefined;
  private rest = '';

  constructor(stream: SpdyStream | undefined) {
    stream?.on('data', (bytes: Buffer) => this.take(bytes.toString()));
  }

  private take(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, 1024);
    for (const line of lines) {
      const size = parseSize(line);
      if (!size) continue;
      this.last = size;
      for (const listener of this.listeners) listener(size);
    }
  }

  listen(listener: (size: TerminalSize) => void): void {
    this.listeners.push(listener);
    if (this.last) listener(this.last);
  }
}

function ended(stream: SpdyStream | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (!stream || stream.destroyed || stream.writableFinished) resolve();
    else stream.end(() => resolve());
  });
}
