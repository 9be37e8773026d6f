/** What stands around pods and nodes: namespaces, Services, budgets, storage, and the scheduler's configuration. */
import fc from 'fast-check';
import type { KubeObject } from '../../../core/objects/types.ts';
import { APPS, CLAIMS, inDefault, meta, NAMESPACES, ZONE } from './words.ts';

/** Storage that pods above refer to: bound, waiting and missing claims; volumes in zones. */
const storage: fc.Arbitrary<KubeObject[]> = fc
  .tuple(
    ...CLAIMS.map(() => fc.record({ bound: fc.boolean(), exclusive: fc.boolean(), zone: fc.constantFrom('a', 'b') })),
  )
  .map((claims) => {
    const objects: KubeObject[] = [
      meta('storage.k8s.io/v1', 'StorageClass', 'wait', {
        provisioner: 'csi',
        volumeBindingMode: 'WaitForFirstConsumer',
      }),
    ];
    claims.forEach(({ bound, exclusive, zone }, i) => {
      const reaches = [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }];
      const spec = {
        capacity: { storage: `${i + 1}Gi` },
        accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
        storageClassName: 'wait',
        nodeAffinity: { required: { nodeSelectorTerms: reaches } },
        csi: { driver: 'csi', volumeHandle: `h${i}` },
      };
      objects.push(
        meta('v1', 'PersistentVolume', `pv-${i}`, { spec, status: { phase: bound ? 'Bound' : 'Available' } }),
      );
      for (const namespace of NAMESPACES) {
        objects.push({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name: CLAIMS[i],
            namespace,
            uid: `claim-${i}-${namespace}`,
            annotations: bound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
          },
          spec: {
            accessModes: [exclusive ? 'ReadWriteOncePod' : 'ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
            storageClassName: 'wait',
            ...(bound ? { volumeName: `pv-${i}` } : {}),
          },
        } as KubeObject);
      }
    });
    return objects;
  });

export const others: fc.Arbitrary<KubeObject[]> = fc
  .record({
    services: fc.subarray(APPS),
    budgets: fc.subarray(APPS),
    limits: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    storage: fc.oneof({ weight: 6, arbitrary: storage }, { weight: 1, arbitrary: fc.constant([]) }),
  })
  .map(({ services, budgets, limits, storage }) => [
    ...NAMESPACES.map((name) => meta('v1', 'Namespace', name, {}, { env: name === 'shop' ? 'prod' : 'dev' })),
    ...services.map((app) => inDefault('v1', 'Service', app, { spec: { selector: { app } } })),
    ...budgets.map((app) =>
      inDefault('policy/v1', 'PodDisruptionBudget', app, {
        spec: { selector: { matchLabels: { app } } },
        status: { disruptionsAllowed: app.length - 2 },
      }),
    ),
    ...limits.map((count, i) =>
      meta('storage.k8s.io/v1', 'CSINode', `n${i}`, {
        spec: { drivers: [{ name: 'csi', nodeID: `n${i}`, allocatable: { count } }] },
      }),
    ),
    ...storage,
  ]);

export const config = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio').map((type) => ({
      profiles: [
        {
          schedulerName: 'default-scheduler',
          pluginConfig: [
            {
              name: 'NodeResourcesFit',
              args: {
                scoringStrategy: {
                  type,
                  resources: [
                    { name: 'cpu', weight: 2 },
                    { name: 'memory', weight: 1 },
                    { name: 'example.com/gpu', weight: 3 },
                  ],
                  ...(type === 'RequestedToCapacityRatio'
                    ? {
                        requestedToCapacityRatio: {
                          shape: [
                            { utilization: 0, score: 10 },
                            { utilization: 70, score: 3 },
                            { utilization: 100, score: 0 },
                          ],
                        },
                      }
                    : {}),
                },
              },
            },
            {
              name: 'InterPodAffinity',
              args: { hardPodAffinityWeight: 7, ignorePreferredTermsOfExistingPods: true },
            },
          ],
        },
      ],
    })),
  },
);
