/**
 * A request's body on its way to an endpoint. What was sent is kept, while it is little, until the endpoint answers: should
 * it refuse the stream, the next endpoint gets all of it.
 */
import type { ClientHttp2Stream, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { passedOn } from './http2-headers.ts';
import { MAX_REPLAY_BYTES } from './http2-limits.ts';

export class RequestBody {
  readonly #source: ServerHttp2Stream;
  #to: ClientHttp2Stream | undefined;
  #begun = false;
  #ended = false;
  #trailers: IncomingHttpHeaders = {};
  /** undefined: it cannot be sent again. */
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  readonly #onData: (bytes: number) => void;

  /** @param onData some of it moved. */
  constructor(source: ServerHttp2Stream, onData: (bytes: number) => void) {
    this.#source = source;
    this.#onData = onData;
  }

  /** All of it can still be sent to another endpoint. */
  get repeatable(): boolean {
    return this.#kept !== undefined;
  }

  /** From its beginning. */
  sendTo(upstream: ClientHttp2Stream): void {
    const source = this.#source;
    this.#to = upstream;
    upstream.on('drain', () => {
      if (this.#to === upstream) source.resume();
    });
    upstream.on('wantTrailers', () => upstream.sendTrailers(passedOn(this.#trailers)));
    upstream.on('close', () => {
      if (this.#to === upstream) this.#hold();
    });
    for (const chunk of this.#kept ?? []) upstream.write(chunk);
    if (!this.#begun) this.#begin();
    else if (this.#ended) upstream.end();
    else source.resume();
  }

  /** It is answered, by an endpoint or by the proxy: nothing will be sent again, nor is kept waiting. */
  settle(): void {
    this.#kept = undefined;
  }

  #begin(): void {
    const source = this.#source;
    this.#begun = true;
    source.on('trailers', (trailers) => {
      this.#trailers = trailers;
    });
    source.on('data', (chunk: Buffer) => {
      this.#onData(chunk.length);
      this.#keep(chunk);
      if (this.#to?.writable && !this.#to.write(chunk)) source.pause();
    });
    source.on('end', () => {
      this.#ended = true;
      if (this.#to?.writable) this.#to.end();
    });
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    this.#keptBytes += chunk.length;
    if (this.#keptBytes > MAX_REPLAY_BYTES) this.#kept = undefined;
    else this.#kept.push(chunk);
  }

  /** Until the next endpoint. */
  #hold(): void {
    this.#to = undefined;
    if (this.#kept !== undefined) this.#source.pause();
  }
}
