/** What the packed cluster gives to a snapshot, and takes from one. Columns are made anew from the objects. */
import { assert } from '../../assert.ts';
import type { Cluster } from '../cluster.ts';
import type { PlacedPod } from '../placed-pod.ts';
import { isStampable, type PodTemplate } from '../pod-template.ts';
import type { ClusterTraces, EachPlaced, FreedPort, SavedCluster } from './content.ts';

export function saveCluster(cluster: Cluster): SavedCluster {
  return {
    nodes: Array.from(cluster.nodes(), ([, node]) => node),
    placed: (each) => {
      for (const [row, { metadata }] of cluster.nodes()) visit(cluster.podsOn(row), metadata.name, each);
      for (let row = 0; row < cluster.rows; row++) {
        if (!cluster.nodeAt(row)) visit(cluster.podsOn(row), cluster.nameAt(row), each);
      }
    },
    traces: tracesOf(cluster),
  };
}

function visit(pods: readonly PlacedPod[], nodeName: string, each: EachPlaced): void {
  for (const { request, assumed } of pods) each(request.pod, request.key, nodeName, assumed);
}

/** @param cluster a fresh one. Its rows need not be those that the saved cluster had. */
export function loadCluster({ nodes, placed, traces }: SavedCluster, cluster: Cluster): void {
  assert(cluster.rows === 0, 'a snapshot is loaded into a cluster that knows nothing yet');
  cluster.makeRoom(nodes.length);
  for (const node of nodes) cluster.addNode(node);
  const templates: PodTemplate[] = [];
  placed((pod, key, nodeName, assumed, make) => {
    const template = make === undefined ? undefined : templates[make];
    if (template) cluster.expect(pod, key, template);
    else if (make !== undefined && isStampable(pod)) templates[make] = cluster.request(pod, key).template;
    if (assumed) cluster.assume(pod, key, nodeName);
    else cluster.addPod(pod, key);
  });
  restoreTraces(traces, cluster);
}

function tracesOf(cluster: Cluster): ClusterTraces {
  const { images, tree } = cluster;
  return {
    ...tree.save(),
    imageSizes: [...images.sizes()],
    frozenImages: Array.from(images.frozen(), ([row, counts]) => [cluster.nameAt(row), [...counts]]),
    pending: cluster.pendingRows().map((row) => cluster.nameAt(row)),
    freedPorts: freedPorts(cluster),
  };
}

function restoreTraces(traces: ClusterTraces, cluster: Cluster): void {
  const { zones, order, imageSizes, frozenImages, pending, freedPorts } = traces;
  const own = (name: string): string => cluster.nameAt(cluster.rowOf(name)); // The node's text, not a second copy of it.
  cluster.tree.restore({ zones: zones.map(([zone, names]) => [zone, names.map(own)]), order });
  cluster.images.restore(
    imageSizes,
    frozenImages.map(([name, counts]) => [cluster.rowOf(name), counts]),
  );
  for (const freed of freedPorts) freePort(cluster, freed);
  cluster.resume(pending.map((name) => cluster.rowOf(name)));
}

function freedPorts(cluster: Cluster): FreedPort[] {
  const freed: FreedPort[] = [];
  for (let row = 0; row < cluster.rows; row++) {
    for (const { ports } of cluster.podsOn(row)) {
      for (const { id, value } of ports) {
        if ((cluster.columns.usedPorts[id >> 5][row] & (1 << (id & 31))) !== 0) continue;
        freed.push({ node: cluster.nameAt(row), ...value });
      }
    }
  }
  return freed;
}

function freePort(cluster: Cluster, { node, ip, protocol, port }: FreedPort): void {
  for (let row = 0; row < cluster.rows; row++) {
    if (cluster.nameAt(row) !== node) continue;
    const held = cluster.podsOn(row).flatMap(({ ports }) => ports);
    for (const { id, value } of held) {
      if (value.ip !== ip || value.protocol !== protocol || value.port !== port) continue;
      cluster.columns.usedPorts[id >> 5][row] &= ~(1 << (id & 31));
    }
  }
}
