/** A Docker Engine for the matrix: pods go to it, and the made-up nodes are left to the cases that are about nodes. */
import type { KubeObject } from '../../core/index.ts';
import type { ClusterOptions, RunningCluster } from '../../runtime/up/cluster.ts';
import { startDockerd } from '../support/dockerd.ts';
import { startMirror } from './mirror.ts';

export interface RealPods {
  options: Pick<ClusterOptions, 'docker'>;
  /** Pods that nobody binds find the real node alone. */
  prefer(cluster: RunningCluster): Promise<void>;
  close(): Promise<void>;
}

export const REAL_NODE = 'real';
const NODES = { group: '', resource: 'nodes' };
const TAINT = { key: 'keelson.dev/made-up', effect: 'NoSchedule' };

export async function startRealPods(): Promise<RealPods> {
  const mirror = await startMirror();
  const dockerd = await startDockerd({ flags: ['--registry-mirror', mirror.url] });
  if (!dockerd) {
    await mirror.close();
    throw new Error('--docker: no Docker Engine can be started here');
  }
  return {
    options: { docker: { host: dockerd.host, allowPrivileged: false, nodeName: REAL_NODE } },
    async prefer({ server: { client } }) {
      const { items } = await client.list(NODES);
      const madeUp = items.filter(({ metadata }: KubeObject) => metadata.name !== REAL_NODE);
      const body = { spec: { taints: [TAINT] } };
      for (const { metadata } of madeUp) await client.patch(NODES, '', metadata.name, body, { type: 'merge' });
    },
    async close() {
      await dockerd.close();
      await mirror.close();
    },
  };
}
