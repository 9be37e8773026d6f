/** A Deployment of three, rolled over and over under a constant rate of requests through its Service. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadCounts, LoadTarget } from '../../runtime/examples/tour/load.ts';
import { Web } from '../../runtime/examples/tour/web.ts';
import type { RunningCluster } from '../../runtime/up/cluster.ts';
import { type Spread, spreadOf } from '../balancer/spread.ts';
import { emptied, inCluster, type OwnEngine } from './own-cluster.ts';

/** Who carries connections to the Service. */
export type Carrier = 'nftables' | 'userspace';

export interface RolloutsRow {
  carrier: Carrier;
  rollouts: number;
  perSecond: number;
  /** From the patch to all three new pods ready and the old ones counted out. */
  rolloutMs: Spread;
  load: LoadCounts;
}

const LIMIT_MS = 60_000;

export function measureRollouts(
  own: OwnEngine,
  carrier: Carrier,
  rollouts: number,
  perSecond: number,
): Promise<RolloutsRow> {
  const measure = async ({ server }: RunningCluster): Promise<RolloutsRow> => {
    const web = new Web(server.client, new AbortController().signal);
    await web.apply();
    await web.rolledOut(LIMIT_MS);
    const load = startLoad(web.target(), perSecond);
    const tookMs: number[] = [];
    for (let i = 0; i < rollouts; i++) {
      const began = performance.now();
      await web.roll(`v${i + 2}`);
      await web.rolledOut(LIMIT_MS);
      tookMs.push(performance.now() - began);
    }
    await web.settled(LIMIT_MS);
    const counts = await load.stop();
    await web.remove(LIMIT_MS);
    await emptied(own);
    return { carrier, rollouts, perSecond, rolloutMs: spreadOf(tookMs), load: counts };
  };
  return inCluster(own, measure, carrier);
}

function startLoad(target: LoadTarget, perSecond: number): { stop(): Promise<LoadCounts> } {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: { target, perSecond } });
  return {
    async stop() {
      const answer = once(worker, 'message');
      worker.postMessage('stop');
      const [counts] = (await answer) as [LoadCounts];
      await worker.terminate();
      return counts;
    },
  };
}
