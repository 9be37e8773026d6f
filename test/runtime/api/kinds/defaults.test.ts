/** What each kind gains: tables of sentences, each with what was written and what is read afterwards. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/objects/types.ts';
import { at } from '../../../../runtime/api/kinds/columns/cell.ts';
import { fillDefaults } from '../../../../runtime/api/kinds/defaults/defaults.ts';
import { pullPolicy } from '../../../../runtime/api/kinds/defaults/pod-spec.ts';

type Row = [sentence: string, group: string, kind: string, written: object, path: string, read: unknown];

const template = (spec: object = {}) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'a', image: 'a' }], ...spec },
});
const container = (more: object = {}) => ({ spec: { containers: [{ name: 'a', image: 'a:1', ...more }] } });
const volume = (source: object) => ({ spec: { containers: [], volumes: [{ name: 'v', ...source }] } });

const ROWS: Row[] = [
  ['a pod restarts always', '', 'Pod', container(), 'spec.restartPolicy', 'Always'],
  [
    'a policy that was written stays',
    '',
    'Pod',
    { spec: { containers: [], restartPolicy: 'Never' } },
    'spec.restartPolicy',
    'Never',
  ],
  ['a pod has half a minute to stop', '', 'Pod', container(), 'spec.terminationGracePeriodSeconds', 30],
  [
    'a grace of 0 stays',
    '',
    'Pod',
    { spec: { containers: [], terminationGracePeriodSeconds: 0 } },
    'spec.terminationGracePeriodSeconds',
    0,
  ],
  ['a pod has a security context', '', 'Pod', container(), 'spec.securityContext', {}],
  ['a pod resolves names of the cluster first', '', 'Pod', container(), 'spec.dnsPolicy', 'ClusterFirst'],
  ['service links are on', '', 'Pod', container(), 'spec.enableServiceLinks', true],
  [
    'a template has no service links written in',
    'apps',
    'Deployment',
    { spec: { template: template() } },
    'spec.template.spec.enableServiceLinks',
    undefined,
  ],
  [
    'the old name of the account follows the new',
    '',
    'Pod',
    { spec: { containers: [], serviceAccountName: 'x' } },
    'spec.serviceAccount',
    'x',
  ],
  [
    'a port speaks TCP',
    '',
    'Pod',
    container({ ports: [{ containerPort: 80 }] }),
    'spec.containers.0.ports.0.protocol',
    'TCP',
  ],
  [
    'on the host network a port is the host’s',
    '',
    'Pod',
    { spec: { hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } },
    'spec.containers.0.ports.0.hostPort',
    80,
  ],
  [
    'a probe waits a second',
    '',
    'Pod',
    container({ livenessProbe: { httpGet: { port: 80 } } }),
    'spec.containers.0.livenessProbe.timeoutSeconds',
    1,
  ],
  [
    'a probe asks for the root',
    '',
    'Pod',
    container({ livenessProbe: { httpGet: { port: 80 } } }),
    'spec.containers.0.livenessProbe.httpGet.path',
    '/',
  ],
  [
    'a limit is also the request',
    '',
    'Pod',
    container({ resources: { limits: { cpu: '1' } } }),
    'spec.containers.0.resources.requests.cpu',
    '1',
  ],
  [
    'a field reference is of version 1',
    '',
    'Pod',
    container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    'spec.containers.0.env.0.valueFrom.fieldRef.apiVersion',
    'v1',
  ],
  ['a volume without a source is an empty directory', '', 'Pod', volume({}), 'spec.volumes.0.emptyDir', {}],
  [
    'files of a secret are readable by all',
    '',
    'Pod',
    volume({ secret: { secretName: 's' } }),
    'spec.volumes.0.secret.defaultMode',
    420,
  ],
  [
    'a projected token lasts an hour',
    '',
    'Pod',
    volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
    'spec.volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds',
    3600,
  ],
  ['a deployment wants one pod', 'apps', 'Deployment', { spec: { template: template() } }, 'spec.replicas', 1],
  [
    'a deployment of none stays so',
    'apps',
    'Deployment',
    { spec: { replicas: 0, template: template() } },
    'spec.replicas',
    0,
  ],
  [
    'a deployment rolls by a quarter',
    'apps',
    'Deployment',
    { spec: { template: template() } },
    'spec.strategy',
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  ],
  [
    'a deployment that recreates does not roll',
    'apps',
    'Deployment',
    { spec: { strategy: { type: 'Recreate' }, template: template() } },
    'spec.strategy.rollingUpdate',
    undefined,
  ],
  [
    'a template’s pods restart always',
    'apps',
    'ReplicaSet',
    { spec: { template: template() } },
    'spec.template.spec.restartPolicy',
    'Always',
  ],
  [
    'a controller selects by its template',
    '',
    'ReplicationController',
    { spec: { template: template() } },
    'spec.selector',
    { app: 'web' },
  ],
  [
    'a set rolls from 0',
    'apps',
    'StatefulSet',
    { spec: { template: template() } },
    'spec.updateStrategy.rollingUpdate.partition',
    0,
  ],
  [
    'a set keeps its claims',
    'apps',
    'StatefulSet',
    { spec: { template: template() } },
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted',
    'Retain',
  ],
  [
    'a daemon set replaces one pod at a time',
    'apps',
    'DaemonSet',
    { spec: { template: template() } },
    'spec.updateStrategy.rollingUpdate.maxUnavailable',
    1,
  ],
  ['a job runs once', 'batch', 'Job', { spec: { template: template() } }, 'spec.completions', 1],
  [
    'a work queue has no count',
    'batch',
    'Job',
    { spec: { parallelism: 3, template: template() } },
    'spec.completions',
    undefined,
  ],
  ['a job tries six times more', 'batch', 'Job', { spec: { template: template() } }, 'spec.backoffLimit', 6],
  [
    'with a limit an index the job itself has none',
    'batch',
    'Job',
    { spec: { backoffLimitPerIndex: 1, template: template() } },
    'spec.backoffLimit',
    2 ** 31 - 1,
  ],
  [
    'a cron job keeps three that went well',
    'batch',
    'CronJob',
    { spec: { jobTemplate: { spec: { template: template() } } } },
    'spec.successfulJobsHistoryLimit',
    3,
  ],
  [
    'an autoscaler looks at cpu',
    'autoscaling',
    'HorizontalPodAutoscaler',
    { spec: { maxReplicas: 3 } },
    'spec.metrics.0.resource.target.averageUtilization',
    80,
  ],
  ['a service has an address of its own', '', 'Service', { spec: { ports: [{ port: 80 }] } }, 'spec.type', 'ClusterIP'],
  [
    'a service forwards to the same port',
    '',
    'Service',
    { spec: { ports: [{ port: 80 }] } },
    'spec.ports.0.targetPort',
    80,
  ],
  ['a secret is opaque', '', 'Secret', {}, 'type', 'Opaque'],
  [
    'texts of a secret land in its data',
    '',
    'Secret',
    { data: { a: 'AA==' }, stringData: { b: 'hi' } },
    'data',
    { a: 'AA==', b: 'aGk=' },
  ],
  ['texts of a secret are for writing only', '', 'Secret', { stringData: { b: 'hi' } }, 'stringData', undefined],
  [
    'a namespace carries its name as a label',
    '',
    'Namespace',
    { metadata: { name: 'ns' } },
    'metadata.labels',
    { 'kubernetes.io/metadata.name': 'ns' },
  ],
  [
    'a released volume is retained',
    '',
    'PersistentVolume',
    { spec: {} },
    'spec.persistentVolumeReclaimPolicy',
    'Retain',
  ],
  [
    'a policy with egress rules is about both ways',
    'networking.k8s.io',
    'NetworkPolicy',
    { spec: { egress: [{}] } },
    'spec.policyTypes',
    ['Ingress', 'Egress'],
  ],
  [
    'a user is a subject of RBAC',
    'rbac.authorization.k8s.io',
    'RoleBinding',
    { roleRef: {}, subjects: [{ kind: 'User', name: 'u' }] },
    'subjects.0.apiGroup',
    'rbac.authorization.k8s.io',
  ],
  [
    'a maximum is also the default limit',
    '',
    'LimitRange',
    { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
    'spec.limits.0.default',
    { cpu: '1' },
  ],
  [
    'a limit is also the default request',
    '',
    'LimitRange',
    { spec: { limits: [{ type: 'Container', min: { cpu: '1m' }, default: { cpu: '1' } }] } },
    'spec.limits.0.defaultRequest',
    { cpu: '1' },
  ],
  ['a kind without defaults stays as it is', '', 'ConfigMap', { data: { a: '1' } }, 'data', { a: '1' }],
];

/** A path through lists, too. */
function read(object: unknown, path: string): unknown {
  let value = object;
  for (const field of path.split('.')) {
    value = Array.isArray(value) ? value[Number(field)] : at(value, field);
  }
  return value;
}

for (const [sentence, group, kind, written, path, expected] of ROWS) {
  test(sentence, () => {
    const object = {
      apiVersion: group ? `${group}/v1` : 'v1',
      kind,
      metadata: { name: 'x' },
      ...written,
    } as KubeObject;
    const before = JSON.stringify(object);
    const filled = fillDefaults(group, kind, object);
    assert.equal(read(filled, path), expected);
    assert.is(JSON.stringify(object), before, 'the argument is not changed');
    assert.equal(fillDefaults(group, kind, filled), filled, 'twice is once');
  });
}

const IMAGES: [image: string, policy: string][] = [
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1.27', 'IfNotPresent'],
  ['registry:5000/nginx', 'Always'],
  ['registry:5000/nginx:1', 'IfNotPresent'],
  ['nginx@sha256:0123', 'IfNotPresent'],
  ['nginx:latest@sha256:0123', 'IfNotPresent'],
];
for (const [image, policy] of IMAGES) {
  test(`${image} is pulled ${policy}`, () => assert.is(pullPolicy(image), policy));
}

test.run();
