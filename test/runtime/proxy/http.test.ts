/** HTTP/1.1 through a data plane, each request by itself: what endpoints and clients do to each other. */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import type { UserspaceOptions, UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import {
  Backend,
  closeOpened,
  endpointAt,
  type PortOptions,
  type ProxiedPort,
  proxied,
  say,
  until,
  wait,
} from '../../support/proxied.ts';

type Port = ProxiedPort & { plane: UserspacePlane };

const REFUSES = endpointAt('127.0.9.9', 1);

async function withPort(
  endpoints: readonly BackendEndpoint[],
  use: (port: Port) => Promise<void>,
  settings: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<void> {
  const port = await proxied(endpoints, { protocol: 'http', ...settings }, { threads: 1, ...options });
  try {
    await use(port);
  } finally {
    await port.plane.close(0);
  }
}

interface Origin {
  readonly port: number;
  readonly server: Server;
  endpoints(count: number): BackendEndpoint[];
  close(): void;
}

async function origin(serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<Origin> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as { port: number };
  const endpoints = (count: number): BackendEndpoint[] =>
    Array.from({ length: count }, (_, i) => endpointAt(`127.0.1.${i + 1}`, port));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port, server, endpoints, close };
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
  /** The response broke off. */
  broken: boolean;
}

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  agent?: Agent;
}

function ask({ host, port }: Port, { method = 'GET', path = '/', headers, body, agent }: Asked = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({ host, port, method, path, headers, agent: agent ?? false }, (response) => {
    const heard: Buffer[] = [];
    const done = (broken: boolean): void =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(heard).toString('latin1'),
        broken,
      });
    response.on('data', (chunk: Buffer) => heard.push(chunk));
    response.on('end', () => done(false));
    response.on('error', () => done(true));
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

const counter = (port: Port, name: string): number => port.plane.stats().counters[name];
const whoAmI = (request: IncomingMessage, response: ServerResponse): void =>
  void response.end(request.socket.localAddress);

test('http: the requests of one connection go to all endpoints in turn', async () => {
  const { endpoints, close } = await origin(whoAmI);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await withPort(endpoints(3), async (port) => {
    const bodies: string[] = [];
    for (let i = 0; i < 9; i++) bodies.push((await ask(port, { agent })).body);
    assert.is(counter(port, 'accepted'), 1);
    assert.is(counter(port, 'connected'), 3, 'connections to endpoints are kept');
    assert.equal(new Set(bodies.slice(0, 3)).size, 3);
    assert.equal(bodies.slice(3, 6), bodies.slice(0, 3));
  });
  agent.destroy();
  close();
});

test('http: method, path, headers and body arrive as they were sent, and who asked is added', async () => {
  const { endpoints, close } = await origin((request, response) => {
    const heard: Buffer[] = [];
    request.on('data', (chunk: Buffer) => heard.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.writeHead(201, 'Made', { 'x-two': ['a', 'b'], connection: 'close' });
      response.end(JSON.stringify({ method, url, headers, length: Buffer.concat(heard).length }));
    });
  });
  await withPort(endpoints(2), async (port) => {
    const { status, headers, body } = await ask(port, {
      method: 'POST',
      path: '/a?b=c%20d',
      headers: {
        host: 'shop.example',
        'x-forwarded-for': '203.0.113.7',
        connection: 'close, x-secret',
        'x-secret': '1',
        'transfer-encoding': 'chunked',
      },
      body: Buffer.alloc(300_000, 'x'),
    });
    const seen = JSON.parse(body);
    assert.is(status, 201);
    assert.is(headers['x-two'], 'a, b');
    assert.equal([seen.method, seen.url, seen.length], ['POST', '/a?b=c%20d', 300_000]);
    assert.is(seen.headers.host, 'shop.example');
    assert.is(seen.headers['x-forwarded-for'], '203.0.113.7, 127.0.0.1');
    assert.is(seen.headers['x-forwarded-proto'], 'http');
    assert.is(seen.headers['x-secret'], undefined, 'belongs to the connection');
  });
  close();
});

test('http: trailers go both ways, and what would frame a message is left out', async () => {
  const { endpoints, close } = await origin((request, response) => {
    request.resume();
    request.on('end', () => {
      const { te, trailer } = request.headers;
      response.writeHead(200, { trailer: 'X-Sum', 'x-seen': JSON.stringify({ te, trailer, last: request.trailers }) });
      response.addTrailers({ 'X-Sum': 'abc', 'Content-Type': 'evil' });
      response.end('body');
    });
  });
  await withPort(endpoints(1), async ({ host, port }) => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    const sent = request({ host, port, method: 'POST', headers: { te: 'trailers', trailer: 'X-Last' } }, resolve);
    sent.write('some');
    sent.addTrailers({ 'X-Last': 'yes', Host: 'evil' });
    sent.end();
    const response = await promise;
    assert.is(Buffer.concat(await response.toArray()).toString(), 'body');
    const seen = JSON.parse(String(response.headers['x-seen']));
    assert.equal(seen, { te: 'trailers', trailer: 'X-Last', last: { 'x-last': 'yes' } });
    assert.is(response.headers.trailer, 'X-Sum');
    assert.equal({ ...response.trailers }, { 'x-sum': 'abc' });
  });
  close();
});

test('http: a client of HTTP/1.0 and one that asks for the head only get no trailers', async () => {
  const { endpoints, close } = await origin((_request, response) => {
    response.writeHead(200, { trailer: 'X-Sum', 'transfer-encoding': 'chunked' });
    response.addTrailers({ 'X-Sum': 'abc' });
    response.end('body');
  });
  await withPort(endpoints(1), async (port) => {
    const { text } = await say(port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', false);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.not.match(text, /x-sum/i);
    assert.is((await ask(port, { method: 'HEAD' })).status, 200);
  });
  close();
});

test('http: an endpoint that refuses is passed over, with a body, too', async () => {
  const { endpoints, close } = await origin((request, response) => void request.pipe(response));
  await withPort([REFUSES, ...endpoints(1)], async (port) => {
    for (let i = 0; i < 10; i++) {
      const { status, body } = await ask(port, { method: 'POST', body: `body ${i}` });
      assert.equal([status, body], [200, `body ${i}`]);
    }
    assert.ok(counter(port, 'retries') > 0);
  });
  close();
});

const failures = [
  { name: 'all endpoints refuse: 502', endpoints: [REFUSES, endpointAt('127.0.9.9', 2)], status: 502 },
  { name: 'there is no endpoint: 503', endpoints: [], status: 503 },
];
for (const { name, endpoints, status } of failures) {
  test(`http: ${name}, and the connection can be used again`, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await withPort(endpoints, async (port) => {
      assert.is((await ask(port, { agent })).status, status);
      assert.is((await ask(port, { agent })).status, status);
      assert.is(counter(port, 'accepted'), 1);
    });
    agent.destroy();
  });
}

const bad = [
  { name: 'answers what is no HTTP', serve: (socket: Socket) => void socket.end('SSH-2.0-x\r\n\r\n'), status: 502 },
  {
    name: 'closes without an answer',
    serve: (socket: Socket) => void socket.on('data', () => socket.end()),
    status: 502,
  },
  { name: 'resets', serve: (socket: Socket) => void socket.on('data', () => socket.resetAndDestroy()), status: 502 },
  { name: 'never answers', serve: () => {}, status: 504 },
];
for (const { name, serve, status } of bad) {
  test(`http: an endpoint that ${name} is a ${status}, and is not asked twice`, async () => {
    const backend = await Backend.listen((socket) => void serve(socket));
    await withPort(
      [...backend.endpoints(1), ...backend.endpoints(2).slice(1)],
      async (port) => {
        assert.is((await ask(port, { method: 'POST', body: 'x' })).status, status);
        assert.is(
          [...backend.accepted.values()].reduce((sum, count) => sum + count, 0),
          1,
        );
        await until(
          () => port.plane.stats().services[0].endpoints.every(({ inFlight }) => inFlight === 0),
          'it is over',
        );
      },
      { responseTimeoutMs: 300 },
    );
    await backend.close();
  });
}

test('http: a response that is reset midway is broken off, never ended', async () => {
  const backend = await Backend.listen((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345');
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
  });
  const chunked = await Backend.listen((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n');
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
  });
  for (const one of [backend, chunked]) {
    await withPort(one.endpoints(1), async (port) => {
      const { body, broken } = await ask(port);
      assert.equal([body, broken], ['12345', true]);
    });
    await one.close();
  }
});

test('http: an idle connection that its endpoint has closed costs no request', async () => {
  const { endpoints, server, close } = await origin(whoAmI);
  server.keepAliveTimeout = 60;
  await withPort(endpoints(1), async (port) => {
    for (let i = 0; i < 20; i++) {
      assert.is((await ask(port)).status, 200);
      await wait(50 + i);
    }
  });
  close();
});

test('http: a head of 64 KB is answered 431, and nothing reaches an endpoint', async () => {
  const { endpoints, close } = await origin(whoAmI);
  await withPort(endpoints(1), async (port) => {
    const head = `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(65_536)}\r\n\r\n`;
    const { text } = await say(port, head, false);
    assert.match(text, /^HTTP\/1\.1 431 /);
    assert.is(counter(port, 'requests'), 0);
    assert.is((await ask(port)).status, 200);
  });
  close();
});

test('http: a client that sends its head a byte at a time is answered 408 and closed; others are served meanwhile', async () => {
  const { endpoints, close } = await origin(whoAmI);
  await withPort(
    endpoints(1),
    async (port) => {
      const slow = Array.from({ length: 50 }, () => {
        const socket = connect({ host: port.host, port: port.port });
        let heard = '';
        socket.on('data', (chunk) => (heard += chunk)).on('error', () => {});
        const drip = setInterval(() => socket.writable && socket.write('a'), 50);
        return new Promise<string>((resolve) => {
          socket.on('close', () => {
            clearInterval(drip);
            resolve(heard);
          });
          socket.write('GET / HTTP/1.1\r\nX: ');
        });
      });
      for (let i = 0; i < 10; i++) assert.is((await ask(port)).status, 200);
      for (const heard of await Promise.all(slow)) assert.match(heard, /^HTTP\/1\.1 408 /);
      await until(() => port.plane.stats().activeConnections === 0, 'all are closed');
    },
    {},
    { headerTimeoutMs: 500 },
  );
  close();
});

test('http: what is smuggled as two lengths is refused', async () => {
  const { endpoints, close } = await origin(whoAmI);
  await withPort(endpoints(1), async (port) => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    assert.match((await say(port, head, false)).text, /^HTTP\/1\.1 400 /);
    assert.is(counter(port, 'requests'), 0);
  });
  close();
});

test('http: a client that leaves ends the request at its endpoint', async () => {
  let closed = 0;
  const { endpoints, close } = await origin((_request, response) => void response.on('close', () => closed++));
  await withPort(endpoints(1), async (port) => {
    const socket = connect({ host: port.host, port: port.port });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => counter(port, 'requests') === 1, 'it is asked');
    await wait(50);
    socket.destroy();
    await until(() => closed === 1, 'the endpoint hears of it');
    await until(() => port.plane.stats().services[0].endpoints[0].inFlight === 0, 'its work is over');
  });
  close();
});

test('http: retries stop at the budget: endpoints that all refuse are not asked three times for everybody', async () => {
  await withPort(
    [1, 2, 3, 4].map((n) => endpointAt('127.0.9.9', n)),
    async (port) => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask(port)));
      assert.ok(answers.every(({ status }) => status === 502));
      assert.ok(counter(port, 'retriesOverBudget') > 0);
      assert.ok(counter(port, 'connectFailures') < 250, `${counter(port, 'connectFailures')} of 300`);
    },
  );
});

test('http: a connection is closed after the request that ends past its age', async () => {
  const { endpoints, close } = await origin(whoAmI);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await withPort(
    endpoints(1),
    async (port) => {
      assert.is((await ask(port, { agent })).headers.connection, 'keep-alive');
      await wait(400);
      assert.is((await ask(port, { agent })).headers.connection, 'close');
      assert.is((await ask(port, { agent })).status, 200);
      assert.is(counter(port, 'accepted'), 2);
    },
    { maxConnectionAgeMs: 200 },
  );
  agent.destroy();
  close();
});

test('http: an upgrade becomes a connection of its own, both ways, and is in flight while it lasts', async () => {
  const { endpoints, server, close } = await origin(whoAmI);
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\nhi`,
    );
    socket.pipe(socket);
  });
  await withPort([REFUSES, ...endpoints(1)], async (port) => {
    const sent = request({
      host: port.host,
      port: port.port,
      headers: { connection: 'Upgrade', upgrade: 'websocket' },
    });
    sent.end();
    const { promise, resolve } = Promise.withResolvers<{ socket: Socket; first: Buffer; upgrade?: string }>();
    sent.on('upgrade', (response, socket, first) => {
      resolve({ socket: socket as Socket, first, upgrade: response.headers.upgrade });
    });
    const { socket, first, upgrade } = await promise;
    let heard = String(first);
    socket.on('data', (chunk) => (heard += chunk));
    assert.is(upgrade, 'websocket');
    socket.write('+ping');
    await until(() => heard === 'hi+ping', 'it comes back');
    const drained = await port.plane.drain(endpoints(1)[0], 50);
    assert.equal(drained, { ended: false, inFlight: 1 });
    socket.end();
    await until(() => port.plane.stats().activeConnections === 0, 'it ends');
  });
  close();
});

test('http: an upgrade that is refused is answered as any request', async () => {
  const { endpoints, close } = await origin((_request, response) => void response.writeHead(426).end('no'));
  await withPort(endpoints(1), async (port) => {
    const answer = await ask(port, { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
    assert.equal([answer.status, answer.body], [426, 'no']);
  });
  close();
});

test.after(closeOpened);
test.run();
