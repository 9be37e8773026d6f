/**
 * Header blocks: one zlib stream a direction for the whole connection, so that blocks must pass in their order.
 * Source: SPDY protocol draft 3, section 2.6.10.
 */
import { constants, createDeflate, createInflate } from 'node:zlib';
import { SPDY_DICTIONARY } from './dictionary.ts';

/** A block may not unfold beyond this. */
export const HEADER_LIMIT_BYTES = 64 * 1024;

export type Headers = ReadonlyMap<string, string>;

/** A zlib stream fed one block at a time. */
class Codec {
  private readonly stream: ReturnType<typeof createInflate> | ReturnType<typeof createDeflate>;
  private chunks: Buffer[] = [];
  private bytes = 0;
  private failure: Error | undefined;

  constructor(stream: ReturnType<typeof createInflate> | ReturnType<typeof createDeflate>) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.bytes > HEADER_LIMIT_BYTES)
        this.fail(new Error(`a header block unfolds beyond ${HEADER_LIMIT_BYTES} bytes`));
      else this.chunks.push(chunk);
    });
    stream.on('error', (error) => this.fail(error));
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.stream.destroy();
  }

  /** Must not be called again before it has resolved. */
  async pass(block: Buffer): Promise<Buffer> {
    this.chunks = [];
    this.bytes = 0;
    await new Promise<void>((resolve) => {
      const done = (): void => resolve();
      this.stream.once('close', done);
      this.stream.write(block, () => {
        this.stream.flush(constants.Z_SYNC_FLUSH, () => {
          this.stream.off('close', done);
          // What was unfolded last is handed out after this callback.
          setImmediate(done);
        });
      });
    });
    if (this.failure) throw this.failure;
    return Buffer.concat(this.chunks);
  }

  close(): void {
    this.stream.destroy();
  }
}

export class HeaderReader {
  private readonly codec = new Codec(createInflate({ dictionary: SPDY_DICTIONARY }));

  /** @throws Error on a block that is broken, or too large. */
  async read(block: Buffer): Promise<Headers> {
    return parseHeaders(await this.codec.pass(block));
  }

  close(): void {
    this.codec.close();
  }
}

export class HeaderWriter {
  private readonly codec = new Codec(createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH }));

  async write(headers: Headers): Promise<Buffer> {
    return this.codec.pass(formatHeaders(headers));
  }

  close(): void {
    this.codec.close();
  }
}

function parseHeaders(block: Buffer): Headers {
  const headers = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    if (at + 4 > block.length) throw new Error('a header block ends too early');
    at += 4;
    return block.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > block.length) throw new Error('a header block ends too early');
    at += length;
    return block.toString('utf8', at - length, at);
  };
  const count = number();
  for (let i = 0; i < count; i++) {
    const name = text();
    headers.set(name, text());
  }
  return headers;
}

export function formatHeaders(headers: Headers): Buffer {
  const parts: Buffer[] = [];
  const number = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    parts.push(bytes);
  };
  number(headers.size);
  for (const pair of headers) {
    for (const word of pair) {
      const bytes = Buffer.from(word);
      number(bytes.length);
      parts.push(bytes);
    }
  }
  return Buffer.concat(parts);
}
