/**
 * Clients that misbehave or only sit there, and endpoints that all go and come back: nothing crashes, others are served
 * meanwhile, and nothing is left behind. What was counted is printed; test/README.md has figures of one run.
 */
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { goodServer, load } from '../../support/http-load.ts';
import { Backend, closeOpened, echo, greet, proxied, say, until, wait } from '../../support/proxied.ts';

test('200 slow clients drip their heads: they are closed with 408, and others are served meanwhile', async () => {
  const good = await goodServer();
  const port = await proxied(good.endpoints, { protocol: 'http' }, { headerTimeoutMs: 1_000 });
  const ends = { answered: 0, closed: 0 };
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect({ host: port.host, port: port.port });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const drip = setInterval(() => socket.write('a'), 100);
    socket.on('data', (chunk) => {
      if (String(chunk).startsWith('HTTP/1.1 408')) ends.answered++;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drip);
      ends.closed++;
    });
    return socket;
  });
  await until(() => port.plane.stats().activeConnections === slow.length, 'all are connected');
  const { whole, failed } = await load(port);
  await until(() => ends.closed === slow.length, 'all are closed');
  assert.is(failed, 0);
  assert.is(ends.answered, slow.length);
  assert.is(port.plane.stats().counters.picks, whole, 'no endpoint heard of them');
  await until(() => port.plane.stats().activeConnections === 0, 'nothing is left of them');
  console.log(`slowloris: ${slow.length} clients closed with 408, beside ${whole} requests whole, ${failed} failed`);
  await port.plane.close(0);
  good.server.close();
});

test('100 heads of 64 KB are answered 431 beside a load, and no endpoint hears of them', async () => {
  const good = await goodServer();
  const port = await proxied(good.endpoints, { protocol: 'http' });
  const head = `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'y'.repeat(65_536)}\r\n\r\n`;
  const large = Array.from({ length: 100 }, async () => {
    const { text, how } = await say(port, head, false);
    return text.startsWith('HTTP/1.1 431') || how === 'ECONNRESET';
  });
  const { whole, failed } = await load(port);
  const refused = (await Promise.all(large)).filter(Boolean).length;
  assert.is(refused, large.length);
  assert.is(failed, 0);
  assert.is(port.plane.stats().counters.picks, whole);
  console.log(
    `heads of 64 KB: ${refused} of ${large.length} refused, beside ${whole} requests whole, ${failed} failed`,
  );
  await port.plane.close(0);
  good.server.close();
});

test('idle connections, 2,000 of them: all are held, each still carries bytes, and nothing is left when they end', async () => {
  const count = 2_000;
  const backend = await Backend.listen(echo);
  const port = await proxied(backend.endpoints(8));
  const sockets: Socket[] = [];
  for (let i = 0; i < count; i++) {
    sockets.push(connect({ host: port.host, port: port.port, localAddress: `127.0.5.${1 + (i % 200)}` }));
    if (i % 100 === 99) await wait(5);
  }
  await until(() => backend.sockets.size === count, 'all reach an endpoint');
  assert.is(port.plane.stats().activeConnections, count);
  const inFlight = (): number[] => port.plane.stats().services[0].endpoints.map((endpoint) => endpoint.inFlight);
  const perEndpoint = inFlight();
  assert.is(
    perEndpoint.reduce((sum, one) => sum + one, 0),
    count,
  );
  const answers = sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve)));
  for (const socket of sockets) socket.write('.');
  await Promise.all(answers);
  for (const socket of sockets) socket.destroy();
  await until(() => port.plane.stats().activeConnections === 0, 'all have ended');
  assert.equal(inFlight(), new Array(8).fill(0));
  console.log(
    `idle: ${count} connections held and answered, ${Math.min(...perEndpoint)} to ${Math.max(...perEndpoint)} an endpoint`,
  );
  await port.plane.close(0);
  await backend.close();
});

test('all endpoints go and come back, 20 times under load: reset while there is none, whole while there are', async () => {
  const backend = await Backend.listen(greet);
  const port = await proxied(backend.endpoints(4));
  const counts = { whole: 0, reset: 0, wrong: 0 };
  /** Rises with every change that is asked for; even: endpoints are there, and that is acknowledged. */
  let phase = 0;
  let going = true;
  const clients = Array.from({ length: 8 }, async () => {
    while (going) {
      const began = phase;
      const { how } = await say(port);
      counts[how === 'end' ? 'whole' : 'reset']++;
      const [acknowledged, unchanged] = [Number.isInteger(began), phase === began];
      if (acknowledged && unchanged && (how === 'end') !== (began % 2 === 0)) counts.wrong++;
    }
  });
  for (let i = 0; i < 20; i++) {
    for (const endpoints of [[], backend.endpoints(4)]) {
      const next = Math.floor(phase) + 1;
      phase += 0.5; // Asked for, not yet acknowledged: either outcome is right.
      await port.set(endpoints);
      phase = next;
      await wait(20);
    }
  }
  going = false;
  await Promise.all(clients);
  assert.is(counts.wrong, 0);
  assert.ok(counts.whole > 20 && counts.reset > 20);
  console.log(
    `all endpoints gone and back 20 times: ${counts.whole} whole, ${counts.reset} reset, ${counts.wrong} at the wrong time`,
  );
  await port.plane.close(0);
  await backend.close();
});

test.after(closeOpened);
test.run();
