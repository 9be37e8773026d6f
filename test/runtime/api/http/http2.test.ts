/** HTTP/2 as Kubernetes' own clients speak it: the same answers, many requests on one connection, and its limits. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type ClientHttp2Stream, connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_BODY_BYTES } from '../../../../runtime/api/http/body.ts';
import { closeWhenIdle, MAX_STREAMS } from '../../../../runtime/api/http/secure-server.ts';
import { forgetBody } from '../../../../runtime/api/http/stream-of.ts';
import { streamHandlers } from '../../../../runtime/api/streams/handlers.ts';
import type { PodStreams } from '../../../../runtime/node/pod-streams.ts';
import { configMap, plainPod, startApi, type TestServer } from '../../../support/api-server.ts';
import { Http2Client } from '../../../support/http2-client.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

interface Context {
  api: TestServer;
  client: Http2Client;
}

const never = (): never => {
  throw new Error('nobody asks for it');
};

const test = suite<Context>('http2');
test.before(async (context) => {
  const forward: PodStreams['forward'] = async (_pod, _port, client) => {
    const behind = createServer((request, response) => {
      const { method, url, headers } = request;
      const names = Object.keys(headers).filter((name) => name.startsWith(':') || name === 'te');
      const said = `${method} ${url} ${headers['x-forwarded-host']} ${names.join()}`;
      request.resume().on('end', () => response.writeHead(200, { connection: 'close', 'x-own': 'kept' }).end(said));
    });
    behind.emit('connection', client);
    await new Promise((done) => client.once('close', done));
  };
  const streams: PodStreams = { exec: never, attach: never, logs: never, forward };
  context.api = await startApi({ secure: true, connect: (view) => streamHandlers(streams, view, Date.now) });
  context.client = await Http2Client.connect(context.api);
});
test.after(async ({ api, client }) => {
  await client.close();
  await api.close();
});

/** What came of a watch so far, and a wait for more. */
function watching(
  client: Http2Client,
  query: string,
): { stream: ClientHttp2Stream; until(what: string): Promise<void> } {
  const stream = client.open('GET', `${CONFIG_MAPS}?watch=true&${query}`).end();
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => (text += piece));
  stream.on('error', () => {});
  const until = async (what: string): Promise<void> => {
    for (let i = 0; i < 1_000 && !text.includes(what); i++) await new Promise((next) => setTimeout(next, 10));
    assert.ok(text.includes(what), `${what} is not in ${text}`);
  };
  return { stream, until };
}

/** One for each watch that is open. */
function watchesOf({ server }: TestServer): ReadonlySet<unknown> {
  return server.parts.cache.collection('', 'configmaps').listeners;
}

for (const { name, protocols, is } of [
  { name: 'who speaks both gets HTTP/2', protocols: ['http/1.1', 'h2'], is: 'h2' },
  { name: 'who speaks HTTP/1.1 alone gets that', protocols: ['http/1.1'], is: 'http/1.1' },
  { name: 'who does not say gets HTTP/1.1', protocols: undefined, is: false },
]) {
  test(name, async ({ api }) => {
    const { port } = new URL(api.url);
    const authority = api.server.auth.authority.pair.certificate;
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), ca: authority, ALPNProtocols: protocols });
    await once(socket, 'secureConnect');
    assert.is(socket.alpnProtocol, is);
    if (is !== 'h2') {
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      const [answer] = await once(socket, 'data');
      assert.match(answer.toString(), /^HTTP\/1.1 200 OK/);
    }
    socket.destroy();
  });
}

test('objects are made, read, changed and deleted as over HTTP/1.1', async ({ api, client }) => {
  const made = await client.ask('POST', CONFIG_MAPS, { body: configMap('one', { a: '1' }) });
  assert.is(made.code, 201, made.text);
  const path = `${CONFIG_MAPS}/one`;
  const headers = { 'content-type': 'application/merge-patch+json' };
  const changed = await client.ask('PATCH', path, { headers, body: { data: { b: '2' } } });
  assert.equal(changed.body.data, { a: '1', b: '2' });
  const [here, there] = [await client.ask('GET', path), await api.get(path)];
  assert.equal(here.body, there.body);
  assert.is(here.headers['content-type'], there.headers['content-type']);
  const head = await client.ask('HEAD', '/healthz');
  assert.equal([head.code, head.text], [200, '']);
  assert.is((await client.ask('DELETE', path)).code, 200);
  const refused = await client.ask('GET', path);
  assert.equal([refused.code, refused.body.message], [404, 'configmaps "one" not found']);
  const warned = await client.ask('POST', `${CONFIG_MAPS}?fieldValidation=Warn`, {
    body: { ...configMap('odd'), first: 1, second: 2 },
  });
  assert.is(warned.code, 201);
  assert.match(String(warned.headers.warning), /^299 - ".*first.*, 299 - ".*second/);
});

test('who one is: by token, by certificate, as another, and nobody', async ({ api, client }) => {
  const who = async (of: Http2Client, headers = {}) =>
    (await of.ask('POST', REVIEW, { body: review, headers })).body.status.userInfo;
  const names = ['impersonate-user', 'impersonate-group'];
  const jane = await who(client, { [names[0]]: 'jane', [names[1]]: ['a, b', 'c'] });
  assert.equal(
    [jane.username, jane.groups],
    ['jane', ['a, b', 'c', 'system:authenticated']],
    'a group with a comma is one group',
  );
  const { authority } = api.server.auth;
  const { certificate, key } = await authority.clientCertificate('anna', ['people']);
  const anna = await Http2Client.connect(api, { token: '', cert: certificate, key });
  for (let i = 0; i < 2; i++) assert.equal((await who(anna)).username, 'anna');
  const nobody = await Http2Client.connect(api, { token: '' });
  assert.is((await nobody.ask('GET', '/healthz')).code, 200);
  assert.is((await nobody.ask('GET', CONFIG_MAPS)).code, 401);
  await Promise.all([anna.close(), nobody.close()]);
});

test('a request goes on to a pod without what only HTTP/2 has', async ({ api, client }) => {
  await api.post(PODS, plainPod('web'));
  await api.patch(`${PODS}/web/status`, 'merge', { status: { podIP: '10.0.0.1' } });
  for (const method of ['GET', 'POST']) {
    const { code, text, headers } = await client.ask(method, `${PODS}/web/proxy/a?q=1`, {
      ...(method === 'POST' && { body: {} }),
      headers: { te: 'trailers' },
    });
    assert.equal([code, text], [200, `${method} /a?q=1 ${new URL(api.url).host} `]);
    assert.is(headers['x-own'], 'kept');
  }
});

test('bodies that are too large, or of who may not, are refused, and the connection goes on', async ({ client }) => {
  const bytes = Buffer.alloc(MAX_BODY_BYTES + 1, 0x20);
  const headers = { authorization: 'Bearer wrong' };
  // More than a connection may have on its way, if what is refused were never given back.
  for (let i = 0; i < 20; i++) assert.is((await client.ask('POST', CONFIG_MAPS, { bytes, headers })).code, 401);
  for (let i = 0; i < 20; i++) {
    const said: Record<string, string> = i % 2 === 0 ? { 'content-length': `${bytes.length}` } : {};
    const { code } = await client.ask('POST', CONFIG_MAPS, { bytes, headers: said });
    assert.is(code, 413);
  }
  const large = configMap('large', { text: 'x'.repeat(900_000) });
  const made = await Promise.all(
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => client.ask('POST', `${CONFIG_MAPS}?dryRun=All`, { body: { ...large, i } })),
  );
  for (const { code, text } of made) assert.is(code, 201, text);
});

test('watches share a connection: one that ends leaves the others', async ({ api, client }) => {
  const short = watching(client, 'timeoutSeconds=1');
  const given = watching(client, '');
  const long = watching(client, '');
  await Promise.all([short, given, long].map(({ until }) => until('kube-root-ca.crt')));
  given.stream.close();
  await Promise.all([short, given].map(({ stream }) => stream.closed || once(stream, 'close')));
  await api.post(CONFIG_MAPS, configMap('later'));
  await long.until('"later"');
  long.stream.close();
});

test(`of ${MAX_STREAMS} requests under way none more is begun on a connection, but on another`, async ({ api }) => {
  const client = await Http2Client.connect(api);
  assert.is(client.session.remoteSettings.maxConcurrentStreams, MAX_STREAMS);
  const watches = Array.from({ length: MAX_STREAMS }, () => watching(client, ''));
  await Promise.all(watches.map(({ until }) => until('kube-root-ca.crt')));
  let answered = false;
  client.ask('GET', '/healthz').then(
    () => (answered = true),
    () => {}, // It is broken off below.
  );
  await api.post(CONFIG_MAPS, configMap('behind'));
  await Promise.all(watches.map(({ until }) => until('"behind"')));
  assert.not(answered);
  const another = await Http2Client.connect(api);
  assert.is((await another.ask('GET', '/healthz')).code, 200);
  await Promise.all([client.close(), another.close()]);
});

test('a watch that is not read ends with 410, and those beside it on its connection see all', async () => {
  const api = await startApi({ secure: true, history: { events: 50, bytes: 1 << 20 } });
  const client = await Http2Client.connect(api);
  // Else what is not read would fill the connection's window, which is the client's to choose.
  client.session.setLocalWindowSize(16 << 20);
  const beside = watching(client, '');
  const stuck = client.open('GET', `${CONFIG_MAPS}?watch=true`).end();
  await Promise.all([beside.until('kube-root-ca.crt'), once(stuck, 'response')]);
  const large = { data: 'x'.repeat(100_000) };
  for (let i = 0; i < 100; i++) {
    const made = await api.post(CONFIG_MAPS, configMap(`large-${i}`, large));
    assert.is(made.code, 201);
    await beside.until(`"large-${i}"`);
  }
  let text = '';
  stuck.setEncoding('utf8').on('data', (piece) => (text += piece));
  await once(stuck, 'close');
  assert.match(text.slice(-1_000), /"type":"ERROR".*"code":410/);
  assert.ok(text.length < 5_000_000, `${text.length} bytes were kept for it`);
  await client.close();
  await api.close();
});

test('headers that are too many or too large are refused, and so is what is no HTTP/2', async ({ api, client }) => {
  const refusedWith = async (headers: Record<string, string>): Promise<void> => {
    const other = await Http2Client.connect(api, { maxSendHeaderBlockLength: 1 << 20 });
    await other.ask('GET', '/healthz', { headers }).then(
      ({ code }) => assert.unreachable(`answered with ${code}`),
      (error) => assert.match(error.message, 'NGHTTP2_ENHANCE_YOUR_CALM'),
    );
    await other.close();
  };
  await refusedWith({ 'x-large': 'x'.repeat(70_000) });
  await refusedWith(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'x'])));
  const { port } = new URL(api.url);
  const authority = api.server.auth.authority.pair.certificate;
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\xff'.repeat(100)}`]) {
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), ca: authority, ALPNProtocols: ['h2'] });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    socket.resume().write(bytes, 'latin1');
    await once(socket, 'close');
  }
  assert.is((await client.ask('GET', '/healthz')).code, 200);
});

test('a client that goes away in the midst of its requests takes nothing with it', async ({ api, client }) => {
  const { size } = watchesOf(api);
  const other = await Http2Client.connect(api);
  const watches = Array.from({ length: 20 }, () => watching(other, ''));
  const bodies = Array.from({ length: 20 }, () => other.open('POST', CONFIG_MAPS));
  for (const stream of bodies) stream.on('error', () => {}).write('{');
  await Promise.all(watches.map(({ until }) => until('kube-root-ca.crt')));
  // Given up while the server waits for their revision: each one's end comes before its watch is open.
  const next = api.server.parts.cache.revision + 1;
  const early = Array.from({ length: 20 }, () => watching(other, `resourceVersion=${next}`));
  await other.ask('GET', '/healthz'); // Behind them on the connection.
  for (const { stream } of early) stream.close();
  await other.ask('GET', '/healthz');
  await api.post(CONFIG_MAPS, configMap('awaited'));
  await other.close();
  for (let i = 0; i < 500 && watchesOf(api).size > size; i++) await new Promise((next) => setTimeout(next, 10));
  assert.is(watchesOf(api).size, size);
  assert.is((await client.ask('GET', '/healthz')).code, 200);
});

test('a session without requests is ended after a while, one with a request is not', async () => {
  const server = createHttp2Server();
  server.on('session', (session) => closeWhenIdle(session, 50));
  server.on('stream', (stream) => stream.respond({ ':status': 200 }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/' });
  await once(stream, 'response');
  await new Promise((next) => setTimeout(next, 200));
  assert.not(session.closed);
  stream.close();
  await once(session, 'close');
  await new Promise((done) => server.close(done));
});

test('a body that nobody reads and that does not end is broken off', async () => {
  const server = createHttp2Server((request, response) => {
    response.writeHead(401).end('refused');
    forgetBody(request as unknown as IncomingMessage, 50);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const sending = setInterval(() => stream.writable && stream.write('x'), 5);
  const closed = once(stream.resume(), 'close');
  const [head] = await once(stream, 'response');
  assert.is(head[':status'], 401);
  await closed;
  clearInterval(sending);
  session.close();
  await new Promise((done) => server.close(done));
});

test('a server that closes ends watches and connections', async () => {
  const api = await startApi({ secure: true });
  const client = await Http2Client.connect(api);
  const watch = watching(client, '');
  await watch.until('kube-root-ca.crt');
  const closed = once(client.session, 'close');
  await api.close();
  await closed;
  assert.ok(watch.stream.closed);
});

test('nothing of all this was a fault of the server', ({ api }) => assert.equal(api.problems, []));

test.run();
