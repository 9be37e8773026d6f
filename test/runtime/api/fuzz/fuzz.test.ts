/** Requests that are nearly right: never a fault of the server, never a crash, and nothing is kept that should not be. */
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startApi } from '../../../support/api-server.ts';
import { fuzz } from './fuzz.ts';

const REQUESTS = 3000;
/** Of the heap between a third of the requests and all of them: what is compiled meanwhile, and no more. */
const GROWTH_MB = 12;

test('objects of every kind with something wrong in them, by every verb', async () => {
  const property = fc.asyncProperty(fc.noShrink(fc.nat()), async (seed) => {
    const { faults, codes, heapBefore, heapAfter } = await fuzz({ requests: REQUESTS, seed });
    assert.equal(faults, []);
    // The server was reached, and not only its refusals.
    for (const code of [200, 201, 400, 404, 409, 422]) assert.ok(codes[code] > 0, `no answer was a ${code}`);
    assert.ok(heapAfter - heapBefore < GROWTH_MB, `the heap grew from ${heapBefore} MB to ${heapAfter} MB`);
  });
  await fc.assert(property, { numRuns: 1 });
});

/** Bytes on the connection itself, past what an HTTP client lets through. */
const BYTES: readonly (readonly [sentence: string, bytes: string])[] = [
  ['no HTTP at all', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['a request line that is none', 'GET\r\n\r\n'],
  ['an unknown method', 'BREW /api/v1/pods HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no host', 'GET /version HTTP/1.1\r\n\r\n'],
  ['a header without a colon', 'GET /version HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'],
  ['a NUL in a header', 'GET /version HTTP/1.1\r\nHost: a\r\nAccept: a\0b\r\n\r\n'],
  ['headers without end', `GET /version HTTP/1.1\r\nHost: a\r\n${'X-A: b\r\n'.repeat(5000)}\r\n`],
  ['a length that is none', 'POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n'],
  [
    'a length larger than any body',
    'POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n',
  ],
  ['two lengths', 'POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  [
    'a chunk whose size is none',
    'POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ],
  [
    'a length and chunks',
    'POST /api/v1/namespaces HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a path that is no path', 'GET http://[::1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ['a star for a path', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an upgrade to nothing known', 'GET /api/v1/pods HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
  [
    'an upgrade where there is none',
    'GET /version HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  ],
  [
    'an impersonation of nobody',
    'GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\nImpersonate-Group: system:masters\r\n\r\n',
  ],
  [
    'an impersonation with a broken name',
    'GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\nImpersonate-User: a\r\nImpersonate-Extra-%zz: b\r\n\r\n',
  ],
  [
    'a token that is none',
    'GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer a.b.c\r\n\r\n',
  ],
];

test('bytes that are no request end their connection, and no other', async () => {
  const api = await startApi();
  try {
    const { hostname, port } = new URL(api.url);
    for (const [sentence, bytes] of BYTES) {
      const answer = await answered(connect(Number(port), hostname), bytes);
      assert.not.match(answer, /^HTTP\/1\.1 5/, sentence);
      assert.is((await api.get('/readyz')).text, 'ok', sentence);
    }
    assert.equal(api.problems, []);
  } finally {
    await api.close();
  }
});

/** All that comes back until the server ends the connection, or an answer is there. */
function answered(socket: Socket, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n\r\n')) done();
    });
    socket.on('error', done);
    socket.on('close', done);
    socket.write(Buffer.from(bytes, 'latin1'));
    socket.end();
  });
}

test.run();
