/** What is refused, with the words a user of kubectl reads, and what an update may not change. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/objects/types.ts';
import { behaviourOf } from '../../../../runtime/api/kinds/behaviour.ts';
import { same } from '../../../../runtime/api/kinds/validate/immutable.ts';

const VERSIONS: Record<string, string> = { autoscaling: 'v2' };

function make(group: string, kind: string, written: object): KubeObject {
  const apiVersion = group ? `${group}/${VERSIONS[group] ?? 'v1'}` : 'v1';
  const object = { apiVersion, kind, metadata: { name: 'x', namespace: 'default' }, ...written } as KubeObject;
  return behaviourOf(group, kind).defaults?.(object) ?? object;
}

const pod = (more: object = {}, container: object = {}) => ({
  spec: { containers: [{ name: 'a', image: 'a:1', ...container }], ...more },
});
const owner = (more: object = {}, spec: object = {}) => ({
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec } },
    ...more,
  },
});
const job = (more: object = {}) => ({
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } }, ...more },
});
const RBAC = 'rbac.authorization.k8s.io';
const roleRef = { apiGroup: RBAC, kind: 'Role', name: 'r' };

type Row = [sentence: string, group: string, kind: string, written: object, causes: string[]];

const REFUSED: Row[] = [
  ['a plain pod passes', '', 'Pod', pod(), []],
  [
    'a pod without containers',
    '',
    'Pod',
    { spec: { containers: [] } },
    ['FieldValueRequired spec.containers: Required value'],
  ],
  [
    'two containers of one name',
    '',
    'Pod',
    {
      spec: {
        containers: [
          { name: 'a', image: 'a' },
          { name: 'a', image: 'a' },
        ],
      },
    },
    ['FieldValueDuplicate spec.containers[1].name: Duplicate value: "a"'],
  ],
  [
    'a restart policy that is none',
    '',
    'Pod',
    pod({ restartPolicy: 'Sometimes' }),
    [
      'FieldValueNotSupported spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
  [
    'a mount of a volume that is not there',
    '',
    'Pod',
    pod({}, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    ['FieldValueNotFound spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ],
  [
    'two mounts at one path',
    '',
    'Pod',
    pod(
      { volumes: [{ name: 'v', emptyDir: {} }] },
      {
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'v', mountPath: '/v' },
        ],
      },
    ),
    ['FieldValueInvalid spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
  ],
  [
    'a mount that climbs out of its volume',
    '',
    'Pod',
    pod(
      { volumes: [{ name: 'v', emptyDir: {} }] },
      { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a/../..' }] },
    ),
    ['FieldValueInvalid spec.containers[0].volumeMounts[0].subPath: Invalid value: "a/../..": must not contain \'..\''],
  ],
  [
    'a probe that does nothing',
    '',
    'Pod',
    pod({}, { livenessProbe: {} }),
    ['FieldValueRequired spec.containers[0].livenessProbe: Required value: must specify a handler type'],
  ],
  [
    'a probe that does two things',
    '',
    'Pod',
    pod({}, { livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } }),
    [
      'FieldValueForbidden spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
  ],
  [
    'a liveness probe that wants two successes',
    '',
    'Pod',
    pod({}, { livenessProbe: { exec: { command: ['a'] }, successThreshold: 2 } }),
    ['FieldValueInvalid spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
  ],
  [
    'a readiness probe may want two',
    '',
    'Pod',
    pod({}, { readinessProbe: { exec: { command: ['a'] }, successThreshold: 2 } }),
    [],
  ],
  [
    'a user beyond 31 bits',
    '',
    'Pod',
    pod({ securityContext: { runAsUser: 2 ** 31 } }),
    [
      'FieldValueInvalid spec.securityContext.runAsUser: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    ],
  ],
  ['the largest user passes', '', 'Pod', pod({ securityContext: { runAsUser: 2 ** 31 - 1 } }), []],
  [
    'a variable with both a value and a source',
    '',
    'Pod',
    pod({}, { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    [
      'FieldValueInvalid spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
  ],
  [
    'a field that cannot be referred to',
    '',
    'Pod',
    pod({}, { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.hostname' } } }] }),
    [
      'FieldValueInvalid spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.hostname": error converting fieldPath: field label not supported: spec.hostname',
    ],
  ],
  [
    'a label can be referred to',
    '',
    'Pod',
    pod({}, { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }] }),
    [],
  ],
  [
    'an image with a space before it',
    '',
    'Pod',
    pod({}, { image: ' a' }),
    ['FieldValueInvalid spec.containers[0].image: Invalid value: " a": must not have leading or trailing whitespace'],
  ],
  [
    'a template is looked into as well',
    'apps',
    'Deployment',
    owner({}, { dnsPolicy: 'Nowhere' }),
    [
      'FieldValueNotSupported spec.template.spec.dnsPolicy: Unsupported value: "Nowhere": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  ],
  [
    'a StatefulSet’s template is not, as in Kubernetes: a mount without a volume',
    'apps',
    'StatefulSet',
    owner(
      { serviceName: 'a' },
      { containers: [{ name: 'a', image: 'a:1', volumeMounts: [{ name: 'nowhere', mountPath: '/a' }] }] },
    ),
    [],
  ],
  [
    'but for how its pods restart and end',
    'apps',
    'StatefulSet',
    owner({ serviceName: 'a' }, { restartPolicy: 'Never' }),
    ['FieldValueNotSupported spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'a deployment without selector',
    'apps',
    'Deployment',
    { spec: { template: owner().spec.template } },
    ['FieldValueRequired spec.selector: Required value'],
  ],
  [
    'a job whose pods restart always',
    'batch',
    'Job',
    { spec: { template: { spec: { restartPolicy: 'Always', containers: [{ name: 'a', image: 'a:1' }] } } } },
    [
      'FieldValueNotSupported spec.template.spec.restartPolicy: Unsupported value: "Always": supported values: "OnFailure", "Never"',
    ],
  ],
  [
    'a config map with a bad key',
    '',
    'ConfigMap',
    { data: { 'a b': '1' } },
    [
      "FieldValueInvalid data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    ],
  ],
  ['a config map of a mebibyte passes', '', 'ConfigMap', { data: { a: 'x'.repeat(1024 * 1024) } }, []],
  [
    'a TLS secret without its key',
    '',
    'Secret',
    { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
    ['FieldValueRequired data[tls.key]: Required value'],
  ],
  [
    'a role without verbs',
    RBAC,
    'Role',
    { rules: [{ apiGroups: [''], resources: ['pods'] }] },
    ['FieldValueRequired rules[0].verbs: Required value'],
  ],
  [
    'a role in a namespace about paths',
    RBAC,
    'Role',
    { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
    [
      'FieldValueInvalid rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    ],
  ],
  [
    'a cluster role about paths passes',
    RBAC,
    'ClusterRole',
    { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
    [],
  ],
  ['a binding passes', RBAC, 'RoleBinding', { roleRef, subjects: [{ kind: 'User', name: 'u' }] }, []],
  [
    'a subject of no kind',
    RBAC,
    'RoleBinding',
    { roleRef, subjects: [{ kind: 'Dog', name: 'u' }] },
    [
      'FieldValueNotSupported subjects[0].kind: Unsupported value: "Dog": supported values: "ServiceAccount", "User", "Group"',
    ],
  ],
  [
    'a cluster binding of an account without namespace',
    RBAC,
    'ClusterRoleBinding',
    { roleRef: { ...roleRef, kind: 'ClusterRole' }, subjects: [{ kind: 'ServiceAccount', name: 'u' }] },
    ['FieldValueRequired subjects[0].namespace: Required value'],
  ],
  [
    'an ingress without rules',
    'networking.k8s.io',
    'Ingress',
    { spec: {} },
    ['FieldValueInvalid spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified'],
  ],
  [
    'an ingress path without a type',
    'networking.k8s.io',
    'Ingress',
    {
      spec: {
        rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 's', port: { number: 80 } } } }] } }],
      },
    },
    ['FieldValueRequired spec.rules[0].http.paths[0].pathType: Required value'],
  ],
  [
    'an autoscaler whose most is less than its least',
    'autoscaling',
    'HorizontalPodAutoscaler',
    { spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 5, maxReplicas: 3 } },
    ['FieldValueInvalid spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
  ],
];

for (const [sentence, group, kind, written, causes] of REFUSED) {
  test(`create: ${sentence}`, () => {
    const found = behaviourOf(group, kind).validate?.(make(group, kind, written)) ?? [];
    assert.equal(
      found.map(({ reason, field, message }) => `${reason} ${field}: ${message}`),
      causes,
    );
  });
}

test('ephemeral containers come later, never with the pod', () => {
  const [cause] =
    behaviourOf('', 'Pod').validateNew?.(make('', 'Pod', pod({ ephemeralContainers: [{ name: 'd', image: 'd' }] }))) ??
    [];
  assert.is(`${cause.field}: ${cause.message}`, 'spec.ephemeralContainers: Forbidden: cannot be set on create');
});

type Update = [sentence: string, group: string, kind: string, old: object, next: object, field: string | undefined];

const toleration = { key: 'a', operator: 'Exists' };
const UPDATES: Update[] = [
  ['a pod may get another image', '', 'Pod', pod(), pod({}, { image: 'a:2' }), undefined],
  ['a pod may not get another name of a container', '', 'Pod', pod(), pod({}, { name: 'b' }), 'spec'],
  [
    'a pod may not get another container',
    '',
    'Pod',
    pod(),
    { spec: { containers: [...pod().spec.containers, { name: 'b', image: 'b' }] } },
    'spec.containers',
  ],
  ['a pod may tolerate more', '', 'Pod', pod(), pod({ tolerations: [toleration] }), undefined],
  ['a pod may not tolerate less', '', 'Pod', pod({ tolerations: [toleration] }), pod(), 'spec.tolerations'],
  [
    'a deadline may come nearer',
    '',
    'Pod',
    pod({ activeDeadlineSeconds: 10 }),
    pod({ activeDeadlineSeconds: 9 }),
    undefined,
  ],
  [
    'a deadline may not move away',
    '',
    'Pod',
    pod({ activeDeadlineSeconds: 10 }),
    pod({ activeDeadlineSeconds: 11 }),
    'spec.activeDeadlineSeconds',
  ],
  ['a gate may be taken away', '', 'Pod', pod({ schedulingGates: [{ name: 'g' }] }), pod(), undefined],
  ['a gate may not be added', '', 'Pod', pod(), pod({ schedulingGates: [{ name: 'g' }] }), 'spec.schedulingGates'],
  [
    'a gated pod may say where it runs',
    '',
    'Pod',
    pod({ schedulingGates: [{ name: 'g' }] }),
    pod({ schedulingGates: [{ name: 'g' }], nodeSelector: { a: 'b' } }),
    undefined,
  ],
  ['a free pod may not', '', 'Pod', pod(), pod({ nodeSelector: { a: 'b' } }), 'spec'],
  ['a deployment may scale', 'apps', 'Deployment', owner(), owner({ replicas: 3 }), undefined],
  [
    'a deployment keeps its selector',
    'apps',
    'Deployment',
    owner(),
    owner({ selector: { matchLabels: { app: 'x' } } }),
    'spec.selector',
  ],
  ['a set may scale', 'apps', 'StatefulSet', owner(), owner({ replicas: 3 }), undefined],
  [
    'a set keeps the name of its service',
    'apps',
    'StatefulSet',
    owner({ serviceName: 'a' }),
    owner({ serviceName: 'b' }),
    'spec',
  ],
  [
    'a job may run more pods at once',
    'batch',
    'Job',
    job({ parallelism: 1, completions: 5 }),
    job({ parallelism: 3, completions: 5 }),
    undefined,
  ],
  ['a job keeps its count', 'batch', 'Job', job({ completions: 5 }), job({ completions: 6 }), 'spec.completions'],
  [
    'a job with indexes may grow with its pods',
    'batch',
    'Job',
    job({ completionMode: 'Indexed', completions: 5, parallelism: 5 }),
    job({ completionMode: 'Indexed', completions: 6, parallelism: 6 }),
    undefined,
  ],
  [
    'a frozen config map keeps its data',
    '',
    'ConfigMap',
    { immutable: true, data: { a: '1' } },
    { immutable: true, data: { a: '2' } },
    'data',
  ],
  ['a frozen config map stays frozen', '', 'ConfigMap', { immutable: true }, {}, 'immutable'],
  ['a config map may be frozen', '', 'ConfigMap', {}, { immutable: true }, undefined],
  ['a secret keeps its type', '', 'Secret', { type: 'a' }, { type: 'b' }, 'type'],
  [
    'a service keeps its address',
    '',
    'Service',
    { spec: { clusterIP: '10.0.0.1' } },
    { spec: { clusterIP: '10.0.0.2' } },
    'spec.clusterIPs[0]',
  ],
  ['a binding keeps its role', RBAC, 'RoleBinding', { roleRef }, { roleRef: { ...roleRef, name: 'q' } }, 'roleRef'],
  ['a priority class keeps its value', 'scheduling.k8s.io', 'PriorityClass', { value: 1 }, { value: 2 }, 'value'],
  [
    'a claim keeps its modes',
    '',
    'PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'] } },
    { spec: { accessModes: ['ReadWriteMany'] } },
    'spec',
  ],
  ['a waiting claim may be bound', '', 'PersistentVolumeClaim', { spec: {} }, { spec: { volumeName: 'v' } }, undefined],
];

for (const [sentence, group, kind, old, next, field] of UPDATES) {
  test(`update: ${sentence}`, () => {
    const causes = behaviourOf(group, kind).validateUpdate?.(make(group, kind, next), make(group, kind, old)) ?? [];
    assert.equal([...new Set(causes.map((cause) => cause.field))], field === undefined ? [] : [field]);
  });
}

test('absent, null and empty are the same, and the order of fields does not matter', () => {
  assert.ok(same({ a: 1, b: [], c: null }, { c: '', a: 1 }));
  assert.not(same({ a: [1, 2] }, { a: [2, 1] }));
  assert.not(same({ a: 0 }, {}));
});

test.run();
