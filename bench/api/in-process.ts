/** A whole cluster in this process: durable creates, and pods from create to Running on made-up nodes. */
import { type RunningCluster, startCluster } from '../../runtime/up/cluster.ts';
import { folder } from './folders.ts';
import { CONFIG_MAPS, configMap, PODS, pod } from './objects.ts';
import { atLeast, type Part, rate, repeated, row } from './row.ts';

const UNDER_WAY = 500;

export const creates: Part = async ({ runs, pods }) => {
  const cluster = await started(0);
  const rates = await repeated(runs, (run) =>
    rate(pods, UNDER_WAY, (i) => cluster.server.client.create(CONFIG_MAPS, configMap(`map-${run}-${i}`))),
  );
  await cluster.stop();
  return [row(`creates in process, durable (LMDB), ${UNDER_WAY} under way`, '/s', rates, atLeast(10_000))];
};

/** Each run on the cluster that the runs before have left: nodes fill up, the engine stays as it is compiled. */
export const endToEnd: Part = async ({ runs, nodes, pods }) => {
  const cluster = await started(nodes);
  await lives(cluster, pods, 'warm');
  const rates = await repeated(runs, (run) => lives(cluster, pods, `run-${run}`));
  await cluster.stop();
  return [row(`pods from create to Running, ${nodes} made-up nodes, in a row ${pods}`, '/s', rates, atLeast(5_000))];
};

/** Pods a second. */
async function lives({ server: { client } }: RunningCluster, pods: number, name: string): Promise<number> {
  const running = new Set<string>();
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const watch = client.watch(PODS, {
    onEvents(events) {
      for (const { object } of events) {
        const { status } = object as { status?: { phase?: string } };
        if (status?.phase !== 'Running' || !object.metadata.name.startsWith(name)) continue;
        if (running.add(object.metadata.name).size === pods) resolve();
      }
    },
  });
  const began = performance.now();
  await rate(pods, UNDER_WAY, (i) => client.create(PODS, pod(`${name}-${i}`)));
  await all;
  watch.stop();
  return pods / ((performance.now() - began) / 1_000);
}

function started(nodes: number): Promise<RunningCluster> {
  return startCluster({
    dataDir: folder(),
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes,
    problem: console.error,
  });
}
