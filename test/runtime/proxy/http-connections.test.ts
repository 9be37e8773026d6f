/** Connections to HTTP endpoints that serve one request after the other: whose bytes they carry, and when they are not kept. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import { Backend, closeOpened, endpointAt, type ProxiedPort, proxied, until, wait } from '../../support/proxied.ts';

type Port = ProxiedPort & { plane: UserspacePlane };

const counter = (port: Port, name: string): number => port.plane.stats().counters[name];

async function withOrigin(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
  use: (port: Port) => Promise<void>,
): Promise<void> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await withPort((server.address() as { port: number }).port, use);
  server.closeAllConnections();
  server.close();
}

async function withPort(to: number, use: (port: Port) => Promise<void>): Promise<void> {
  const port = await proxied([endpointAt('127.0.0.1', to)], { protocol: 'http' }, { threads: 1 });
  try {
    await use(port);
  } finally {
    await port.plane.close(0);
  }
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  /** Written one by one. */
  pieces?: readonly Buffer[];
  agent?: Agent;
  /** Stops reading for a while each time when so many bytes have come. */
  restEvery?: number;
}

async function ask(
  { host, port }: Port,
  asked: Asked = {},
): Promise<{ status: number; body: Buffer; broken: boolean }> {
  const { method = 'GET', headers, pieces = [], agent, restEvery = Number.POSITIVE_INFINITY } = asked;
  const sent = request({ host, port, method, headers, agent: agent ?? false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.on('response', resolve).on('error', reject));
  for (const piece of pieces) {
    sent.write(piece);
    await wait(1);
  }
  sent.end();
  const response = await answered;
  sent.on('error', () => {});
  const heard: Buffer[] = [];
  let since = 0;
  let broken = false;
  // Before the kernel has found out how fast it reads, and lends it more memory than a body has.
  if (restEvery < Number.POSITIVE_INFINITY) await wait(100);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      heard.push(chunk);
      since += chunk.length;
      if (since < restEvery) continue;
      since = 0;
      await wait(10);
    }
  } catch {
    broken = true;
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(heard), broken };
}

test('bodies of any sizes go through kept connections whole and in their order, both ways, however slowly they are read', async () => {
  const echo = (request: IncomingMessage, response: ServerResponse): void => {
    const length = request.headers['x-say-length'];
    response.writeHead(200, length === undefined ? {} : { 'Content-Length': length });
    request.pipe(response);
  };
  const body = fc.record({
    seed: fc.nat(),
    pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 900_000 })), {
      maxLength: 4,
      size: 'max',
    }),
    toldIn: fc.boolean(),
    toldOut: fc.boolean(),
    restEvery: fc.constantFrom(50_000, 400_000, Number.POSITIVE_INFINITY),
  });
  await withOrigin(echo, async (port) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 6, size: 'max' }), async (bodies) => {
        const asked = bodies.map(async ({ seed, pieces, toldIn, toldOut, restEvery }) => {
          const sent = pieces.map((bytes, i) => Buffer.alloc(bytes, `${seed}:${i};`));
          const whole = Buffer.concat(sent);
          const headers: Record<string, string> = {};
          if (toldIn) headers['Content-Length'] = String(whole.length);
          if (toldOut) headers['X-Say-Length'] = String(whole.length);
          const answer = await ask(port, { method: 'POST', headers, pieces: sent, agent, restEvery });
          assert.is(answer.status, 200);
          assert.ok(answer.body.equals(whole), `${answer.body.length} of ${whole.length} bytes came back`);
        });
        await Promise.all(asked);
      }),
      { numRuns: 15 },
    );
    agent.destroy();
    const [connected, requests] = [counter(port, 'connected'), counter(port, 'requests')];
    // One whose answer is whole before its request is does not stay.
    assert.ok(connected < requests / 2, `${connected} connections for ${requests} requests`);
    assert.is(counter(port, 'upstreamErrors'), 0);
  });
});

test('clients that do not read for a while get every byte, and the connections serve the next ones', async () => {
  // Of whole reads, without the head: so the last one, too, waits for the client.
  const large = Buffer.alloc(256 * 65_536);
  for (let i = 0; i < large.length; i += 4) large.writeUInt32LE(i, i);
  const give = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'Content-Length': large.length }).flushHeaders();
    setTimeout(() => response.end(large), 30);
  };
  await withOrigin(give, async (port) => {
    for (let i = 0; i < 2; i++) {
      const both = await Promise.all([1, 2].map(() => ask(port, { restEvery: 1_000_000 })));
      for (const { body, broken } of both) {
        assert.is(broken, false);
        assert.ok(body.equals(large), 'the same bytes');
      }
    }
    assert.is(counter(port, 'connected'), 2);
  });
});

test('an answer before the body is whole is heard, and the connection serves nobody else', async () => {
  const early = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method === 'POST') response.writeHead(413, { 'Content-Length': 4 }).end('much');
    else response.end('ok');
  };
  await withOrigin(early, async (port) => {
    const sent = request({ host: port.host, port: port.port, method: 'POST', headers: { 'Content-Length': '1000' } });
    sent.on('error', () => {});
    sent.write('x');
    const status = await new Promise((resolve) => sent.on('response', ({ statusCode }) => resolve(statusCode)));
    assert.is(status, 413);
    assert.equal(String((await ask(port)).body), 'ok');
    assert.is(counter(port, 'connected'), 2);
    sent.destroy();
    await until(() => port.plane.stats().services[0].endpoints[0].inFlight === 0, 'it is over');
  });
});

const ends: { name: string; said: string; connections: number; body: string }[] = [
  {
    name: 'is kept after a response',
    said: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    connections: 1,
    body: 'ok',
  },
  {
    name: 'is not kept where the endpoint says close',
    said: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    connections: 3,
    body: 'ok',
  },
  {
    name: 'is not kept where the endpoint keeps it a second',
    said: 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok',
    connections: 3,
    body: 'ok',
  },
  {
    name: 'is not kept where bytes follow that nobody asked for',
    said: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad',
    connections: 3,
    body: 'ok',
  },
  {
    name: 'is kept after interim responses',
    said: 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    connections: 1,
    body: 'ok',
  },
];
for (const { name, said, connections, body } of ends) {
  test(`a connection ${name}`, async () => {
    const backend = await Backend.listen((socket: Socket) => void socket.on('data', () => socket.write(said)));
    await withPort(backend.endpoints(1)[0].port, async (port) => {
      for (let i = 0; i < 3; i++) {
        const answer = await ask(port);
        assert.equal([answer.status, String(answer.body), answer.broken], [200, body, false]);
      }
      assert.is(counter(port, 'connected'), connections);
    });
    await backend.close();
  });
}

test("bytes that come on a free connection close it, and are nobody's response", async () => {
  const sockets: Socket[] = [];
  const backend = await Backend.listen((socket: Socket) => {
    sockets.push(socket);
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')).on('error', () => {});
  });
  await withPort(backend.endpoints(1)[0].port, async (port) => {
    assert.is(String((await ask(port)).body), 'ok');
    sockets[0].write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad');
    await until(() => sockets[0].destroyed || sockets[0].readableEnded, 'the proxy closes it');
    assert.is(String((await ask(port)).body), 'ok');
    assert.is(counter(port, 'connected'), 2);
  });
  await backend.close();
});

test('a body that lasts until the connection ends is whole, and one that is reset is not', async () => {
  for (const reset of [false, true]) {
    const backend = await Backend.listen((socket: Socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n12345');
        setTimeout(() => (reset ? socket.resetAndDestroy() : socket.end()), 50);
      });
    });
    await withPort(backend.endpoints(1)[0].port, async (port) => {
      const { body, broken } = await ask(port);
      assert.equal([String(body), broken], ['12345', reset]);
    });
    await backend.close();
  }
});

test.after(closeOpened);
test.run();
