/** What etcd alone takes here, through our client: the peer of creates. */
import { openEtcdStore } from '../../runtime/store/etcd/etcd-store.ts';
import { Etcd, whyNoEtcd } from '../../test/runtime/store/etcd.ts';
import { type Part, rate, repeated, row } from './row.ts';

const UNDER_WAY = 128;
const VALUE = Buffer.alloc(1_000, 'keelson ');

/** No rows where there is no etcd, which is said aloud. */
export const etcdPuts: Part = async ({ runs, pods }) => {
  const reason = whyNoEtcd();
  if (reason !== undefined) {
    console.log(`skipped: etcd, as ${reason}`);
    return [];
  }
  const etcd = await Etcd.start();
  const store = await openEtcdStore({ url: etcd.url, timeoutMs: 20_000 });
  const rates = await repeated(runs, (run) =>
    rate(pods, UNDER_WAY, (i) => store.txn({ compares: [], writes: [{ key: `/bench/${run}/${i}`, value: VALUE }] })),
  );
  await store.close();
  await etcd.kill();
  return [row(`beside: puts of 1,000 bytes into etcd alone, ${UNDER_WAY} under way`, '/s', rates)];
};
