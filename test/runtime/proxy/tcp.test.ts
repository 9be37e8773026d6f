/** TCP through a data plane, end to end with sockets on loopback: what endpoints and clients do to each other. */
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../core/balancer/endpoint.ts';
import { ApiError } from '../../../core/errors.ts';
import type { UserspaceOptions, UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import {
  Backend,
  closeOpened,
  deaf,
  echo,
  endpointAt,
  greet,
  type PortOptions,
  type ProxiedPort,
  proxied,
  say,
  sayMany,
  until,
  wait,
} from '../../support/proxied.ts';

/** Nothing listens there. */
const REFUSES = endpointAt('127.0.9.9', 1);

async function withPort(
  endpoints: readonly BackendEndpoint[],
  use: (port: ProxiedPort & { plane: UserspacePlane }) => Promise<void>,
  settings: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<void> {
  const port = await proxied(endpoints, settings, options);
  try {
    await use(port);
  } finally {
    await port.plane.close(0);
  }
}

async function withBackend(serve: (socket: Socket, address: string) => void, use: (backend: Backend) => Promise<void>) {
  const backend = await Backend.listen(serve);
  try {
    await use(backend);
  } finally {
    await backend.close();
  }
}

const counter = (port: ProxiedPort, name: string): number => port.plane.stats().counters[name];

test('tcp: connections are dealt out to all endpoints, by all workers', async () => {
  await withBackend(greet, (backend) =>
    withPort(backend.endpoints(4), async (port) => {
      const heard = await sayMany(port, 200);
      assert.is(new Set(heard).size, 4);
      for (const [address, count] of backend.accepted) assert.ok(Math.abs(count - 50) <= 4, `${address}: ${count}`);
      await until(() => port.plane.stats().activeConnections === 0, 'no connection is left');
      assert.is(
        port.plane.stats().services[0].endpoints.reduce((sum, { inFlight }) => sum + inFlight, 0),
        0,
      );
    }),
  );
});

test('tcp: 8 MiB go there and back unchanged, through a client that ends first and then listens', async () => {
  const bytes = Buffer.alloc(8 << 20);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i);
  await withBackend(echo, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      const { text, how } = await say(port, bytes);
      assert.is(how, 'end');
      assert.ok(Buffer.from(text, 'latin1').equals(bytes));
    }),
  );
});

test('tcp: an endpoint hears of a client that ended before it was connected', async () => {
  await withBackend(
    (socket) => socket.on('data', () => {}).on('end', () => socket.end('you ended')),
    (backend) =>
      withPort(backend.endpoints(2), async (port) => {
        const said = await Promise.all(Array.from({ length: 20 }, () => say(port)));
        assert.equal(said, new Array(20).fill({ text: 'you ended', how: 'end' }));
      }),
  );
});

test('tcp: an endpoint that ends first still hears the client', async () => {
  const heard: string[] = [];
  const serve = (socket: Socket): void => {
    socket.end('bye');
    socket.on('data', (chunk) => heard.push(chunk.toString()));
  };
  await withBackend(serve, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      const socket = connect({ host: port.host, port: port.port, allowHalfOpen: true });
      await new Promise((resolve) => socket.on('data', () => {}).on('end', resolve));
      socket.end('still here');
      await until(() => heard.join('') === 'still here', 'the endpoint hears the client');
    }),
  );
});

test('tcp: a client that does not read holds its endpoint back, and the proxy does not fill up', async () => {
  let written = 0;
  const serve = (socket: Socket): void => {
    const chunk = Buffer.alloc(1 << 16);
    const pour = (): void => {
      while (written < 256 << 20) {
        written += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('drain', pour);
    pour();
  };
  await withBackend(serve, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      const socket = connect({ host: port.host, port: port.port });
      socket.pause();
      await wait(300);
      const before = written;
      await wait(300);
      assert.is(written, before, 'it stands still');
      assert.ok(written < 64 << 20, `${written} bytes are on their way`);
      socket.destroy();
      await until(() => port.plane.stats().activeConnections === 0, 'the connection ends');
    }),
  );
});

test('tcp: an endpoint that refuses is passed over for one that does not, and the client does not notice', async () => {
  await withBackend(greet, (backend) =>
    withPort([REFUSES, ...backend.endpoints(2)], async (port) => {
      const heard = await sayMany(port, 30);
      assert.equal(new Set(heard), new Set(['127.0.1.1', '127.0.1.2']));
      assert.ok(counter(port, 'retries') > 0);
      assert.is(counter(port, 'retries'), counter(port, 'connectFailures'));
    }),
  );
});

test('tcp: where every endpoint refuses the client is reset after as many attempts as are allowed', async () => {
  const refusing = [1, 2, 3, 4, 5].map((n) => endpointAt('127.0.9.9', n));
  await withPort(
    refusing,
    async (port) => {
      assert.is((await say(port)).how, 'ECONNRESET');
      assert.is(counter(port, 'connectFailures'), 4);
    },
    { maxAttempts: 4 },
  );
});

test('tcp: an endpoint that never accepts is given up after the connect timeout', async () => {
  const full = await deaf();
  await withBackend(greet, (backend) =>
    withPort(
      [full.endpoint, ...backend.endpoints(1)],
      async (port) => {
        const heard = await sayMany(port, 4);
        assert.equal(new Set(heard), new Set(['127.0.1.1']));
        assert.ok(counter(port, 'connectTimeouts') > 0);
      },
      { connectTimeoutMs: 100 },
    ),
  );
  await full.close();
});

test('tcp: what an endpoint resets midway is reset to the client, not ended', async () => {
  const serve = (socket: Socket): void => {
    socket.write('half', () => setTimeout(() => socket.resetAndDestroy(), 50));
  };
  await withBackend(serve, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      assert.equal(await say(port, 'x', false), { text: 'half', how: 'ECONNRESET' });
      assert.is(counter(port, 'upstreamErrors'), 1);
    }),
  );
});

test('tcp: a client that resets ends its endpoint’s work', async () => {
  await withBackend(echo, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      const socket = connect({ host: port.host, port: port.port });
      await until(() => backend.sockets.size === 1, 'the endpoint has the connection');
      socket.resetAndDestroy();
      await until(() => backend.sockets.size === 0, 'the endpoint’s connection ends');
      await until(() => port.plane.stats().activeConnections === 0, 'the proxy’s connection ends');
    }),
  );
});

test('tcp: a connection on which nothing moves is closed after the idle timeout, one that moves is not', async () => {
  await withBackend(echo, (backend) =>
    withPort(
      backend.endpoints(1),
      async (port) => {
        const busy = connect({ host: port.host, port: port.port });
        let open = true;
        busy.on('data', () => {}).on('close', () => (open = false));
        const beat = setInterval(() => busy.write('.'), 100);
        const idle = await say(port, '', false);
        assert.is(idle.how, 'end');
        await wait(600);
        assert.ok(open);
        clearInterval(beat);
        busy.destroy();
        assert.is(counter(port, 'idleTimeouts'), 1);
      },
      { idleTimeoutMs: 600 },
    ),
  );
});

test('tcp: at the limit of connections one more is reset, and one less lets the next in', async () => {
  await withBackend(echo, (backend) =>
    withPort(
      backend.endpoints(1),
      async (port) => {
        const open = [0, 1, 2].map(() => connect({ host: port.host, port: port.port }));
        await until(() => backend.sockets.size === 3, 'three are open');
        assert.is((await say(port, 'x')).how, 'ECONNRESET');
        assert.is(counter(port, 'overLimit'), 1);
        open[0].destroy();
        await until(() => port.plane.stats().activeConnections === 2, 'one is closed');
        assert.equal(await say(port, 'x'), { text: 'x', how: 'end' });
        for (const socket of open) socket.destroy();
      },
      {},
      { maxConnections: 3 },
    ),
  );
});

test('tcp: a client stays with its endpoint under ClientIP affinity, whichever worker it meets', async () => {
  await withBackend(greet, (backend) =>
    withPort(
      backend.endpoints(5),
      async (port) => {
        const heard = await sayMany(port, 40);
        assert.is(new Set(heard).size, 1);
        const stays = backend.endpoints(5).filter(({ address }) => address !== heard[0]);
        await port.set(stays);
        const next = new Set(await sayMany(port, 10));
        assert.is(next.size, 1);
        assert.not(next.has(heard[0]));
      },
      { affinitySeconds: 100 },
    ),
  );
});

test('tcp: without endpoints clients are reset, and served again once there are some', async () => {
  await withBackend(greet, (backend) =>
    withPort(backend.endpoints(2), async (port) => {
      await port.set([]);
      assert.equal(await sayMany(port, 4), new Array(4).fill('ECONNRESET'));
      await port.set(backend.endpoints(2));
      assert.equal(new Set(await sayMany(port, 10)), new Set(['127.0.1.1', '127.0.1.2']));
    }),
  );
});

test('tcp: a change of the table leaves open connections alone', async () => {
  await withBackend(echo, (backend) =>
    withPort(backend.endpoints(3), async (port) => {
      const sockets = Array.from({ length: 30 }, () => connect({ host: port.host, port: port.port }));
      await until(() => backend.sockets.size === 30, 'all are open');
      await port.set([backend.endpoint(9)]);
      const heard = sockets.map(
        (socket) => new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk)))),
      );
      for (const socket of sockets) socket.write('ping');
      assert.equal(await Promise.all(heard), new Array(30).fill('ping'));
      for (const socket of sockets) socket.destroy();
    }),
  );
});

test('drain: resolves when the last connection has ended, and nothing new is picked meanwhile', async () => {
  await withBackend(echo, (backend) =>
    withPort(backend.endpoints(2), async (port) => {
      const sockets = Array.from({ length: 10 }, () => connect({ host: port.host, port: port.port }));
      await until(() => backend.sockets.size === 10, 'all are open');
      let ended = false;
      const drained = port.plane.drain(backend.endpoint(1), 60_000).then((result) => {
        ended = true;
        return result;
      });
      await wait(50);
      assert.not(ended, 'connections are open there');
      const before = backend.accepted.get('127.0.1.1');
      for (let i = 0; i < 20; i++) await say(port, 'x');
      assert.is(backend.accepted.get('127.0.1.1'), before);
      for (const socket of sockets) socket.destroy();
      assert.equal(await drained, { ended: true, inFlight: 0 });
    }),
  );
});

test('drain: at its deadline it tells how much is still there, which goes on', async () => {
  await withBackend(echo, (backend) =>
    withPort(backend.endpoints(1), async (port) => {
      const socket = connect({ host: port.host, port: port.port });
      await until(() => backend.sockets.size === 1, 'it is open');
      assert.equal(await port.plane.drain(backend.endpoint(1), 50), { ended: false, inFlight: 1 });
      const heard = new Promise((resolve) => socket.once('data', resolve));
      socket.write('still');
      assert.is(String(await heard), 'still');
      socket.destroy();
    }),
  );
});

test('drain: an endpoint that was drained, taken out and named again is picked again', async () => {
  await withBackend(greet, (backend) =>
    withPort(backend.endpoints(2), async (port) => {
      assert.equal(await port.plane.drain(backend.endpoint(1), 1000), { ended: true, inFlight: 0 });
      await port.set(backend.endpoints(2));
      assert.equal(new Set(await sayMany(port, 6)), new Set(['127.0.1.2']), 'named all along: still held back');
      await port.set([backend.endpoint(2)]);
      await port.set(backend.endpoints(2));
      assert.is(new Set(await sayMany(port, 8)).size, 2);
    }),
  );
});

test('apply: a version that does not rise is a conflict', async () => {
  await withPort([REFUSES], async ({ plane }) => {
    const none = { frontends: [], frontendsGone: [], backends: [], backendsGone: [] };
    const error = await plane.apply(1, none).catch((caught: unknown) => caught);
    assert.ok(error instanceof ApiError);
    assert.is(error.code, 'Conflict');
  });
});

test('apply: endpoints that no table can hold are named, and the table before stays', async () => {
  await withBackend(greet, (backend) =>
    withPort(backend.endpoints(2), async (port) => {
      const error = await port.set([endpointAt('nowhere', 70_000)]).catch((caught: unknown) => caught);
      assert.ok(error instanceof ApiError);
      assert.equal(
        error.problems.map(({ path }) => path),
        ['endpoints[0].address', 'endpoints[0].port'],
      );
      assert.is(new Set(await sayMany(port, 8)).size, 2);
    }),
  );
});

test('apply: an address that another program has is a problem, and all else is served', async () => {
  await withBackend(greet, async (backend) => {
    const port = await proxied(backend.endpoints(1)).then(async (first) => {
      const second = await proxied(
        backend.endpoints(1),
        {},
        {
          placesOf: () => [{ host: first.host, port: first.port }],
        },
      ).catch((caught: unknown) => caught);
      assert.ok(second instanceof ApiError);
      assert.match(second.message, /EADDRINUSE/);
      return first;
    });
    assert.equal(await sayMany(port, 1), ['127.0.1.1']);
    await port.plane.close(0);
  });
});

test('close: ends once the last connection has, and accepts nothing meanwhile', async () => {
  await withBackend(echo, async (backend) => {
    const port = await proxied(backend.endpoints(1));
    const socket = connect({ host: port.host, port: port.port });
    await until(() => backend.sockets.size === 1, 'it is open');
    let closed = false;
    const done = port.plane.close(60_000).then(() => (closed = true));
    await wait(100);
    assert.not(closed);
    assert.is((await say(port)).how, 'ECONNREFUSED');
    const heard = new Promise((resolve) => socket.once('data', resolve));
    socket.write('last');
    assert.is(String(await heard), 'last');
    socket.end();
    await done;
  });
});

test.after(closeOpened);
test.run();
