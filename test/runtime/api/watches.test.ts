/** Watches over HTTP: where they begin, what they let through, how they end. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { configMap, plainPod, type SeenEvent, startApi, type TestServer } from '../../support/api-server.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

let api: TestServer;
test.before(async () => {
  api = await startApi();
});
test.after(() => api.close());

const said = (events: readonly SeenEvent[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name ?? object.metadata.resourceVersion}`);
const present = async (): Promise<string> => (await api.get(CONFIG_MAPS)).body.metadata.resourceVersion;

test('from a version: what came after it, and nothing else', async () => {
  await api.post(CONFIG_MAPS, configMap('before'));
  const from = await present();
  await api.post(CONFIG_MAPS, configMap('w1'));
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
  await api.patch(`${CONFIG_MAPS}/w1`, 'merge', { data: { a: 'b' } });
  await api.delete(`${CONFIG_MAPS}/w1`);
  const events = await watch.until((seen) => seen.length === 3);
  watch.stop();
  assert.equal(said(events), ['ADDED w1', 'MODIFIED w1', 'DELETED w1']);
  assert.is(events[2].object.data.a, 'b');
  assert.ok(Number(events[2].object.metadata.resourceVersion) > Number(events[1].object.metadata.resourceVersion));
});

for (const from of ['', '&resourceVersion=0']) {
  test(`from ${from === '' ? 'now' : 'version 0'}: first what there is`, async () => {
    const watch = api.watch(`${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Dbefore${from}`);
    const events = await watch.until((seen) => seen.length === 1);
    watch.stop();
    assert.equal(said(events), ['ADDED before']);
  });
}

test('a selector: an object that comes to match is ADDED, one that ceases to is DELETED', async () => {
  const from = await present();
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}&labelSelector=colour%3Dred`);
  await api.post(CONFIG_MAPS, configMap('c', {}, { colour: 'blue' }));
  for (const colour of ['red', 'blue', 'red']) {
    await api.patch(`${CONFIG_MAPS}/c`, 'merge', { metadata: { labels: { colour } } });
  }
  await api.patch(`${CONFIG_MAPS}/c`, 'merge', { data: { a: 'b' } });
  await api.delete(`${CONFIG_MAPS}/c`);
  const events = await watch.until((seen) => seen.length === 5);
  watch.stop();
  assert.equal(said(events), ['ADDED c', 'DELETED c', 'ADDED c', 'MODIFIED c', 'DELETED c']);
  assert.is(events[1].object.metadata.labels.colour, 'red');
});

test('sendInitialEvents: what there is, then a bookmark that says so', async () => {
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = api.watch(`${CONFIG_MAPS}?${query}`);
  const events = await watch.until((seen) => seen.at(-1)?.type === 'BOOKMARK');
  watch.stop();
  const bookmark = events.at(-1);
  assert.is(bookmark?.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  assert.is(bookmark?.object.kind, 'ConfigMap');
  assert.is(events.length - 1, (await api.get(CONFIG_MAPS)).body.items.length);
});

const refusals = [
  { name: 'a version that is forgotten', query: 'resourceVersion=1', code: 410 },
  { name: 'a version in words', query: 'resourceVersion=x', code: 400 },
  { name: 'a match without initial events', query: 'resourceVersion=0&resourceVersionMatch=NotOlderThan', code: 422 },
  { name: 'initial events without a match', query: 'sendInitialEvents=true', code: 422 },
  { name: 'an unknown field', query: 'fieldSelector=a%3Db', code: 400 },
];
for (const { name, query, code } of refusals) {
  test(`a watch refuses ${name}`, async () => {
    if (code === 410) api.server.parts.cache.forget(api.server.parts.cache.revision);
    const { body, code: answered } = await api.get(`${CONFIG_MAPS}?watch=true&${query}`);
    assert.is(answered, code);
    assert.is(body.kind, 'Status');
  });
}

test('timeoutSeconds ends it', async () => {
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${await present()}&timeoutSeconds=1`);
  await watch.ended;
  assert.equal(watch.events, []);
});

test('large events and small ones come in their order, over HTTP without chunks as well', async () => {
  const from = await present();
  const path = `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`;
  const chunked = api.watch(path);
  const plain = connect(Number(new URL(api.url).port), '127.0.0.1');
  let text = '';
  plain.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  plain.write(`GET ${path} HTTP/1.0\r\nHost: api\r\n\r\n`);
  while (!text.includes('\r\n\r\n')) await once(plain, 'data');
  const sizes = [1, 200_000, 10, 60_000, 70_000, 2];
  for (const [i, size] of sizes.entries()) await api.post(CONFIG_MAPS, configMap(`size-${i}`, { x: 'x'.repeat(size) }));
  const events = await chunked.until((seen) => seen.length === sizes.length);
  while (!/"size-5"[^\n]*\n$/.test(text)) await once(plain, 'data');
  chunked.stop();
  plain.destroy();
  const lines = text.slice(text.indexOf('\r\n\r\n') + 4).split('\n');
  assert.is(lines.pop(), '');
  assert.equal(
    said(events),
    sizes.map((_, i) => `ADDED size-${i}`),
  );
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    events,
  );
});

test('a table: columns in the first event, then rows alone', async () => {
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
  const watch = api.watch(`/api/v1/namespaces/default/pods?watch=true&resourceVersion=${await present()}`, headers);
  await api.post('/api/v1/namespaces/default/pods', plainPod('t'));
  await api.patch('/api/v1/namespaces/default/pods/t', 'merge', { metadata: { labels: { a: 'b' } } });
  const events = await watch.until((seen) => seen.length === 2);
  watch.stop();
  assert.is(events[0].object.columnDefinitions[0].name, 'Name');
  assert.is(events[1].object.columnDefinitions, null);
  assert.is(events[1].object.rows[0].cells[0], 't');
});

test('one namespace is not told of another', async () => {
  await api.post('/api/v1/namespaces', { metadata: { name: 'other' } });
  const from = await present();
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
  await api.post('/api/v1/namespaces/other/configmaps', configMap('there'));
  await api.post(CONFIG_MAPS, configMap('here'));
  const events = await watch.until((seen) => seen.length >= 1);
  watch.stop();
  assert.equal(said(events), ['ADDED here']);
});

test('an object that is modified until it has no finalizers is DELETED', async () => {
  const from = await present();
  const watch = api.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`);
  await api.post(CONFIG_MAPS, { metadata: { name: 'f', finalizers: ['example.com/f'] } });
  await api.delete(`${CONFIG_MAPS}/f`);
  await api.patch(`${CONFIG_MAPS}/f`, 'merge', { metadata: { finalizers: null } });
  const events = await watch.until((seen) => seen.length === 3);
  watch.stop();
  assert.equal(said(events), ['ADDED f', 'MODIFIED f', 'DELETED f']);
});

test('the server that closes ends its watches', async () => {
  const own = await startApi();
  const watch = own.watch(`${CONFIG_MAPS}?watch=true`);
  await watch.until((events) => events.length > 0);
  await own.close();
  await watch.ended;
});

test('a client that does not read is left behind and told, and holds nothing meanwhile', async () => {
  const own = await startApi({ history: { events: 50, bytes: 1 << 30 } });
  const from = (await own.get(CONFIG_MAPS)).body.metadata.resourceVersion;
  const { openWatch } = await import('../../../runtime/api/registry/watch.ts');
  const kind = own.server.kinds.find('', 'v1', 'configmaps');
  assert.ok(kind);
  const seen: string[] = [];
  let lost: Error | undefined;
  const watch = await openWatch(
    own.server.parts,
    { kind, namespace: 'default', resourceVersion: from },
    {
      deliver: (deliveries) => {
        seen.push(...deliveries.map(({ entry }) => entry.object.metadata.name));
        return false;
      },
      bookmark: () => true,
      lost: (reason) => {
        lost = reason;
      },
    },
  );
  for (let i = 0; i < 200; i++) await own.post(CONFIG_MAPS, configMap(`m${i}`));
  assert.is(
    own.server.parts.cache.collection('', 'configmaps').end - own.server.parts.cache.collection('', 'configmaps').first,
    50,
  );
  watch.resume();
  while (lost === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(seen.length < 50);
  assert.match(lost.message, /^too old resource version/);
  await own.close();
});

test('no request was a fault of the server', () => {
  assert.equal(api.problems, []);
});

test.run();
