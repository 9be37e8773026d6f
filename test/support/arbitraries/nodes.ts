/** Random nodes: every field that scheduling reads. */
import fc from 'fast-check';
import type { Node, Taint } from '../../../core/objects/types.ts';
import { HOSTNAME, labelsOf, rarely, withoutUndefined, ZONE } from './words.ts';

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom('dedicated', 'gpu'),
  value: fc.constantFrom('infra', ''),
  effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute', 'PreferNoSchedule'),
});

export function nodeArbitrary(name: string, wide: boolean): fc.Arbitrary<Node> {
  return fc
    .record({
      zone: rarely(fc.constantFrom('a', 'b', 'c'), 1),
      rack: rarely(fc.constantFrom('r1', 'r2'), 2),
      disk: rarely(fc.constant('ssd'), 2),
      cores: rarely(fc.constantFrom('2', '6', 'few'), 2),
      hostname: fc.boolean(),
      cpu: fc.constantFrom('4', '8', '6500m'),
      memory: wide ? fc.constantFrom('60Pi', '9007199254740993', '4Gi') : fc.constantFrom('8Gi', '4Gi', '6000000000'),
      storage: rarely(fc.constantFrom('4Gi', '8Gi'), 1),
      gpu: rarely(fc.constantFrom('1', '2'), 2),
      pods: fc.constantFrom('3', '110', '110'),
      taints: rarely(fc.array(taint, { minLength: 1, maxLength: 2 }), 3),
      unschedulable: rarely(fc.constant(true), 12),
      images: fc.array(
        fc.record({
          names: fc.constantFrom<string[]>(['nginx:latest'], ['redis:7'], ['registry:5000/app:latest', 'app@sha256:0']),
          sizeBytes: fc.constantFrom(30_000_000, 500_000_000),
        }),
        { maxLength: 2 },
      ),
    })
    .map((n) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: labelsOf({
          [ZONE]: n.zone,
          [HOSTNAME]: n.hostname ? name : undefined,
          rack: n.rack,
          disk: n.disk,
          cores: n.cores,
        }),
      },
      spec: withoutUndefined({ taints: n.taints, unschedulable: n.unschedulable }),
      status: {
        images: n.images,
        allocatable: labelsOf({
          cpu: n.cpu,
          memory: n.memory,
          pods: n.pods,
          'ephemeral-storage': n.storage,
          'example.com/gpu': n.gpu,
        }),
      },
    }));
}
