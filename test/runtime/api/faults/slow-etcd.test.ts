/** An etcd that does not answer: 503 within a bound and in words, reads of what is known go on, and all heals. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openEtcdStore } from '../../../../runtime/store/etcd/etcd-store.ts';
import type { Store } from '../../../../runtime/store/store.ts';
import { type Answer, configMap, startApi, type TestServer } from '../../../support/api-server.ts';
import { Etcd, whyNoEtcd } from '../../store/etcd.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

const reason = whyNoEtcd();
if (reason !== undefined) console.log(`skipped: a slow etcd, as ${reason}`);

const test = suite<{ etcd: Etcd; store: Store; api: TestServer }>('an etcd that is slow or gone');
if (reason === undefined) {
  test.before(async (context) => {
    const etcd = await Etcd.start();
    const store = await openEtcdStore({ url: etcd.url, timeoutMs: 1_000 });
    const until = Date.now() + 20_000;
    while (Date.now() < until)
      if (
        await store.revision().then(
          () => true,
          () => false,
        )
      )
        break;
    Object.assign(context, { etcd, store, api: await startApi({ store }) });
  });
  test.after(async ({ etcd, store, api }) => {
    await api.close();
    await store.close();
    await etcd.kill();
  });
}

for (const [name, break_, mend] of [
  ['paused', (etcd: Etcd) => etcd.pause(), (etcd: Etcd) => etcd.goOn()],
  ['killed', (etcd: Etcd) => etcd.kill(), (etcd: Etcd) => etcd.start()],
] as const) {
  if (reason !== undefined) break;
  test(`etcd is ${name}: writes and fresh reads are refused with 503, known ones answered, and then it heals`, async ({
    etcd,
    api,
  }) => {
    assert.is((await api.post(MAPS, configMap(`before-${name}`))).code, 201);
    const watch = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
    await watch.until((events) => events.some(({ object }) => object.metadata.name === `before-${name}`));
    await break_(etcd);
    const answers = await Promise.all([
      api.post(MAPS, configMap(`during-${name}`)),
      api.patch(`${MAPS}/before-${name}`, 'merge', { data: { a: 'b' } }),
      api.delete(`${MAPS}/before-${name}`),
      api.get(MAPS),
      api.get(`${MAPS}/before-${name}`),
    ]);
    for (const { code, body } of answers) {
      assert.is(code, 503);
      assert.is(body.reason, 'ServiceUnavailable');
      assert.match(body.message, /the store does not answer: etcd:\/\//);
    }
    assert.is((await api.get(`${MAPS}?resourceVersion=0`)).code, 200, 'what is known');
    assert.is((await api.get('/version')).code, 200, 'the server answers');
    assert.is((await api.get('/readyz')).code, 500, 'and is not ready');
    await mend(etcd);
    let healed: Answer | undefined;
    for (let i = 0; i < 300 && healed?.code !== 201; i++)
      healed = await api.post(MAPS, configMap(`after-${name}-${i}`));
    assert.is(healed?.code, 201, healed?.text);
    const last = healed?.body.metadata.name;
    // The watch goes on, or has ended and can be opened anew.
    const again = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
    await again.until((events) => events.some(({ object }) => object.metadata?.name === last));
    again.stop();
    watch.stop();
    assert.is((await api.get('/readyz')).code, 200);
  });
}

test.run();
