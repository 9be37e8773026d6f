/** Defaults over made-up pods, nodes and claims: applied twice as applied once, and their argument left as it was. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyDefaults, defaultsContext } from '../../../core/objects/defaults.ts';
import type { KubeObject } from '../../../core/objects/types.ts';

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const quantity = fc.constantFrom('0', '1', '100.5m', '0.1Gi', '1n', 2, '3e2', '1.00001', '7u');
const resourceList = fc.dictionary(fc.constantFrom('cpu', 'memory', 'hugepages-2Mi', 'example.com/gpu'), quantity, {
  maxKeys: 3,
});
const resources = fc.record({ requests: optional(resourceList), limits: optional(resourceList) });
const port = fc.record({
  containerPort: fc.nat(3),
  hostPort: optional(fc.nat(2)),
  protocol: optional(fc.constantFrom('TCP', '')),
});
const container = fc.record({
  name: fc.constantFrom('a', 'b'),
  resources: optional(resources),
  ports: optional(fc.array(port, { maxLength: 2 })),
  restartPolicy: optional(fc.constant('Always')),
});
const key = fc.constantFrom('app', 'zone', 'constructor');
const selector = optional(
  fc.record({ matchExpressions: optional(fc.constant([{ key: 'app', operator: 'In', values: ['x'] }])) }),
);
const keyed = {
  labelSelector: selector,
  matchLabelKeys: optional(fc.array(key)),
  mismatchLabelKeys: optional(fc.array(key)),
};
const term = fc.record({ topologyKey: fc.constant('zone'), ...keyed });
const terms = fc.record({
  requiredDuringSchedulingIgnoredDuringExecution: optional(fc.array(term, { maxLength: 2 })),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    fc.array(fc.record({ weight: fc.nat(), podAffinityTerm: term }), { maxLength: 2 }),
  ),
});
const toleration = fc.record({
  key: optional(fc.constantFrom('node.kubernetes.io/not-ready', 'gpu')),
  operator: optional(fc.constant('Exists')),
  effect: optional(fc.constantFrom('NoExecute', 'NoSchedule')),
});
const pod = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Pod'),
  metadata: fc.record({
    name: fc.constant('p'),
    namespace: optional(fc.constantFrom('a', '')),
    labels: optional(fc.dictionary(key, fc.constantFrom('x', 'y'))),
  }),
  spec: fc.record({
    containers: fc.array(container, { maxLength: 3 }),
    initContainers: optional(fc.array(container, { maxLength: 2 })),
    resources: optional(resources),
    overhead: optional(resourceList),
    hostNetwork: optional(fc.boolean()),
    priority: optional(fc.nat()),
    priorityClassName: optional(fc.constantFrom('high', 'lost', 'system-node-critical')),
    runtimeClassName: optional(fc.constantFrom('sandbox', 'lost')),
    nodeSelector: optional(fc.dictionary(key, fc.constantFrom('x'))),
    tolerations: optional(fc.array(toleration, { maxLength: 2 })),
    affinity: optional(fc.record({ podAffinity: optional(terms), podAntiAffinity: optional(terms) })),
    topologySpreadConstraints: optional(fc.array(fc.record({ topologyKey: key, ...keyed }), { maxLength: 2 })),
  }),
});
const node = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Node'),
  metadata: fc.record({ name: fc.constant('n'), namespace: optional(fc.constant('x')) }),
  spec: optional(fc.record({ unschedulable: optional(fc.boolean()) })),
  status: optional(fc.record({ capacity: optional(resourceList), allocatable: optional(resourceList) })),
});
const claim = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constantFrom(
    'PersistentVolumeClaim',
    'PersistentVolume',
    'Namespace',
    'Service',
    'Secret',
    'ReplicationController',
  ),
  metadata: fc.record({ name: fc.constant('c') }),
  spec: fc.record({
    storageClassName: optional(fc.constant('')),
    resources: optional(resources),
    capacity: optional(resourceList),
  }),
});

const context = defaultsContext([
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 9,
  } as unknown as KubeObject,
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'usual' },
    value: 3,
    globalDefault: true,
  } as unknown as KubeObject,
  {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'sandbox' },
    handler: 'x',
    overhead: { podFixed: { cpu: '0.0001' } },
    scheduling: { nodeSelector: { zone: 'z' }, tolerations: [{ key: 'gpu', operator: 'Exists' }] },
  } as unknown as KubeObject,
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  } as KubeObject,
]);

test('defaults applied twice are defaults applied once, and nothing is changed in place', () => {
  fc.assert(
    fc.property(fc.oneof(pod, node, claim), (made) => {
      const object = deepFreeze(made) as unknown as KubeObject;
      const once = deepFreeze(applyDefaults(object, context));
      assert.equal(applyDefaults(once, context), once);
    }),
    { numRuns: 3_000 },
  );
});

/** Writing to it throws, as modules are strict. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}

test.run();
