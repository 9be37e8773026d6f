/** Random pods: every field that scheduling reads. */
import fc from 'fast-check';
import type {
  LabelSelector,
  Labels,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '../../../core/objects/types.ts';
import { APPS, CLAIMS, IMAGES, KEYS, labels, NAMESPACES, rarely, TIERS, withoutUndefined, ZONE } from './words.ts';

const toleration: fc.Arbitrary<Toleration> = fc.record({
  key: rarely(fc.constantFrom('dedicated', 'gpu'), 1),
  operator: fc.constantFrom('Exists', 'Equal', undefined),
  value: fc.constantFrom('infra', undefined),
  effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', undefined),
});

const labelSelector: fc.Arbitrary<LabelSelector | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...APPS).map((app) => ({ matchLabels: { app } })) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        key: fc.constantFrom('app', 'tier', 'hash'),
        operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
        values: fc.subarray([...APPS, ...TIERS], { minLength: 1, maxLength: 2 }),
      })
      .map(({ key, operator, values }) => ({
        matchExpressions: [{ key, operator, ...(operator.endsWith('In') ? { values } : {}) }],
      })),
  },
);
const affinityTerm: fc.Arbitrary<PodAffinityTerm> = fc
  .record({
    labelSelector,
    topologyKey: fc.constantFrom(...KEYS),
    namespaces: rarely(fc.subarray(NAMESPACES, { minLength: 1 })),
    namespaceSelector: rarely(
      fc.constantFrom<LabelSelector>(
        {},
        { matchLabels: { env: 'prod' } },
        { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }] },
      ),
    ),
  })
  .map(withoutUndefined);
const podAffinity: fc.Arbitrary<PodAffinity> = fc
  .record({
    requiredDuringSchedulingIgnoredDuringExecution: rarely(fc.array(affinityTerm, { minLength: 1, maxLength: 2 }), 2),
    preferredDuringSchedulingIgnoredDuringExecution: rarely(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), podAffinityTerm: affinityTerm }), {
        minLength: 1,
        maxLength: 2,
      }),
      2,
    ),
  })
  .map(withoutUndefined);

const nodeTerm = fc.record({
  matchExpressions: fc.array(
    fc.oneof(
      fc.record({ key: fc.constant('rack'), operator: fc.constantFrom('In', 'NotIn'), values: fc.constant(['r1']) }),
      fc.record({ key: fc.constantFrom('disk', ZONE), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      fc.record({
        key: fc.constant('cores'),
        operator: fc.constantFrom('Gt', 'Lt'),
        values: fc.constantFrom(['4'], ['8'], ['many']),
      }),
    ),
    { maxLength: 2 },
  ),
  matchFields: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc
        .record({
          key: fc.constant('metadata.name'),
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.constantFrom(['n0'], ['n1'], ['gone']),
        })
        .map((field) => [field]),
    },
  ),
});
const validNodeTerm = nodeTerm.filter(({ matchExpressions }) => !JSON.stringify(matchExpressions).includes('many'));
const nodeAffinity = fc
  .record({
    requiredDuringSchedulingIgnoredDuringExecution: rarely(
      fc.record({ nodeSelectorTerms: fc.array(nodeTerm, { minLength: 1, maxLength: 2 }) }),
      2,
    ),
    preferredDuringSchedulingIgnoredDuringExecution: rarely(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), preference: validNodeTerm }), {
        minLength: 1,
        maxLength: 2,
      }),
      2,
    ),
  })
  .map(withoutUndefined);

const spread = fc
  .record({
    maxSkew: fc.integer({ min: 1, max: 2 }),
    topologyKey: fc.constantFrom(...KEYS),
    whenUnsatisfiable: fc.constantFrom('DoNotSchedule', 'ScheduleAnyway'),
    labelSelector,
    minDomains: rarely(fc.integer({ min: 1, max: 4 })),
    nodeAffinityPolicy: rarely(fc.constantFrom('Honor', 'Ignore')),
    nodeTaintsPolicy: rarely(fc.constantFrom('Honor', 'Ignore')),
    matchLabelKeys: rarely(fc.constant(['hash'])),
  })
  .map(withoutUndefined);

/** Whole and odd amounts; the last memory is beyond what a double times 100 can hold. */
const requests = fc
  .record({
    cpu: rarely(fc.constantFrom('0', '1', '500m', '100.5m', '2'), 1),
    memory: rarely(fc.constantFrom('1Gi', '1500m', '512Mi', '0'), 2),
    'ephemeral-storage': rarely(fc.constantFrom('1Gi', '3Gi')),
    'example.com/gpu': rarely(fc.constantFrom('1', '2')),
  })
  .map(withoutUndefined);
const wideRequests = fc.constantFrom({ memory: '20Pi' }, { memory: '9007199254740993' }, { memory: '1' });

const volumes = fc.array(
  fc.oneof(
    fc.constantFrom(...CLAIMS).map((claimName) => ({ persistentVolumeClaim: { claimName } })),
    fc
      .record({ pdName: fc.constantFrom('d1', 'd2'), readOnly: fc.boolean() })
      .map((disk) => ({ gcePersistentDisk: disk })),
    fc.constant({ emptyDir: {} }),
  ),
  { minLength: 1, maxLength: 2 },
);

const podSpec = (wide: boolean): fc.Arbitrary<PodSpec> =>
  fc
    .record({
      containers: fc.array(
        fc.record({
          image: fc.constantFrom(...IMAGES),
          resources: fc.record({ requests: wide ? wideRequests : requests }),
          ports: rarely(
            fc
              .record({ hostPort: fc.constantFrom(80, 81), hostIP: fc.constantFrom('', '127.0.0.1', '10.0.0.1') })
              .map((p) => [{ ...p, containerPort: 80, protocol: 'TCP' }]),
          ),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      initContainers: rarely(
        fc.array(
          fc.record({ resources: fc.record({ requests }), restartPolicy: fc.constantFrom('Always', undefined) }),
          {
            minLength: 1,
            maxLength: 2,
          },
        ),
      ),
      overhead: rarely(fc.constant({ cpu: '250m' }), 8),
      priority: fc.constantFrom(0, 0, 10, 100),
      preemptionPolicy: rarely(fc.constant('Never'), 8),
      tolerations: rarely(fc.array(toleration, { maxLength: 2 }), 2),
      nodeSelector: rarely(fc.constantFrom<Labels>({ disk: 'ssd' }, { rack: 'r1' }), 6),
      nodeAffinity: rarely(nodeAffinity, 3),
      podAffinity: rarely(podAffinity, 3),
      podAntiAffinity: rarely(podAffinity, 3),
      topologySpreadConstraints: rarely(
        fc.array(spread as fc.Arbitrary<TopologySpreadConstraint>, { minLength: 1, maxLength: 2 }),
        3,
      ),
      volumes: rarely(volumes, 5),
    })
    .map(({ nodeAffinity, podAffinity, podAntiAffinity, containers, initContainers, volumes, ...rest }) => {
      const affinity = withoutUndefined({ nodeAffinity, podAffinity, podAntiAffinity });
      return withoutUndefined({
        ...rest,
        containers: containers.map((c, i) => withoutUndefined({ ...c, name: `c${i}` })),
        initContainers: initContainers?.map((c, i) => withoutUndefined({ ...c, name: `i${i}` })),
        volumes: volumes?.map((v, i) => ({ ...v, name: `v${i}` })),
        affinity: Object.keys(affinity).length > 0 ? affinity : undefined,
      }) as unknown as PodSpec;
    });

interface PodOptions {
  /** Where it runs: names of nodes, some of which need not exist. */
  on?: readonly string[];
  nominatedTo?: readonly string[];
  wide: boolean;
}

export function podArbitrary(name: string, { on, nominatedTo, wide }: PodOptions): fc.Arbitrary<Pod> {
  return fc
    .record({
      namespace: fc.constantFrom(...NAMESPACES),
      labels,
      spec: podSpec(wide),
      terminating: rarely(fc.constant('2026-04-01T00:00:00Z'), 8),
      nodeName: on ? fc.constantFrom(...on) : fc.constant(undefined),
      nominatedNodeName: nominatedTo ? fc.constantFrom(...nominatedTo) : fc.constant(undefined),
      minute: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ namespace, labels, spec, terminating, nodeName, nominatedNodeName, minute }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: withoutUndefined({
        name,
        namespace,
        uid: `uid-${name}`,
        labels,
        deletionTimestamp: on ? terminating : undefined,
      }),
      spec: withoutUndefined({ ...spec, nodeName }),
      status: withoutUndefined({
        phase: nodeName ? 'Running' : 'Pending',
        nominatedNodeName,
        startTime: nodeName ? `2026-04-01T00:0${minute}:00Z` : undefined,
      }),
    }));
}
