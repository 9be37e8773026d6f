/** The etcd backend: what all backends promise, two stores on one etcd, and an etcd that is slow, absent or full. */
import { test } from 'uvu';
import { openEtcdStore, restoreEtcdStore } from '../../../runtime/store/etcd/etcd-store.ts';
import { Etcd, whyNoEtcd } from './etcd.ts';
import { storeSuite } from './suite.ts';

const reason = whyNoEtcd();
if (reason !== undefined) {
  console.log(`skipped: the etcd backend, as ${reason}`);
  test('there is no etcd to test', () => {});
} else {
  const etcd = await Etcd.start();
  let stores = 0;
  const next = (): { url: string; prefix: string } => ({ url: etcd.url, prefix: `/test-${stores++}/` });

  storeSuite({
    name: 'etcd',
    open: () => openEtcdStore(next()),
    restore: async (path) => {
      const options = next();
      await restoreEtcdStore(path, options);
      return openEtcdStore(options);
    },
    keepsRevisions: false,
  });

  test.after(() => etcd.kill());
}

test.run();
