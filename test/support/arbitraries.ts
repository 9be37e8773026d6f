/**
 * Random clusters in the form of recorded cases: small numbers and few names on purpose, so that exact fits, ties, shared
 * domains and conflicts turn up in every run.
 */
import fc from 'fast-check';
import type {
  KubeObject,
  LabelSelector,
  Labels,
  Node,
  Pod,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../../core/objects/types.ts';
import type { DecisionCase, SequenceCase, Step } from '../../sim/replay/case.ts';

const NAMESPACES = ['default', 'shop', 'billing'];
const APPS = ['web', 'api', 'db'];
const TIERS = ['front', 'back'];
const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const KEYS = [ZONE, HOSTNAME, 'rack'];
const IMAGES = ['nginx', 'redis:7', 'registry:5000/app'];
const CLAIMS = ['data-0', 'data-1', 'data-2'];

/** Present in one of `freq` cases. */
function rarely<T>(arbitrary: fc.Arbitrary<T>, freq = 4): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: freq - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const labels: fc.Arbitrary<Labels> = fc
  .record({
    app: fc.constantFrom(...APPS),
    tier: rarely(fc.constantFrom(...TIERS), 2),
    hash: rarely(fc.constantFrom('x', 'y')),
  })
  .map((pairs) => labelsOf(pairs));

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom('dedicated', 'gpu'),
  value: fc.constantFrom('infra', ''),
  effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute', 'PreferNoSchedule'),
});
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

function podArbitrary(name: string, { on, nominatedTo, wide }: PodOptions): fc.Arbitrary<Pod> {
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

function nodeArbitrary(name: string, wide: boolean): fc.Arbitrary<Node> {
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

const others: fc.Arbitrary<KubeObject[]> = fc
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

const config = fc.oneof(
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

interface Size {
  nodes: number;
  placed: number;
}

function cluster({ nodes, placed }: Size, wide: boolean): fc.Arbitrary<{ objects: KubeObject[]; names: string[] }> {
  return fc.integer({ min: 1, max: nodes }).chain((count) => {
    const names = Array.from({ length: count }, (_, i) => `n${i}`);
    return fc
      .tuple(
        others,
        fc.tuple(...names.map((name) => nodeArbitrary(name, wide))),
        fc
          .integer({ min: 0, max: placed })
          .chain((pods) =>
            fc.tuple(
              ...Array.from({ length: pods }, (_, i) => podArbitrary(`e${i}`, { on: [...names, 'ghost'], wide })),
            ),
          ),
        fc
          .integer({ min: 0, max: 2 })
          .chain((pods) =>
            fc.tuple(...Array.from({ length: pods }, (_, i) => podArbitrary(`w${i}`, { nominatedTo: names, wide }))),
          ),
      )
      .map(([others, nodes, placed, waiting]) => ({ objects: [...others, ...nodes, ...placed, ...waiting], names }));
  });
}

/** One pod on a random cluster. `wide`: amounts that doubles cannot hold. */
export function decisionCases({ wide = false, size = { nodes: 7, placed: 10 } } = {}): fc.Arbitrary<DecisionCase> {
  return fc
    .record({ cluster: cluster(size, wide), pod: podArbitrary('incoming', { wide }), config })
    .map(({ cluster, pod, config }) => ({ id: 'random', suite: 'random', config, objects: cluster.objects, pod }));
}

/** What can happen to a cluster: for tests that drive one without a scheduler. */
export type ClusterEvent =
  | { op: 'node'; node: Node }
  | { op: 'nodeGone'; name: string }
  | { op: 'pod'; pod: Pod }
  | { op: 'podGone'; key: string };

/** Few names, so that the same node and pod come, change, leave and come again. */
export function clusterEvents(length: number, alwaysWide = false): fc.Arbitrary<ClusterEvent[]> {
  const names = ['n0', 'n1', 'n2', 'n3'];
  const name = fc.constantFrom(...names);
  const number = fc.integer({ min: 0, max: 7 });
  const wide = fc.oneof({ weight: 5, arbitrary: fc.constant(alwaysWide) }, { weight: 1, arbitrary: fc.constant(true) });
  const event: fc.Arbitrary<ClusterEvent> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(name, fc.boolean())
        .chain(([n, wide]) => nodeArbitrary(n, wide))
        .map((node): ClusterEvent => ({ op: 'node', node })),
    },
    { weight: 1, arbitrary: name.map((gone): ClusterEvent => ({ op: 'nodeGone', name: gone })) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(number, wide)
        .chain(([i, wide]) => podArbitrary(`p${i}`, { on: [...names, 'ghost'], wide }))
        .map((pod): ClusterEvent => ({ op: 'pod', pod })),
    },
    { weight: 2, arbitrary: number.map((i): ClusterEvent => ({ op: 'podGone', key: `uid-p${i}` })) },
  );
  return fc.array(event, { maxLength: length, size: 'max' }); // Long ones too: churn is the point.
}

/**
 * Pods come and go while nodes come, change and leave. `templates`: pods are copies of so few, so that what a decider
 * remembers of a pod's like is put to use; with 0 every pod is another.
 */
export function sequenceCases({
  size = { nodes: 6, placed: 6 },
  steps = 14,
  templates = 0,
} = {}): fc.Arbitrary<SequenceCase> {
  if (templates > 0) return templatedSequences(size, steps, templates);
  const node = fc.integer({ min: 0, max: 8 }).map((i) => `n${i}`);
  const step = (i: number): fc.Arbitrary<Step> =>
    fc.oneof(
      { weight: 6, arbitrary: podArbitrary(`p${i}`, { wide: false }).map((pod): Step => ({ op: 'pod', pod })) },
      {
        weight: 2,
        arbitrary: node
          .chain((name) => nodeArbitrary(name, false))
          .chain((node) => fc.constantFrom<Step>({ op: 'nodeAdd', node }, { op: 'nodeUpdate', node })),
      },
      { weight: 1, arbitrary: node.map((name): Step => ({ op: 'nodeDelete', name })) },
      {
        weight: 2,
        arbitrary: fc
          .record({
            namespace: fc.constantFrom(...NAMESPACES),
            name: fc.integer({ min: 0, max: steps }).map((n) => `p${n}`),
          })
          .map((pod): Step => ({ op: 'podDelete', ...pod })),
      },
    );
  return fc
    .record({
      cluster: cluster(size, false),
      steps: fc.tuple(...Array.from({ length: steps }, (_, i) => step(i))),
      config,
    })
    .map(({ cluster, steps, config }) => ({ id: 'random', suite: 'random', config, objects: cluster.objects, steps }));
}

function meta(apiVersion: string, kind: string, name: string, fields: object, labels?: Labels): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(labels ? { labels } : {}) }, ...fields };
}

function inDefault(apiVersion: string, kind: string, name: string, fields: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, ...fields };
}

function labelsOf(pairs: Record<string, string | undefined>): Labels {
  return withoutUndefined(pairs) as Labels;
}

/** Fields that are undefined are left out, as JSON would have it. */
function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: T[K];
  };
}

function templatedSequences(size: Size, steps: number, templates: number): fc.Arbitrary<SequenceCase> {
  const pods = fc.tuple(...Array.from({ length: templates }, (_, i) => podArbitrary(`t${i}`, { wide: false })));
  return fc
    .record({
      pods,
      base: sequenceCases({ size, steps }),
      picks: fc.array(fc.nat(templates - 1), { minLength: steps, maxLength: steps }),
    })
    .map(({ pods, base, picks }) => ({
      ...base,
      steps: base.steps.map((step, i): Step => {
        if (step.op !== 'pod') return step;
        const { metadata, ...rest } = structuredClone(pods[picks[i]]);
        return { op: 'pod', pod: { ...rest, metadata: { ...metadata, name: `p${i}`, uid: `uid-p${i}` } } };
      }),
    }));
}
