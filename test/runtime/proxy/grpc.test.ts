/** gRPC through a data plane, with real clients and servers: every call goes to an endpoint of its own. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EchoClient, EchoServer } from '../../../bench/grpc/echo.ts';
import type { UserspaceOptions, UserspacePlane } from '../../../runtime/proxy/userspace/plane.ts';
import {
  closeOpened,
  endpointAt,
  type PortOptions,
  type ProxiedPort,
  proxied,
  until,
  wait,
} from '../../support/proxied.ts';

type Port = ProxiedPort & { plane: UserspacePlane };

const servers = await Promise.all([1, 2, 3, 4].map((n) => EchoServer.start(`127.0.3.${n}`, `pod-${n}`)));
const endpoints = servers.map(({ host, port }) => endpointAt(host, port));

async function withClient(
  count: number,
  use: (client: EchoClient, port: Port) => Promise<void>,
  settings: PortOptions = {},
  options: Partial<UserspaceOptions> = {},
): Promise<void> {
  const port = await proxied(endpoints.slice(0, count), { protocol: 'grpc', ...settings }, { threads: 1, ...options });
  const client = new EchoClient(port);
  try {
    await use(client, port);
  } finally {
    client.close();
    await port.plane.close(0);
  }
}

async function failureOf(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: ServiceError) => error,
  );
}

const inFlight = (port: Port): number =>
  port.plane.stats().services[0].endpoints.reduce((sum, one) => sum + one.inFlight, 0);

test('grpc: unary calls of one channel go to all endpoints, with their trailers', async () => {
  await withClient(4, async (client, port) => {
    const names: unknown[] = [];
    for (let i = 0; i < 8; i++) {
      const { text, trailers } = await client.say('hi');
      const [name] = trailers.get('x-name');
      assert.is(text, `${name}: hi`);
      names.push(name);
    }
    assert.is(new Set(names.slice(0, 4)).size, 4);
    assert.equal(names.slice(4), names.slice(0, 4));
    assert.equal([port.plane.stats().counters.accepted, inFlight(port)], [1, 0]);
  });
});

test('grpc: a status of the endpoint comes as it was said', async () => {
  await withClient(2, async (client) => {
    const { code, details } = await failureOf(client.say('Zoë & co', { name: 'Refuse' }));
    assert.equal([code, details], [status.PERMISSION_DENIED, 'not for Zoë & co']);
    assert.is((await failureOf(client.say('x', { name: 'Nothing' }))).code, status.UNIMPLEMENTED);
  });
});

test('grpc: a server streams ten thousand messages, in order, to a client that pauses', async () => {
  await withClient(1, async (client, port) => {
    const stream = client.count(10_000);
    let next = 1;
    stream.on('data', (text: string) => {
      assert.is(text, `pod-1 ${next}`);
      if (next++ % 1000 !== 0) return;
      stream.pause();
      setTimeout(() => stream.resume(), 5);
    });
    const ended = await new Promise<number>((resolve) => stream.on('status', ({ code }) => resolve(code)));
    assert.equal([ended, next], [status.OK, 10_001]);
    await until(() => inFlight(port) === 0, 'it is over');
  });
});

test('grpc: both sides stream; one call stays with one endpoint, and another goes to the next', async () => {
  await withClient(2, async (client, port) => {
    const chats = [client.chat(), client.chat()].map((chat) => {
      const heard: string[] = [];
      chat.on('data', (text: string) => heard.push(text));
      return { chat, heard };
    });
    for (let i = 1; i <= 20; i++) {
      for (const { chat } of chats) chat.write(`${i}`);
      await until(() => chats.every(({ heard }) => heard.length === i), 'each message is answered before the next');
    }
    assert.is(inFlight(port), 2);
    const names = chats.map(({ heard }) => new Set(heard.map((text) => text.split(':')[0])));
    assert.equal(
      names.map(({ size }) => size),
      [1, 1],
    );
    assert.not.equal([...names[0]], [...names[1]]);
    for (const { chat } of chats) {
      const code = new Promise((resolve) => chat.on('status', (last) => resolve(last.code)));
      chat.end();
      assert.is(await code, status.OK);
    }
    assert.is(inFlight(port), 0);
  });
});

test('grpc: a call that its client cancels, or whose deadline passes, ends at its endpoint', async () => {
  const slow = await EchoServer.start('127.0.3.9', 'slow', 3_000);
  await withClient(0, async (client, port) => {
    await port.set([endpointAt(slow.host, slow.port)]);
    const { code } = await failureOf(client.say('x', { deadlineMs: 150 }));
    assert.is(code, status.DEADLINE_EXCEEDED);
    await until(() => inFlight(port) === 0, 'the first is over');
    const chat = client.chat();
    chat.on('error', () => {});
    chat.write('hello');
    await new Promise((resolve) => chat.once('data', resolve));
    assert.is(inFlight(port), 1);
    chat.cancel();
    await until(() => inFlight(port) === 0, 'the second is over');
  });
  slow.kill();
});

test('grpc: without an endpoint, and with one that refuses: UNAVAILABLE, with a reason', async () => {
  await withClient(0, async (client, port) => {
    const none = await failureOf(client.say('x'));
    assert.equal([none.code, none.details], [status.UNAVAILABLE, 'no endpoint is available']);
    await port.set([endpointAt('127.0.9.9', 1)]);
    const refused = await failureOf(client.say('x'));
    assert.is(refused.code, status.UNAVAILABLE);
    assert.match(refused.details, /no endpoint accepted the connection/);
    await port.set(endpoints);
    assert.match((await client.say('x')).text, /: x$/);
  });
});

test('grpc: an endpoint that is killed amid a stream: UNAVAILABLE, and the channel goes on with others', async () => {
  const doomed = await EchoServer.start('127.0.3.8', 'doomed');
  await withClient(0, async (client, port) => {
    await port.set([endpointAt(doomed.host, doomed.port)]);
    const chat = client.chat();
    chat.write('hello');
    await new Promise((resolve) => chat.once('data', resolve));
    const failure = new Promise<ServiceError>((resolve) =>
      chat.once('error', (error) => resolve(error as ServiceError)),
    );
    await port.set(endpoints);
    doomed.kill();
    assert.ok([status.UNAVAILABLE, status.CANCELLED].includes((await failure).code), (await failure).message);
    assert.match((await client.say('x')).text, /: x$/);
    assert.is(port.plane.stats().counters.accepted, 1);
  });
});

test('grpc: channels that are told to go, again and again, lose no call', async () => {
  await withClient(
    3,
    async (_client, port) => {
      // What was on its way when the client was told is refused, and gRPC clients send that again.
      const client = new EchoClient(port, true);
      let calls = 0;
      const loops = Array.from({ length: 8 }, async () => {
        while (port.plane.stats().counters.goaways < 6) {
          await client.say('x');
          calls++;
        }
      });
      await Promise.all(loops);
      client.close();
      assert.ok(calls > 50, `${calls} calls`);
    },
    { maxConnectionAgeMs: 150 },
  );
});

// --- a long-lived channel, and endpoints that are added ----------------------------------------------------------------

/** The most of a server by the mean of all, over so many calls. */
async function imbalance(client: EchoClient, calls: number): Promise<number> {
  const before = servers.map(({ answered }) => answered);
  for (let done = 0; done < calls; done += 20) await Promise.all(Array.from({ length: 20 }, () => client.say('x')));
  const counts = servers.map(({ answered }, i) => answered - before[i]);
  return Math.max(...counts) / (counts.reduce((sum, count) => sum + count, 0) / counts.length);
}

for (const { policy, calls } of [
  { policy: 'round-robin', calls: 400 },
  { policy: 'least-request', calls: 1200 },
]) {
  test(`grpc: two endpoints become four under one channel: all four get alike, by ${policy}`, async () => {
    await withClient(
      2,
      async (client, port) => {
        assert.ok((await imbalance(client, 200)) > 1.9, 'two of four have it all');
        await port.set(endpoints);
        let now = await imbalance(client, calls);
        for (let i = 0; i < 10 && now >= 1.15; i++) now = await imbalance(client, calls);
        assert.ok(now < 1.15, `max/mean is ${now}`);
        assert.is(port.plane.stats().counters.accepted, 1, 'over one connection');
      },
      { policy },
    );
  });
}

test('grpc: forwarded as plain TCP, one channel stays with the one endpoint it had', async () => {
  await withClient(
    2,
    async (client, port) => {
      assert.is(await imbalance(client, 100), 4);
      await port.set(endpoints);
      await wait(100);
      assert.is(await imbalance(client, 100), 4);
    },
    { protocol: 'tcp' },
  );
});

test.after(async () => {
  for (const server of servers) server.kill();
  await closeOpened();
});
test.run();
