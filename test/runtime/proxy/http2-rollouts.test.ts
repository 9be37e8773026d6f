/**
 * Rollouts over HTTP/2 and gRPC under constant load: three pods are replaced by three, one after the other. Drained and then
 * killed, none of the requests fails; killed first and told then, some do. What was counted is printed.
 */
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EchoClient, EchoServer } from '../../../bench/grpc/echo.ts';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import { closeOpened, endpointAt, proxied, wait } from '../../support/proxied.ts';

interface Pod {
  readonly endpoint: BackendEndpoint;
  /** As a process that ends: at once, with all its connections. */
  kill(): void;
}

/** Sends one request after the other, without a pause, each true where it succeeded. */
interface Client {
  ask(): Promise<boolean>;
  close(): void;
}

interface Kind {
  start(host: string): Promise<Pod>;
  dial(to: { host: string; port: number }): Client;
}

const DELAY_MS = 2;

const http2: Kind = {
  async start(host) {
    const server = createServer();
    const sessions = new Set<ServerHttp2Session>();
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket));
    server.on('session', (session) => sessions.add(session));
    server.on('sessionError', () => {});
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      setTimeout(() => {
        if (stream.destroyed) return;
        stream.respond();
        stream.end('ok');
      }, DELAY_MS);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as { port: number };
    const kill = (): void => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      for (const session of sessions) session.destroy();
    };
    return { endpoint: endpointAt(host, port), kill };
  },
  dial({ host, port }) {
    let session: ClientHttp2Session | undefined;
    const dialled = (): ClientHttp2Session => {
      if (session === undefined || session.closed || session.destroyed) {
        session = connect(`http://${host}:${port}`);
        session.on('error', () => {});
      }
      return session;
    };
    const ask = (): Promise<boolean> => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const stream = dialled().request({ ':method': 'POST', ':path': '/' }, { endStream: false });
      let text = '';
      let status = 0;
      stream.on('response', (headers) => (status = headers[':status'] ?? 0));
      stream.on('data', (chunk: Buffer) => (text += chunk));
      stream.on('error', () => {});
      stream.on('close', () => resolve(status === 200 && text === 'ok' && stream.rstCode === 0));
      stream.end('some');
      return promise;
    };
    return { ask, close: () => session?.destroy() };
  },
};

const grpc: Kind = {
  async start(host) {
    const server = await EchoServer.start(host, host, DELAY_MS);
    return { endpoint: endpointAt(host, server.port), kill: () => server.kill() };
  },
  dial(to) {
    const client = new EchoClient(to);
    const ask = (): Promise<boolean> =>
      client.say('x').then(
        () => true,
        () => false,
      );
    return { ask, close: () => client.close() };
  },
};

const ORDERS = ['drain, then kill', 'kill, then tell'] as const;
const TIMES = 5;

async function rollouts(
  { start, dial }: Kind,
  protocol: 'http2' | 'grpc',
  order: (typeof ORDERS)[number],
): Promise<{ ok: number; failed: number }> {
  let next = 1;
  const begin = (): Promise<Pod> => start(`127.0.4.${next++}`);
  let pods = await Promise.all([begin(), begin(), begin()]);
  const port = await proxied(
    pods.map(({ endpoint }) => endpoint),
    { protocol, maxAttempts: 1 },
    { threads: 2 },
  );
  const tell = (all: readonly Pod[]): Promise<void> => port.set(all.map(({ endpoint }) => endpoint));
  const counted = { ok: 0, failed: 0 };
  let going = true;
  const clients = Array.from({ length: 4 }, () => dial(port));
  const loads = clients.flatMap((client) =>
    [1, 2, 3, 4].map(async () => {
      while (going) counted[(await client.ask()) ? 'ok' : 'failed']++;
    }),
  );
  for (let i = 0; i < 3 * TIMES; i++) {
    const [old, ...rest] = pods;
    const fresh = await begin();
    if (order === 'drain, then kill') {
      await tell([...pods, fresh]);
      assert.ok((await port.plane.drain(old.endpoint, 10_000)).ended);
      old.kill();
    } else {
      old.kill();
      await wait(20); // Until the news of it would have come.
    }
    pods = [...rest, fresh];
    await tell(pods);
  }
  going = false;
  await Promise.all(loads);
  for (const client of clients) client.close();
  await port.plane.close(0);
  for (const pod of pods) pod.kill();
  const { ok, failed } = counted;
  console.log(`${TIMES} rollouts 3 to 3 over ${protocol}, ${order}: ${ok} requests whole, ${failed} failed`);
  return counted;
}

for (const { protocol, kind } of [
  { protocol: 'http2', kind: http2 },
  { protocol: 'grpc', kind: grpc },
] as const) {
  test(`rollout over ${protocol}: new pod published, old one drained and then killed: no request fails`, async () => {
    const { ok, failed } = await rollouts(kind, protocol, 'drain, then kill');
    assert.is(failed, 0);
    assert.ok(ok > 50);
  });

  test(`rollout over ${protocol}: the naive order, killed first and told then, fails requests`, async () => {
    const { failed } = await rollouts(kind, protocol, 'kill, then tell');
    assert.ok(failed > 0);
  });
}

test.after(closeOpened);
test.run();
