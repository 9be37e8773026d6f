/** A store without room: writes are refused with what to do, reads go on, and deletes make room. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../../../runtime/store/lmdb/lmdb-store.ts';
import { configMap, startApi } from '../../../support/api-server.ts';
import { newFolder } from '../../store/folder.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const LARGE = { data: 'x'.repeat(50_000) };

test('a full store refuses creates and updates with 503, reads go on, and deletes make room', async () => {
  const store = await openLmdbStore({ folder: newFolder(), maxBytes: 2 << 20, retention: { revisions: 1, ms: 10 } });
  const api = await startApi({ store, compactEveryMs: 20 });
  let made = 0;
  let answer = await api.post(MAPS, configMap('large-0', LARGE));
  while (answer.code === 201 && made < 1_000) answer = await api.post(MAPS, configMap(`large-${++made}`, LARGE));
  assert.is(answer.code, 503, answer.text);
  assert.is(answer.body.reason, 'ServiceUnavailable');
  assert.match(answer.body.message, /the store is full: .*full; it may hold 2097152 bytes/);
  assert.ok(made > 10, `${made} were made`);

  const { code, body } = await api.get(MAPS);
  assert.is(code, 200);
  const held = body.items.filter(({ metadata }: { metadata: { name: string } }) => metadata.name.startsWith('large-'));
  assert.is(held.length, made, 'all that was answered is there, and no more');
  assert.is((await api.get('/readyz')).code, 200, 'it is ready: it serves reads, and deletes');
  assert.is((await api.put(`${MAPS}/large-0`, configMap('large-0', { data: 'y'.repeat(60_000) }))).code, 503);
  assert.is((await api.get(`${MAPS}/large-0`)).body.data.data, LARGE.data, 'what was refused is not there');

  for (let i = 0; i < made; i += 2) assert.is((await api.delete(`${MAPS}/large-${i}`)).code, 200);
  let again = await api.post(MAPS, configMap('again', LARGE));
  for (let i = 0; again.code === 503 && i < 500; i++) {
    await new Promise((next) => setTimeout(next, 10)); // History goes with the next compaction.
    again = await api.post(MAPS, configMap('again', LARGE));
  }
  assert.is(again.code, 201, again.text);
  assert.equal(
    api.problems.map(({ message }) => message),
    [],
  );
  await api.close();
  await store.close();
});

test.run();
