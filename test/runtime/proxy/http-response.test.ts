/** What a response is, and what is none: read as strictly as a connection that others use next must be. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ResponseError, type ResponseHead } from '../../../runtime/proxy/userspace/http-head.ts';
import { ResponseParser } from '../../../runtime/proxy/userspace/http-response.ts';

interface Read {
  status: number;
  headers: string[];
  body: string;
  trailers: string[];
  over: boolean;
  keptSeconds: number;
}

/** `pieces` come one by one; `ends`: then the connection ends. */
function read(pieces: readonly string[], { bodiless = false, ends = false } = {}): Read {
  const heard: Read = { status: 0, headers: [], body: '', trailers: [], over: false, keptSeconds: -1 };
  const parser = new ResponseParser({
    onHead({ status, headers }: ResponseHead) {
      heard.status = status;
      heard.headers = [...headers];
    },
    onBody(chunk) {
      heard.body += chunk.toString('latin1');
    },
  });
  parser.begin(bodiless);
  for (const piece of pieces) if (parser.feed(Buffer.from(piece, 'latin1'))) heard.over = true;
  if (ends && !heard.over) heard.over = parser.finish();
  if (heard.over) [heard.trailers, heard.keptSeconds] = [[...parser.trailers], parser.keptSeconds];
  return heard;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const FOREVER = Number.POSITIVE_INFINITY;

const whole: { name: string; said: string; bodiless?: boolean; ends?: boolean; is: Partial<Read> }[] = [
  {
    name: 'a body of a told length',
    said: `${OK}A: b\r\nContent-Length: 3\r\n\r\nabc`,
    is: { status: 200, headers: ['A', 'b', 'Content-Length', '3'], body: 'abc', over: true, keptSeconds: FOREVER },
  },
  { name: 'a body of length 0', said: `${OK}Content-Length: 0\r\n\r\n`, is: { body: '', over: true } },
  { name: 'a byte short is not over', said: `${OK}Content-Length: 3\r\n\r\nab`, ends: true, is: { over: false } },
  {
    name: 'bytes after the end are not of the body, and the connection is not kept',
    said: `${OK}Content-Length: 3\r\n\r\nabcd`,
    is: { body: 'abc', over: true, keptSeconds: 0 },
  },
  {
    name: 'chunks, with extensions, upper and lower digits, and trailers',
    said: `${OK}Transfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123456789\r\nb\r\n01234567890\r\n0\r\nT: 1\r\nU:\r\n\r\n`,
    is: { body: '012345678901234567890', trailers: ['T', '1', 'U', ''], over: true, keptSeconds: FOREVER },
  },
  {
    name: 'the last chunk without trailers',
    said: `${OK}transfer-encoding: Chunked\r\n\r\n0\r\n\r\n`,
    is: { body: '', trailers: [], over: true },
  },
  {
    name: 'chunks that lack their end are not over when the connection ends',
    said: `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
    ends: true,
    is: { body: 'a', over: false },
  },
  {
    name: 'a body that lasts until the connection ends',
    said: `${OK}\r\nabc`,
    ends: true,
    is: { body: 'abc', over: true, keptSeconds: 0 },
  },
  { name: 'the same while it has not ended', said: `${OK}\r\nabc`, is: { body: 'abc', over: false } },
  {
    name: 'an answer to HEAD has no body, whatever length it says',
    said: `${OK}Content-Length: 9\r\n\r\n`,
    bodiless: true,
    is: { body: '', over: true, keptSeconds: FOREVER },
  },
  {
    name: '204 has no body',
    said: 'HTTP/1.1 204 No Content\r\n\r\n',
    is: { status: 204, over: true, keptSeconds: FOREVER },
  },
  { name: '304 has no body', said: 'HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n', is: { status: 304, over: true } },
  {
    name: 'interim responses go by',
    said: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
    is: { status: 200, headers: ['Content-Length', '1'], body: 'a', over: true },
  },
  {
    name: 'HTTP/1.0 ends its connection',
    said: 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n',
    is: { over: true, keptSeconds: 0 },
  },
  {
    name: 'HTTP/1.0 that keeps it says so',
    said: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: max=9, timeout=7\r\nContent-Length: 0\r\n\r\n',
    is: { over: true, keptSeconds: 7 },
  },
  {
    name: 'connection: close among others',
    said: `${OK}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`,
    is: { over: true, keptSeconds: 0 },
  },
  {
    name: 'blanks around a value go, other white space is of its text',
    said: `${OK}A: \t b\xa0 \r\nContent-Length: 0\r\n\r\n`,
    is: { headers: ['A', 'b\xa0', 'Content-Length', '0'] },
  },
  {
    name: 'a head of just 16 KiB',
    said: `${OK}A: ${'x'.repeat(16_384 - 39)}\r\nContent-Length: 0\r\n\r\n`,
    is: { over: true },
  },
];
for (const { name, said, bodiless, ends, is } of whole) {
  test(`a response: ${name}`, () => {
    const wanted = (heard: Read): Partial<Read> =>
      Object.fromEntries(Object.keys(is).map((key) => [key, heard[key as keyof Read]]));
    assert.equal(wanted(read([said], { bodiless, ends })), is, 'at once');
    assert.equal(wanted(read([...said], { bodiless, ends })), is, 'a byte at a time');
  });
}

const none: { name: string; said: string }[] = [
  { name: 'another protocol', said: 'SSH-2.0-x\r\n\r\n' },
  { name: 'another version', said: 'HTTP/2.0 200 OK\r\n\r\n' },
  { name: 'a status of two digits', said: 'HTTP/1.1 20 OK\r\n\r\n' },
  { name: 'a status below 100', said: 'HTTP/1.1 099 OK\r\n\r\n' },
  { name: 'a switch that nobody asked for', said: 'HTTP/1.1 101 Switching\r\n\r\n' },
  { name: 'an empty line first', said: `\r\n${OK}\r\n` },
  { name: 'a line that ends with a line feed alone', said: 'HTTP/1.1 200 OK\nA: b\r\n\r\n' },
  { name: 'a carriage return in a value', said: `${OK}A: b\rc\r\n\r\n` },
  { name: 'a zero byte in a value', said: `${OK}A: b\0\r\n\r\n` },
  { name: 'a field without a colon', said: `${OK}A\r\nB: c\r\n\r\n` },
  { name: 'a field without a name', said: `${OK}: b\r\n\r\n` },
  { name: 'a blank before the colon', said: `${OK}A : b\r\n\r\n` },
  { name: 'a folded line', said: `${OK}A: b\r\n c\r\n\r\n` },
  { name: 'two lengths', said: `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\na` },
  { name: 'one length twice', said: `${OK}Content-Length: 1\r\nContent-Length: 1\r\n\r\na` },
  { name: 'a list of lengths', said: `${OK}Content-Length: 1, 1\r\n\r\na` },
  { name: 'a length below 0', said: `${OK}Content-Length: -1\r\n\r\n` },
  { name: 'a length with a sign', said: `${OK}Content-Length: +1\r\n\r\na` },
  { name: 'a length beyond what is exact', said: `${OK}Content-Length: ${'9'.repeat(16)}\r\n\r\n` },
  { name: 'no length', said: `${OK}Content-Length:\r\n\r\n` },
  { name: 'a length and chunks', said: `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n` },
  { name: 'chunked twice', said: `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n` },
  { name: 'a transfer coding that is not undone here', said: `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n` },
  { name: 'a chunk without a size', said: `${OK}Transfer-Encoding: chunked\r\n\r\n\r\n` },
  { name: 'a size that is none', said: `${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\n` },
  { name: 'a size with a blank behind it', said: `${OK}Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n` },
  { name: 'a size beyond what is exact', said: `${OK}Transfer-Encoding: chunked\r\n\r\n${'1'.repeat(14)}\r\n` },
  { name: 'a size that ends with a line feed alone', said: `${OK}Transfer-Encoding: chunked\r\n\r\n1\na\r\n` },
  { name: 'an extension that does', said: `${OK}Transfer-Encoding: chunked\r\n\r\n1;x\na\r\n` },
  { name: 'a chunk longer than its size', said: `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n` },
  { name: 'a trailer without a name', said: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n: b\r\n\r\n` },
  { name: 'a head of 16 KiB and a byte', said: `${OK}A: ${'x'.repeat(16_384 - 38)}\r\nContent-Length: 0\r\n\r\n` },
  { name: 'a head without end', said: `${OK}${'A: b\r\n'.repeat(3000)}` },
  { name: 'trailers without end', said: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'A: b\r\n'.repeat(3000)}` },
  { name: 'extensions without end', said: `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(17_000)}` },
];
for (const { name, said } of none) {
  test(`no response: ${name}`, () => {
    assert.throws(
      () => read([said]),
      (error: Error) => error instanceof ResponseError,
    );
    assert.throws(
      () => read([...said]),
      (error: Error) => error instanceof ResponseError,
    );
  });
}

test.run();
