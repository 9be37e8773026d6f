/** A placed pod that is seen again, on the same node and of the same make, counts as one that left and came. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScheduler, type DirectScheduler, type Node, type Pod } from '../../../core/index.ts';

const node = (name: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu: '4', memory: '16Gi', pods: '110' } },
});
const pod = (name: string, spec: Partial<Pod['spec']>, status?: Pod['status']): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: { ...spec, containers: [{ name: 'main', image: 'app:1', ...spec.containers?.[0] }] },
  ...(status && { status }),
});
const DECIDERS = ['engine', 'scan', 'reference'] as const;

for (const decider of DECIDERS) {
  const withNodes = (...names: string[]): DirectScheduler => createScheduler({ nodes: names.map(node), decider });

  test(`${decider}: a host port that another pod took along comes back with the pod that holds it`, () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const web = (name: string, nodeName?: string, status?: Pod['status']): Pod =>
      pod(name, { ...(nodeName && { nodeName }), containers: [{ name: 'main', ports }] }, status);
    const scheduler = withNodes('n');
    scheduler.apply(web('a', 'n'), web('b', 'n'));
    scheduler.delete(web('a', 'n'));
    assert.is(scheduler.schedule(web('c'), { assume: false }).host, 'n', 'as in a NodeInfo, it went with a');
    scheduler.apply(web('b', 'n', { phase: 'Running' }));
    assert.is(scheduler.schedule(web('d'), { assume: false }).host, undefined);
  });

  test(`${decider}: a pod that has started since is another victim than before`, () => {
    const cpu = { resources: { requests: { cpu: '3' } } };
    const low = (name: string, nodeName: string, startTime: string): Pod =>
      pod(name, { nodeName, priority: 1, containers: [{ name: 'main', ...cpu }] }, { phase: 'Running', startTime });
    const high = (name: string): Pod => pod(name, { priority: 9, containers: [{ name: 'main', ...cpu }] });
    const scheduler = withNodes('n0', 'n1');
    scheduler.apply(low('a', 'n0', '2026-04-01T00:01:00Z'), low('b', 'n1', '2026-04-01T00:02:00Z'));
    const chosen = (name: string) => scheduler.schedule(high(name), { assume: false }).preemption?.nominatedNode;
    assert.is(chosen('x'), 'n1', 'what started last is lost first');
    assert.is(chosen('y'), 'n1');
    scheduler.apply(low('a', 'n0', '2026-04-01T00:03:00Z'));
    assert.is(chosen('z'), 'n0');
  });
}

test.run();
