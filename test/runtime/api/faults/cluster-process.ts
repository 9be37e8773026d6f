/**
 * A cluster on an etcd, for tests that kill it: `cluster-process.ts DATA-DIR STORE short|default`. Leases are of two seconds, or
 * as `keelson up` has them. It says
 * `{ url, leads }` when it is up.
 */
import { startCluster } from '../../../../runtime/up/cluster.ts';
import { isStoreName } from '../../../../runtime/up/open-store.ts';

const [dataDir, store, leases] = process.argv.slice(2);
if (!isStoreName(store)) throw new Error(`${store} is no store`);
const cluster = await startCluster({
  dataDir,
  store,
  host: '127.0.0.1',
  port: 0,
  insecure: true,
  nodes: 2,
  seed: 1,
  ...(leases === 'short' && { leaseTimes: { leaseMs: 2_000, renewDeadlineMs: 1_500, retryMs: 200 } }),
  problem: (error) => console.error(error.message, error.cause),
});
console.log(JSON.stringify({ url: cluster.url, leads: cluster.scheduler.leads }));
