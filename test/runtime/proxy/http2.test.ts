/** HTTP/2 through a data plane, each stream by itself: what endpoints and clients do to each other. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { UserspaceOptions, UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import {
  Backend,
  closeOpened,
  deaf,
  endpointAt,
  type PortOptions,
  type ProxiedPort,
  proxied,
  say,
  until,
  wait,
} from '../../support/proxied.ts';

type Port = ProxiedPort & { plane: UserspacePlane };

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
const REFUSES = endpointAt('127.0.9.9', 1);
const GRPC = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

interface Origin {
  readonly sessions: Set<ServerHttp2Session>;
  endpoints(count: number): BackendEndpoint[];
}

const closers: (() => void)[] = [];

/** Speaks HTTP/2 at every address of 127.0.1.0/24. */
async function origin(
  serve: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  options: ServerOptions = {},
): Promise<Origin> {
  const server: Http2Server = createServer(options);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    serve(stream, headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  closers.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const endpoints = (count: number): BackendEndpoint[] =>
    Array.from({ length: count }, (_, i) => endpointAt(`127.0.1.${i + 1}`, port));
  return { sessions, endpoints };
}

async function withPort(
  endpoints: readonly BackendEndpoint[],
  use: (port: Port, session: ClientHttp2Session) => Promise<void>,
  settings: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<void> {
  const port = await proxied(endpoints, { protocol: 'http2', ...settings }, { threads: 1, ...options });
  const session = dial(port);
  try {
    await use(port, session);
  } finally {
    session.destroy();
    await port.plane.close(0);
  }
}

function dial({ host, port }: { host: string; port: number }): ClientHttp2Session {
  const session = connect(`http://${host}:${port}`, { peerMaxConcurrentStreams: 1000, maxSendHeaderBlockLength: 1e6 });
  session.on('error', () => {});
  return session;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  trailers: IncomingHttpHeaders;
  body: string;
  /** NGHTTP2_NO_ERROR, or what the stream was reset with. */
  code: number;
}

function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Answer> {
  const endStream = body === undefined && headers[':method'] !== 'POST';
  const stream = session.request({ ':path': '/', ...headers }, { endStream });
  if (!endStream) stream.end(body);
  return answerOf(stream);
}

function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const heard: Buffer[] = [];
  const answer: Answer = { status: 0, headers: {}, trailers: {}, body: '', code: 0 };
  stream.on('response', (headers) => {
    answer.headers = headers;
    answer.status = headers[':status'] ?? 0;
  });
  stream.on('trailers', (trailers) => (answer.trailers = trailers));
  stream.on('data', (chunk: Buffer) => heard.push(chunk));
  stream.on('error', () => {});
  stream.on('close', () =>
    resolve({ ...answer, body: Buffer.concat(heard).toString('latin1'), code: stream.rstCode ?? 0 }),
  );
  return promise;
}

const counter = (port: Port, name: string): number => port.plane.stats().counters[name];
const inFlight = (port: Port): number =>
  port.plane.stats().services[0].endpoints.reduce((sum, one) => sum + one.inFlight, 0);
const addressOf = (stream: ServerHttp2Stream): string => stream.session?.socket.localAddress ?? '';

function whoAmI(stream: ServerHttp2Stream): void {
  stream.respond();
  stream.end(addressOf(stream));
}

function echo(stream: ServerHttp2Stream): void {
  stream.respond();
  stream.pipe(stream);
}

test('http2: the streams of one connection go to all endpoints in turn, over connections that are kept', async () => {
  const { endpoints, sessions } = await origin(whoAmI);
  await withPort(endpoints(3), async (port, session) => {
    const bodies: string[] = [];
    for (let i = 0; i < 9; i++) bodies.push((await ask(session)).body);
    assert.is(new Set(bodies.slice(0, 3)).size, 3);
    assert.equal(bodies.slice(3, 6), bodies.slice(0, 3));
    assert.equal([counter(port, 'accepted'), counter(port, 'connected'), sessions.size], [1, 3, 3]);
    assert.is(counter(port, 'requests'), 9);
  });
});

test('http2: method, path, headers, body and trailers arrive as they were sent, and who asked is added', async () => {
  const { endpoints } = await origin((stream, headers) => {
    let length = 0;
    let last: IncomingHttpHeaders = {};
    stream.on('data', (chunk: Buffer) => (length += chunk.length));
    stream.on('trailers', (trailers) => (last = { ...trailers }));
    stream.on('end', () => {
      stream.respond({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'x-two': 'a' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }));
      stream.end(JSON.stringify({ ...headers, length, last }));
    });
  });
  await withPort(endpoints(1), async (_port, session) => {
    const stream = session.request(
      {
        ':method': 'PUT',
        ':path': '/a?b=c%20d',
        ':authority': 'shop.example',
        cookie: 'k=v',
        te: 'trailers',
        'x-forwarded-for': '203.0.113.7',
        'proxy-authorization': 'secret',
      },
      { endStream: false, waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-last': 'yes' }));
    stream.end(Buffer.alloc(300_000, 'x'));
    const { status, headers, trailers, body } = await answerOf(stream);
    const seen = JSON.parse(body);
    assert.is(status, 201);
    assert.equal(headers['set-cookie'], ['a=1', 'b=2']);
    assert.is(trailers['x-sum'], 'abc');
    assert.equal([seen[':method'], seen[':path'], seen[':authority']], ['PUT', '/a?b=c%20d', 'shop.example']);
    assert.equal([seen.length, seen.last, seen.cookie, seen.te], [300_000, { 'x-last': 'yes' }, 'k=v', 'trailers']);
    assert.equal([seen['x-forwarded-for'], seen['x-forwarded-proto']], ['203.0.113.7, 127.0.0.1', 'http']);
    assert.is(seen['proxy-authorization'], undefined, 'belongs to the connection');
  });
});

test('http2: HEAD, 204, 1xx and a response of headers alone are passed on as such', async () => {
  const { endpoints } = await origin((stream, { ':path': path, ':method': method }) => {
    if (path === '/early') stream.additionalHeaders({ ':status': 103, link: '</style.css>' });
    const status = path === '/none' ? 204 : 200;
    stream.respond({ ':status': status, 'x-method': method }, { endStream: path === '/only' });
    if (path === '/early') stream.end('late');
    else if (!stream.writableEnded) stream.end();
  });
  await withPort(endpoints(1), async (_port, session) => {
    const head = await ask(session, { ':method': 'HEAD' });
    assert.equal([head.status, head.headers['x-method'], head.code], [200, 'HEAD', 0]);
    assert.equal(
      [(await ask(session, { ':path': '/none' })).status, (await ask(session, { ':path': '/only' })).code],
      [204, 0],
    );
    const early = session.request({ ':path': '/early' });
    const informed: number[] = [];
    early.on('headers', (headers) => informed.push(headers[':status'] ?? 0));
    assert.is((await answerOf(early)).body, 'late');
    assert.equal(informed, [103]);
  });
});

test('http2: bodies flow both ways at once, and who reads slowly slows down who writes', async () => {
  const { endpoints } = await origin(echo);
  await withPort(endpoints(1), async (port, session) => {
    const stream = session.request({ ':method': 'POST' }, { endStream: false });
    stream.on('error', () => {});
    const chunk = Buffer.alloc(65_536);
    const pump = (): void => {
      while (stream.writable && stream.write(chunk));
    };
    stream.on('drain', pump);
    pump();
    let before = -1;
    // Nobody reads: it stops.
    await until(() => {
      const now = counter(port, 'bytesIn');
      const still = now > 0 && now === before;
      before = now;
      return still;
    }, 'it comes to a stop');
    await wait(200);
    const held = counter(port, 'bytesIn');
    assert.ok(held < 8_000_000, `${held} bytes were taken`);
    let read = 0;
    stream.on('data', (data: Buffer) => (read += data.length));
    await until(() => read > 3 * held, 'it goes on');
    stream.close(NGHTTP2_CANCEL);
  });
});

test('http2: an endpoint that refuses connections is passed over, with a body, too', async () => {
  const { endpoints } = await origin(echo);
  await withPort([REFUSES, ...endpoints(1)], async (port, session) => {
    for (let i = 0; i < 10; i++) {
      const { status, body } = await ask(session, { ':method': 'POST' }, `body ${i}`);
      assert.equal([status, body], [200, `body ${i}`]);
    }
    assert.ok(counter(port, 'retries') > 0);
  });
});

test('http2: a stream that its endpoint refuses goes to another one, with all of its body', async () => {
  let refused = 0;
  const { endpoints } = await origin((stream) => {
    if (addressOf(stream) !== '127.0.1.1') echo(stream);
    else {
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes === 6 || bytes > 100_000) stream.close(NGHTTP2_REFUSED_STREAM);
      });
      stream.on('close', () => refused++);
    }
  });
  await withPort(endpoints(2), async (port, session) => {
    for (let i = 0; i < 6; i++) {
      const { status, body } = await ask(session, { ':method': 'POST' }, `body ${i}`);
      assert.equal([status, body], [200, `body ${i}`]);
    }
    const large = Buffer.alloc(200_000, 'x');
    const codes = [await ask(session, GRPC, large), await ask(session, GRPC, large)].map(({ headers }) => headers);
    assert.is(codes.filter((headers) => headers['grpc-status'] === '14').length, 1, 'too much has gone to be kept');
    assert.ok(refused >= 3);
    assert.is(counter(port, 'streamsRefused'), refused - 1);
  });
});

test('http2: endpoints that go away (GOAWAY) every few streams fail none of them', async () => {
  const served = new Map<unknown, number>();
  const { endpoints } = await origin((stream) => {
    const count = (served.get(stream.session) ?? 0) + 1;
    served.set(stream.session, count);
    whoAmI(stream);
    if (count === 5) stream.session?.close();
  });
  await withPort(
    endpoints(2),
    async (port, session) => {
      const clients = Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 50; i++) assert.is((await ask(session, GRPC, 'x')).status, 200);
      });
      await Promise.all(clients);
      assert.is(counter(port, 'requests'), 400);
      assert.ok(served.size >= 25, `${served.size} connections`);
    },
    { maxAttempts: 16 },
  );
});

// --- what endpoints do -----------------------------------------------------------------------------------------------

const hung = await deaf();
const garbage = (socket: Socket): void => void socket.write('SSH-2.0-x\r\n\r\n');
const faults = [
  { name: 'refuses', serve: undefined, at: REFUSES, status: 502 },
  { name: 'accepts nothing', serve: undefined, at: hung.endpoint, status: 504 },
  { name: 'accepts and says nothing', serve: () => {}, status: 504 },
  { name: 'answers what is no HTTP/2', serve: garbage, status: 502 },
  {
    name: 'answers HTTP/1.1',
    serve: (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    status: 502,
  },
  { name: 'closes at once', serve: (socket: Socket) => void socket.end(), status: 502 },
  { name: 'resets at once', serve: (socket: Socket) => void socket.resetAndDestroy(), status: 502 },
];
for (const { name, serve, at, status } of faults) {
  test(`http2: an endpoint that ${name}: ${status}, UNAVAILABLE to gRPC, and the connection can be used again`, async () => {
    const backend = serve ? await Backend.listen(serve) : undefined;
    await withPort(
      [at ?? (backend as Backend).endpoint(1)],
      async (port, session) => {
        const plain = await ask(session, { ':method': 'POST' }, 'x');
        assert.equal([plain.status, plain.code], [status, 0]);
        const { status: grpcStatus, headers, code } = await ask(session, GRPC, 'x');
        assert.equal([grpcStatus, headers['grpc-status'], code], [200, '14', 0]);
        assert.ok(decodeURIComponent(String(headers['grpc-message'])).length > 10);
        assert.equal([counter(port, 'accepted'), inFlight(port)], [1, 0]);
      },
      { connectTimeoutMs: 200 },
    );
    await backend?.close();
  });
}

test('http2: there is no endpoint: 503, also to HEAD, and UNAVAILABLE to gRPC', async () => {
  await withPort([], async (port, session) => {
    assert.is((await ask(session)).status, 503);
    assert.is((await ask(session, { ':method': 'HEAD' })).status, 503);
    assert.is((await ask(session, GRPC)).headers['grpc-status'], '14');
    assert.is(counter(port, 'noEndpoint'), 3);
  });
});

test('http2: an endpoint that never answers a stream: 504, and the stream is cancelled there', async () => {
  const codes: (number | undefined)[] = [];
  const { endpoints } = await origin((stream) => void stream.on('close', () => codes.push(stream.rstCode)));
  await withPort(
    endpoints(2),
    async (port, session) => {
      assert.is((await ask(session, { ':method': 'POST' }, 'x')).status, 504);
      await until(() => codes.length === 1, 'the endpoint hears of it, and no other');
      assert.equal([codes[0], inFlight(port)], [NGHTTP2_CANCEL, 0]);
    },
    { responseTimeoutMs: 200 },
  );
});

test('http2: an endpoint that resets midway: the client gets its code, and never an end', async () => {
  const { endpoints } = await origin((stream) => {
    stream.respond({}, { waitForTrailers: true }); // Else Node sends an end in front of the reset.
    stream.write('12345');
    setTimeout(() => stream.close(NGHTTP2_INTERNAL_ERROR), 20);
  });
  await withPort(endpoints(1), async (port, session) => {
    const { body, code } = await ask(session);
    assert.equal([body, code], ['12345', NGHTTP2_INTERNAL_ERROR]);
    await until(() => inFlight(port) === 0, 'it is over');
  });
});

test('http2: a connection to an endpoint that breaks midway: a reset, and UNAVAILABLE to gRPC', async () => {
  const { endpoints, sessions } = await origin((stream, { ':path': path }) => {
    stream.respond({ 'content-type': 'application/grpc' });
    stream.write('12345');
    setTimeout(() => (path === '/' ? stream.session?.destroy() : stream.session?.socket.destroy()), 20);
  });
  await withPort(endpoints(1), async (port, session) => {
    const plain = await ask(session);
    assert.equal([plain.body, plain.code], ['12345', NGHTTP2_INTERNAL_ERROR]);
    const { body, trailers, code } = await ask(session, { ...GRPC, ':path': '/x' }, 'x');
    assert.equal([body, trailers['grpc-status'], code], ['12345', '14', 0]);
    await until(() => inFlight(port) === 0 && sessions.size === 0, 'it is over');
    assert.is((await ask(session, GRPC, 'x')).status, 200, 'another connection was made');
  });
});

test('http2: what an endpoint breaks off before it answers is a 502, and is sent again only if that is safe', async () => {
  let asked = 0;
  const { endpoints } = await origin((stream) => {
    if (asked++ % 2 === 0) whoAmI(stream);
    else stream.session?.destroy();
  });
  await withPort(endpoints(1), async (_port, session) => {
    assert.is((await ask(session)).status, 200);
    assert.is((await ask(session)).status, 200, 'GET was sent twice');
    assert.is(asked, 3);
    assert.is((await ask(session, { ':method': 'POST' }, 'x')).status, 502);
    assert.is(asked, 4);
  });
});

test('http2: an endpoint that takes few streams gets more connections, and no stream waits', async () => {
  const held: ServerHttp2Stream[] = [];
  const { endpoints, sessions } = await origin((stream) => void held.push(stream), {
    settings: { maxConcurrentStreams: 2 },
  });
  await withPort(endpoints(1), async (port, session) => {
    const answers = Array.from({ length: 9 }, () => ask(session));
    await until(() => held.length === 9, 'all are there at once');
    assert.is(sessions.size, 5);
    assert.is(inFlight(port), 9);
    held.forEach(whoAmI);
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 200));
  });
});

test('http2: an endpoint that takes no streams at all: 503', async () => {
  const { endpoints } = await origin(whoAmI, { settings: { maxConcurrentStreams: 0 } });
  await withPort(endpoints(1), async (_port, session) => {
    assert.is((await ask(session)).status, 503);
    assert.is((await ask(session, GRPC)).headers['grpc-status'], '14');
  });
});

test('http2: an endpoint whose head is of 64 KB is a 502', async () => {
  const { endpoints } = await origin(
    (stream) => {
      stream.respond({ 'x-long': 'x'.repeat(60_000) });
      stream.end('x');
    },
    { maxSendHeaderBlockLength: 1e6 },
  );
  await withPort(endpoints(1), async (port, session) => {
    assert.is((await ask(session)).status, 502);
    assert.is((await ask(session, GRPC)).headers['grpc-status'], '14');
    await until(() => inFlight(port) === 0, 'it is over');
  });
});

test('http2: an endpoint that has said all while the client still sends ends the stream for both', async () => {
  const { endpoints } = await origin((stream) => {
    stream.respond({ ':status': 403 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }));
    stream.end('no');
  });
  await withPort(endpoints(1), async (port, session) => {
    const stream = session.request({ ':method': 'POST' }, { endStream: false });
    stream.write('some');
    const { status, body, trailers, code } = await answerOf(stream);
    assert.equal([status, body, trailers['x-sum'], code], [403, 'no', 'abc', 0]);
    await until(() => inFlight(port) === 0, 'it is over');
  });
});

// --- what clients do -------------------------------------------------------------------------------------------------

for (const how of ['resets the stream', 'is gone'] as const) {
  test(`http2: a client that ${how} ends the stream at its endpoint, before and after it has begun to answer`, async () => {
    const codes: (number | undefined)[] = [];
    let asked = 0;
    const { endpoints } = await origin((stream, { ':path': path }) => {
      asked++;
      if (path === '/begun') stream.respond();
      if (path === '/begun') stream.write('x');
      stream.on('close', () => codes.push(stream.rstCode));
    });
    await withPort(endpoints(1), async (port, session) => {
      const streams = ['/', '/begun'].map((path) => session.request({ ':path': path }));
      for (const stream of streams) stream.on('error', () => {});
      await new Promise((resolve) => streams[1].once('data', resolve));
      await until(() => asked === 2, 'both are there');
      if (how === 'is gone') session.destroy();
      else for (const stream of streams) stream.close(NGHTTP2_CANCEL);
      await until(() => codes.length === 2 && inFlight(port) === 0, 'the endpoint hears of both');
      assert.equal(codes, [NGHTTP2_CANCEL, NGHTTP2_CANCEL]);
    });
  });
}

test('http2: a head of 20 KB is a 431, and one of 64 KB, too, and nothing reaches an endpoint', async () => {
  let asked = 0;
  const { endpoints } = await origin(() => asked++);
  await withPort(endpoints(1), async (_port, session) => {
    const long = { 'x-long': 'x'.repeat(20_000) };
    assert.is((await ask(session, long)).status, 431);
    assert.is((await ask(session, { ...GRPC, ...long })).headers['grpc-status'], '8', 'RESOURCE_EXHAUSTED');
    const { status, code } = await ask(session, { 'x-long': 'x'.repeat(65_536) });
    assert.equal([status, code], [431, 0]);
    assert.is((await ask(session, long)).status, 431, 'the connection goes on');
    assert.is(asked, 0);
  });
});

test('http2: a stream too many of one connection is refused, the others are served', async () => {
  const held: ServerHttp2Stream[] = [];
  const { endpoints } = await origin((stream) => void held.push(stream));
  await withPort(endpoints(1), async (port, session) => {
    await new Promise((resolve) => session.once('connect', resolve));
    const answers = Array.from({ length: 300 }, () => ask(session));
    await until(() => held.length === 256, 'as many as may be');
    held.forEach(whoAmI);
    await until(() => held.length + counter(port, 'overLimit') >= 256, 'they are served');
    await wait(50);
    held.slice(256).forEach(whoAmI);
    const codes = new Set((await Promise.all(answers)).map(({ status, code }) => `${status} ${code}`));
    assert.ok(
      [...codes].every((one) => one === '200 0' || one === `0 ${NGHTTP2_REFUSED_STREAM}`),
      [...codes].join(),
    );
  });
});

const strangers = [
  { name: 'speaks HTTP/1.1', words: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' },
  { name: 'says nothing', words: '' },
  { name: 'stops amid its greeting', words: 'PRI * HTTP/2.0\r\n' },
];
for (const { name, words } of strangers) {
  test(`http2: a client that ${name} is closed, and others are served`, async () => {
    const { endpoints } = await origin(whoAmI);
    await withPort(
      endpoints(1),
      async (port, session) => {
        const { how } = await say(port, words, false);
        assert.ok(how !== 'silence', how);
        assert.is((await ask(session)).status, 200);
        await until(() => port.plane.stats().activeConnections === 1, 'it is forgotten');
        assert.is(counter(port, 'protocolErrors'), 1);
      },
      {},
      { headerTimeoutMs: 300 },
    );
  });
}

test('http2: CONNECT is a 501', async () => {
  const { endpoints } = await origin(whoAmI);
  await withPort(endpoints(1), async (_port, session) => {
    const stream = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
    assert.is((await answerOf(stream)).status, 501);
  });
});

test('http2: a client with half a connection, as one that has ended its writing, is closed', async () => {
  const { endpoints } = await origin(whoAmI);
  await withPort(endpoints(1), async (port, session) => {
    assert.is((await ask(session)).status, 200);
    const { socket } = session;
    const raw = connectTcp({ host: port.host, port: port.port });
    raw.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    raw.end();
    raw.resume();
    await until(() => counter(port, 'accepted') === 2 && port.plane.stats().activeConnections === 1, 'it is closed');
    assert.not(socket.destroyed);
  });
});

// --- age, idleness and the end ---------------------------------------------------------------------------------------

test('http2: past its age a connection takes no more streams, and is closed once those it has are over', async () => {
  let held: ServerHttp2Stream | undefined;
  const { endpoints } = await origin((stream) => (held = stream));
  await withPort(
    endpoints(1),
    async (port, session) => {
      const answer = ask(session);
      let left = false;
      session.on('goaway', () => (left = true));
      await until(() => left, 'it is told');
      assert.is(counter(port, 'goaways'), 1);
      assert.not(session.destroyed);
      whoAmI(held as ServerHttp2Stream);
      assert.is((await answer).status, 200);
      await until(() => session.destroyed && port.plane.stats().activeConnections === 0, 'it is closed');
      const next = ask(dial(port));
      await until(() => held?.destroyed === false, 'the next connection is served');
      whoAmI(held as ServerHttp2Stream);
      assert.is((await next).status, 200);
    },
    { maxConnectionAgeMs: 300 },
  );
});

test('http2: a connection without streams is closed when it was idle, and a stream on which nothing moves is broken off', async () => {
  const { endpoints } = await origin((stream, headers) => {
    stream.respond(headers['content-type'] ? { 'content-type': headers['content-type'] } : {});
  });
  await withPort(
    endpoints(1),
    async (port, session) => {
      const [plain, grpc] = await Promise.all([ask(session), ask(session, GRPC)]);
      assert.equal([plain.status, plain.code], [200, NGHTTP2_CANCEL]);
      assert.equal([grpc.trailers['grpc-status'], grpc.code], ['14', 0]);
      await until(() => session.destroyed && port.plane.stats().activeConnections === 0, 'idle');
      assert.equal([counter(port, 'idleTimeouts'), inFlight(port)], [3, 0]);
    },
    { idleTimeoutMs: 300 },
  );
});

test('http2: a drain waits for streams, and the end of the plane lets them finish', async () => {
  let held: ServerHttp2Stream | undefined;
  const { endpoints } = await origin((stream) => (held = stream));
  const port = await proxied(endpoints(1), { protocol: 'http2' }, { threads: 1 });
  const session = dial(port);
  const answer = ask(session);
  await until(() => held !== undefined, 'it is there');
  assert.equal(await port.plane.drain(endpoints(1)[0], 50), { ended: false, inFlight: 1 });
  let left = false;
  session.on('goaway', () => (left = true));
  const closed = port.plane.close(10_000);
  await until(() => left, 'the client is told');
  whoAmI(held as ServerHttp2Stream);
  assert.is((await answer).status, 200);
  await closed;
  await until(() => session.destroyed, 'its connection is closed');
});

test('http2: a PROXY header in front says who the client is', async () => {
  const { endpoints } = await origin((stream, headers) => {
    stream.respond({ 'x-seen': headers['x-forwarded-for'] });
    stream.end();
  });
  await withPort(
    endpoints(1),
    async ({ host, port }) => {
      const session = connect(`http://${host}:${port}`, {
        createConnection: () => {
          const socket = connectTcp({ host, port });
          socket.write('PROXY TCP4 203.0.113.9 127.0.0.1 1000 80\r\n');
          return socket;
        },
      });
      assert.is((await ask(session)).headers['x-seen'], '203.0.113.9');
      session.destroy();
    },
    { acceptProxyProtocol: true },
  );
});

test.after(async () => {
  for (const close of closers) close();
  await hung.close();
  await closeOpened();
});
test.run();
