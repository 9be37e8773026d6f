import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type KubeObject, type Node, type Pod, podKey } from '../../../core/index.ts';
import { explainPod } from '../../../sim/placement/explain-pod.ts';
import { type Placement, placePending } from '../../../sim/placement/place-pending.ts';
import type { SequenceCase } from '../../../sim/replay/case.ts';
import type { Manifests } from '../../../sim/traces/manifests.ts';
import { sequenceCases } from '../../support/arbitraries.ts';

/** The cluster of a random sequence, and all its arriving pods at once; each pod has a name of its own. */
function manifestsOf({ objects, steps }: SequenceCase): Manifests {
  const arriving = steps.flatMap((step) => (step.op === 'pod' ? [step.pod] : []));
  const pods = [...objects.filter((object): object is Pod => object.kind === 'Pod'), ...arriving];
  const others: KubeObject[] = objects.filter(({ kind }) => kind !== 'Pod' && kind !== 'Node');
  return {
    nodes: objects.filter((object): object is Node => object.kind === 'Node'),
    pods: [...new Map(pods.map((pod) => [podKey(pod), pod])).values()],
    others,
    problems: [],
  };
}

const clusters = sequenceCases({ size: { nodes: 6, placed: 8 }, steps: 16 }).map(manifestsOf);
const tieRules = fc.constantFrom('order', 'first', 'random');

test('placePending: both deciders place every cluster alike, attempt by attempt, and come to an end', async () => {
  await fc.assert(
    fc.asyncProperty(clusters, tieRules, fc.nat(99), async (manifests, tieRule, seed) => {
      const [scan, reference] = (await Promise.all(
        (['scan', 'reference'] as const).map((decider) => placePending(manifests, { decider, tieRule, seed })),
      )) as [Placement, Placement];
      assert.equal(scan, reference);
      const pending = manifests.pods.filter(({ spec }) => !spec.nodeName).length;
      const wasRunning = scan.pods.filter(({ result, attempts }) => result === 'evicted' && attempts === 0).length;
      assert.is(scan.pods.length - wasRunning, pending, 'one row for each pending pod');
      assert.ok(scan.attempts <= 20 * (pending + 1), `${scan.attempts} attempts for ${pending} pods`);
    }),
    { numRuns: 150 },
  );
});

test('placePending: a pod said to be unschedulable has no feasible node when it is explained afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(clusters, async (manifests) => {
      // A nomination keeps others off a node; without the pod to be explained, they would go elsewhere.
      fc.pre(manifests.pods.every(({ status }) => !status?.nominatedNodeName));
      const options = { decider: 'scan', tieRule: 'order', seed: 1 } as const;
      const { pods, evicted } = await placePending(manifests, options);
      const waiting = pods.find(({ result }) => result === 'unschedulable');
      if (!waiting || evicted > 0) return;
      const { nodes, error } = await explainPod(manifests, waiting.pod, { ...options, after: true });
      if (error === undefined)
        assert.ok(
          nodes.every(({ verdict }) => verdict === 'rejected'),
          waiting.pod,
        );
    }),
    { numRuns: 150 },
  );
});

test.run();
