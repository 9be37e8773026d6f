/** Whatever happens to a cluster, its columns are what its objects say. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCluster } from '../../../core/cluster/check.ts';
import { Cluster } from '../../../core/cluster/cluster.ts';
import { selectorMatches } from '../../../core/objects/selectors.ts';
import { podKey } from '../../../core/scheduler/framework.ts';
import { type ClusterEvent, clusterEvents } from '../../support/arbitraries.ts';

function apply(cluster: Cluster, event: ClusterEvent): void {
  if (event.op === 'node') cluster.addNode(event.node);
  else if (event.op === 'nodeGone') cluster.removeNode(event.name);
  else if (event.op === 'pod') cluster.addPod(event.pod, podKey(event.pod));
  else cluster.removePod(event.key);
}

/** Asks for columns of every sort, so that they are kept from here on. */
function ask(cluster: Cluster): void {
  for (const key of ['rack', 'topology.kubernetes.io/zone', 'never-seen']) cluster.labelColumn(key);
  for (const image of ['nginx:latest', 'redis:7']) cluster.imageColumn(image);
  for (const app of ['web', 'api']) {
    const requirement = { key: 'app', operator: 'In', values: [app] } as const;
    const selector = { nothing: false, requirements: [requirement] };
    cluster.matchColumn({
      key: `${app} in shop or default`,
      matches: (pods) => !pods.terminating && pods.namespace !== 'billing' && selectorMatches(selector, pods.labels),
    });
  }
}

test('columns equal a rebuild after every event', () => {
  fc.assert(
    fc.property(
      fc.boolean().chain((wide) => clusterEvents(30, wide)),
      fc.nat(30),
      (events, askAt) => {
        const cluster = new Cluster({ rows: 1, resources: 3, labels: 1, counts: 1, images: 1 });
        events.forEach((event, i) => {
          apply(cluster, event);
          cluster.snapshot();
          if (i === askAt) ask(cluster);
          assert.equal(checkCluster(cluster), []);
        });
      },
    ),
    { numRuns: 400 },
  );
});

test('an event that comes twice changes nothing the second time', () => {
  fc.assert(
    fc.property(clusterEvents(20), (events) => {
      const once = new Cluster();
      const twice = new Cluster();
      for (const event of events) {
        apply(once, event);
        apply(twice, event);
        const { position } = twice.log;
        apply(twice, event);
        assert.is(twice.log.position, position, `${event.op} was logged again`);
      }
      assert.equal(checkCluster(twice), []);
      assert.is(twice.podCount, once.podCount);
      assert.equal([...twice.order()], [...once.order()]);
    }),
    { numRuns: 300 },
  );
});

test('a what-if leaves no trace', () => {
  fc.assert(
    fc.property(clusterEvents(30), fc.array(fc.nat(9), { maxLength: 6 }), (events, picks) => {
      const cluster = new Cluster();
      for (const event of events) apply(cluster, event);
      for (const [row] of cluster.nodes()) {
        const before = cluster.podsOn(row).map(({ request }) => request.key);
        const overlay = cluster.overlay(row);
        for (const pick of picks) {
          const pod = overlay.pods[pick];
          if (!pod) continue;
          overlay.remove(pod);
          if (pick % 2 === 0) overlay.add(pod);
        }
        cluster.labelColumn(`asked meanwhile ${row}`);
        overlay.close();
        assert.equal(
          cluster.podsOn(row).map(({ request }) => request.key),
          before,
        );
      }
      assert.equal(checkCluster(cluster), []);
    }),
    { numRuns: 300 },
  );
});

test.run();
