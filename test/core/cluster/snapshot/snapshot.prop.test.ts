/** Whatever has happened to a cluster, what comes out of its snapshot is the same cluster. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCluster } from '../../../../core/cluster/check.ts';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import { loadCluster, saveCluster } from '../../../../core/cluster/snapshot/cluster-state.ts';
import { readSnapshot, writeSnapshot } from '../../../../core/cluster/snapshot/snapshot.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { type ClusterEvent, clusterEvents } from '../../../support/arbitraries.ts';

function apply(cluster: Cluster, event: ClusterEvent): void {
  if (event.op === 'node') cluster.addNode(event.node);
  else if (event.op === 'nodeGone') cluster.removeNode(event.name);
  else if (event.op === 'pod') cluster.addPod(event.pod, podKey(event.pod));
  else cluster.removePod(event.key);
}

function bytesOf(cluster: Cluster): Uint8Array {
  return writeSnapshot({ ...saveCluster(cluster), objects: [], rest: null });
}

function reloaded(bytes: Uint8Array): Cluster {
  const cluster = new Cluster();
  loadCluster(readSnapshot(bytes), cluster);
  return cluster;
}

/** Everything a decision can see, by names: rows may be others. */
function shown(cluster: Cluster): unknown {
  const { columns } = cluster;
  const rows: [string, unknown][] = [];
  for (let row = 0; row < cluster.rows; row++) {
    const name = cluster.nameAt(row);
    if (name === '') continue;
    const pods = cluster.podsOn(row).map(({ request, assumed }) => [request.pod, request.key, assumed]);
    const amounts = Array.from({ length: columns.allocatable.length }, (_, r) => [
      cluster.resourceName(r),
      columns.allocatable[r][row],
      columns.requested[r][row],
    ]).filter(([name, ...values]) => name !== undefined && values.some((value) => value !== 0));
    const ports = cluster.podsOn(row).flatMap(({ ports }) => ports);
    const taken = ports.filter(({ id }) => (columns.usedPorts[id >> 5][row] & (1 << (id & 31))) !== 0);
    const images = ['nginx:latest', 'redis:7'].map((image) => [
      cluster.images.frozenCount(row, image),
      cluster.images.sizeOf(image),
    ]);
    rows.push([
      name,
      [
        cluster.nodeAt(row),
        pods,
        amounts.sort(),
        taken.map(({ key }) => key).sort(),
        images,
        columns.podCount[row],
        columns.wide[row],
        columns.nonZeroRequested.map((column) => column[row]),
      ],
    ]);
  }
  return {
    rows: rows.sort(([a], [b]) => (a < b ? -1 : 1)),
    order: Array.from(cluster.order(), (row) => cluster.nameAt(row)),
    wide: cluster.wideRows,
  };
}

const histories = fc.tuple(
  // As JSON, whose objects all have the same prototype.
  fc.boolean().chain((wide) => clusterEvents(40, wide).map((events) => structuredClone(events))),
  fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
);

test('a cluster that was saved and loaded equals itself, passes the rebuild, and stays equal under what follows', () => {
  fc.assert(
    fc.property(histories, fc.nat(40), ([events, cycles], savedAt) => {
      const cluster = new Cluster();
      let loaded: Cluster | undefined;
      events.forEach((event, i) => {
        if (i === savedAt) loaded = reloaded(bytesOf(cluster));
        for (const one of [cluster, loaded]) {
          if (!one) continue;
          apply(one, event);
          if (cycles[i]) one.snapshot(); // A cycle: image counts are frozen, the walking order is made.
        }
        if (!loaded) return;
        assert.equal(shown(loaded), shown(cluster));
        loaded.snapshot();
        cluster.snapshot();
        assert.equal(checkCluster(loaded), []);
      });
    }),
    { numRuns: 400 },
  );
});

test('saving leaves no trace, and the bytes of what was loaded are the bytes it was loaded from', () => {
  fc.assert(
    fc.property(histories, ([events, cycles]) => {
      const cluster = new Cluster();
      const other = new Cluster();
      events.forEach((event, i) => {
        apply(cluster, event);
        apply(other, event);
        const bytes = bytesOf(cluster);
        assert.equal(bytesOf(cluster), bytes, 'twice the same');
        assert.is(Buffer.compare(bytesOf(reloaded(bytes)), bytes), 0);
        if (!cycles[i]) return;
        cluster.snapshot();
        other.snapshot();
      });
      assert.equal(shown(cluster), shown(other));
    }),
    { numRuns: 150 },
  );
});

test.run();
