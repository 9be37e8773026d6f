/**
 * One SPDY/3.1 connection: streams that the peer opens, as Node's duplex streams. The Go peer does no flow control of
 * its own, so the socket's is the only one: while any stream is not read, nothing is.
 * Source: github.com/moby/spdystream as kubectl uses it, read for its behaviour on the wire.
 */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import {
  controlFrame,
  dataHeader,
  FLAG_FIN,
  type Frame,
  FrameCutter,
  GOAWAY,
  numbers,
  PING,
  RST_STREAM,
  SYN_REPLY,
  SYN_STREAM,
} from './frames.ts';
import { HeaderReader, type Headers, HeaderWriter } from './headers.ts';

/** Streams open at once in a connection; port-forward needs two for each client. */
export const STREAMS_LIMIT = 2048;
const REFUSED_STREAM = 3;
const CANCEL = 5;

export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Headers;
  private readonly connection: SpdyConnection;
  /** No frame may leave before the reply that opens the stream from our side. */
  readonly opened: Promise<void>;

  constructor(connection: SpdyConnection, id: number, headers: Headers, opened: Promise<void>) {
    super({ allowHalfOpen: true });
    this.connection = connection;
    this.id = id;
    this.headers = headers;
    this.opened = opened;
  }

  override _read(): void {
    this.connection.released(this);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.connection.sendData(this, chunk, false).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.connection.sendData(this, Buffer.alloc(0), true).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connection.forget(this);
    done(error);
  }
}

interface Events {
  stream: [stream: SpdyStream];
  close: [];
}

export class SpdyConnection extends EventEmitter<Events> {
  private readonly socket: Duplex;
  private readonly cutter = new FrameCutter();
  private readonly reader = new HeaderReader();
  private readonly writer = new HeaderWriter();
  private readonly streams = new Map<number, SpdyStream>();
  private readonly held = new Set<SpdyStream>();
  /** Frames are worked off one after the other: unfolding headers takes its time. */
  private work: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(socket: Duplex) {
    super();
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.take(bytes));
    socket.on('error', () => this.close());
    socket.on('end', () => this.close());
    socket.on('close', () => this.close());
  }

  private take(bytes: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.cutter.cut(bytes);
    } catch {
      // What follows cannot be told from noise: the connection is over.
      this.close();
      return;
    }
    this.socket.pause();
    this.work = this.work.then(async () => {
      for (const frame of frames) await this.handle(frame);
      this.resume();
    });
    this.work = this.work.catch(() => this.close());
  }

  private async handle(frame: Frame): Promise<void> {
    if (this.closed) return;
    if (!frame.control) this.receive(frame.stream, frame.body, frame.fin);
    else if (frame.type === SYN_STREAM) await this.open(frame.flags, frame.body);
    else if (frame.type === RST_STREAM && frame.body.length >= 4)
      this.streams.get(frame.body.readUInt32BE(0))?.destroy();
    else if (frame.type === PING) this.send(controlFrame(PING, 0, frame.body));
    else if (frame.type === GOAWAY && this.streams.size === 0) this.close();
    // SETTINGS, HEADERS and WINDOW_UPDATE say nothing that is needed here.
  }

  private async open(flags: number, body: Buffer): Promise<void> {
    if (body.length < 10) throw new Error('a SYN_STREAM frame ends too early');
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.reader.read(body.subarray(10));
    if (this.streams.has(id) || this.streams.size >= STREAMS_LIMIT) {
      this.send(controlFrame(RST_STREAM, 0, numbers(id, REFUSED_STREAM)));
      return;
    }
    const opened = this.writer.write(new Map()).then((block) => {
      this.send(controlFrame(SYN_REPLY, 0, Buffer.concat([numbers(id), block])));
    });
    const stream = new SpdyStream(this, id, headers, opened);
    this.streams.set(id, stream);
    await opened;
    this.emit('stream', stream);
    if (flags & FLAG_FIN) stream.push(null);
  }

  private receive(id: number, body: Buffer, fin: boolean): void {
    const stream = this.streams.get(id);
    if (!stream || stream.readableEnded) {
      if (!stream && !fin) this.send(controlFrame(RST_STREAM, 0, numbers(id, CANCEL)));
      return;
    }
    if (body.length > 0 && !stream.push(body)) this.held.add(stream);
    if (fin) stream.push(null);
  }

  /** A stream wants more. */
  released(stream: SpdyStream): void {
    if (this.held.delete(stream)) this.resume();
  }

  forget(stream: SpdyStream): void {
    this.streams.delete(stream.id);
    this.released(stream);
  }

  private resume(): void {
    if (this.held.size === 0 && !this.closed) this.socket.resume();
  }

  /** Resolves when the socket takes more. */
  async sendData(stream: SpdyStream, bytes: Buffer, fin: boolean): Promise<void> {
    await stream.opened;
    if (this.closed) throw new Error('the connection is closed');
    this.send(dataHeader(stream.id, fin ? FLAG_FIN : 0, bytes.length));
    if (bytes.length === 0 || this.send(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off('drain', done);
        this.socket.off('close', done);
        resolve();
      };
      this.socket.on('drain', done);
      this.socket.on('close', done);
    });
  }

  private send(bytes: Buffer): boolean {
    return this.closed || this.socket.writableEnded ? true : this.socket.write(bytes);
  }

  /** Ends every stream and the socket. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const stream of [...this.streams.values()]) stream.destroy();
    this.reader.close();
    this.writer.close();
    // Sockets of an upgrade stay half open for ever unless they are ended here.
    this.socket.end();
    this.emit('close');
  }
}
