/** Responses of HTTP/1.1 as their bytes come: head, body in each of the ways it can be framed, trailers. */
import { parseFields, parseHead, ResponseError, type ResponseHead, UNTOLD } from './http-head.ts';
import type { RawHeaders } from './http-headers.ts';

/** Of a head, of trailers, and of what stands beside the sizes of chunks; Node's own limit. */
const MAX_HEAD_BYTES = 16_384;
const BLANK = '\r\n\r\n';
const CR = 13;
const LF = 10;
const SEMICOLON = 59;
/** Hexadecimal digits of a size that a number holds exactly. */
const MAX_SIZE_DIGITS = 13;

// What the next byte belongs to.
const HEAD = 0;
const LENGTH = 1;
const UNTIL_CLOSE = 2;
const SIZE = 3;
const EXTENSION = 4;
const SIZE_LF = 5;
const DATA = 6;
const DATA_CR = 7;
const DATA_LF = 8;
const TRAILERS = 9;
const DONE = 10;

export interface ResponseSink {
  onHead(head: ResponseHead): void;
  /** Valid until it returns. */
  onBody(chunk: Buffer): void;
}

export class ResponseParser {
  /** Of the response that is over. */
  trailers: RawHeaders = [];
  /** For so long the connection may be kept for other requests. */
  keptSeconds = 0;
  readonly #sink: ResponseSink;
  #bodiless = false;
  #state = DONE;
  /** Text of a head or of trailers that has not ended. */
  #text = '';
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;
  #digits = 0;
  #extensions = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** @param bodiless the request is HEAD. */
  begin(bodiless: boolean): void {
    this.#bodiless = bodiless;
    this.#state = HEAD;
    this.#text = '';
    this.#extensions = 0;
    this.trailers = [];
  }

  /**
   * True once the response is over.
   * @throws ResponseError
   */
  feed(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && this.#state !== DONE) {
      if (this.#state === HEAD) at = this.#feedHead(bytes, at);
      else if (this.#state === TRAILERS) at = this.#feedTrailers(bytes, at);
      else if (this.#state === LENGTH || this.#state === DATA) at = this.#feedBody(bytes, at);
      else if (this.#state === UNTIL_CLOSE) {
        this.#sink.onBody(at === 0 ? bytes : bytes.subarray(at));
        at = bytes.length;
      } else this.#feedFrame(bytes[at++]);
    }
    // More than was asked for: nobody knows what it is part of.
    if (at < bytes.length) this.keptSeconds = 0;
    return this.#state === DONE;
  }

  /** True if the response is whole now that its connection has ended. */
  finish(): boolean {
    return this.#state === UNTIL_CLOSE;
  }

  #feedHead(bytes: Buffer, from: number): number {
    const at = this.#untilBlank(bytes, from);
    if (at < 0) return bytes.length;
    const head = parseHead(this.#text, this.#bodiless);
    this.#text = '';
    // Interim responses (RFC 9110, 15.2) are the connection's; nobody asked for another protocol.
    if (head.status === 101) throw new ResponseError('another protocol');
    if (head.status < 200) return at;
    this.keptSeconds = head.keptSeconds;
    this.#left = head.length;
    if (head.chunked) this.#expectSize();
    else this.#state = head.length === UNTOLD ? UNTIL_CLOSE : head.length === 0 ? DONE : LENGTH;
    this.#sink.onHead(head);
    return at;
  }

  #feedTrailers(bytes: Buffer, from: number): number {
    const at = this.#untilBlank(bytes, from);
    if (at < 0) return bytes.length;
    this.trailers = parseFields(this.#text, 2);
    this.#state = DONE;
    return at;
  }

  /** Adds to the text until an empty line, which is left out. Returns where it ends; -1 where it does not. */
  #untilBlank(bytes: Buffer, from: number): number {
    const before = this.#text.length;
    const text =
      this.#text + bytes.toString('latin1', from, Math.min(bytes.length, from + MAX_HEAD_BYTES + BLANK.length));
    const end = text.indexOf(BLANK, Math.max(0, before - BLANK.length));
    if ((end < 0 ? text.length - BLANK.length + 1 : end) > MAX_HEAD_BYTES)
      throw new ResponseError(`a head above ${MAX_HEAD_BYTES} bytes`);
    this.#text = end < 0 ? text : text.slice(0, end);
    return end < 0 ? -1 : from + end + BLANK.length - before;
  }

  #feedBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === LENGTH ? DONE : DATA_CR;
    this.#sink.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  /** A byte of what stands between the chunks. */
  #feedFrame(byte: number): void {
    if (this.#state === SIZE) this.#feedSize(byte);
    else if (this.#state === EXTENSION) {
      if (byte === CR) this.#state = SIZE_LF;
      else if (byte === LF || ++this.#extensions > MAX_HEAD_BYTES) throw new ResponseError('a chunk extension');
    } else if (this.#state === SIZE_LF) {
      expect(byte, LF);
      this.#state = this.#left > 0 ? DATA : TRAILERS;
      // An empty line at once is one after none.
      this.#text = '\r\n';
    } else if (this.#state === DATA_CR) {
      expect(byte, CR);
      this.#state = DATA_LF;
    } else {
      expect(byte, LF);
      this.#expectSize();
    }
  }

  #feedSize(byte: number): void {
    const digit = hexadecimal(byte);
    if (digit >= 0 && this.#digits < MAX_SIZE_DIGITS) {
      this.#left = 16 * this.#left + digit;
      this.#digits++;
    } else if (this.#digits > 0 && byte === CR) this.#state = SIZE_LF;
    else if (this.#digits > 0 && byte === SEMICOLON) this.#state = EXTENSION;
    else throw new ResponseError('no size of a chunk');
  }

  #expectSize(): void {
    this.#state = SIZE;
    this.#left = 0;
    this.#digits = 0;
  }
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw new ResponseError('no end of a line where a chunk ends');
}

/** The value of a digit; -1 where it is none. */
function hexadecimal(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
