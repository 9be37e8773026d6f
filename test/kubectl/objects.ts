/** Objects that the cases begin with, small. */
import type { KubeObject } from '../../core/index.ts';

const LABELS = { app: 'web' };
/** A real one says so who it is; a made-up one knows. */
const named = (name: string) => [{ name: 'CONTAINER', value: name }];
const readinessProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
const containers = [
  { name: 'main', image: 'web:1', ports: [{ containerPort: 8080 }], env: named('main'), readinessProbe },
];
const object = (apiVersion: string, kind: string, name: string, rest: object): KubeObject =>
  ({ apiVersion, kind, metadata: { name }, ...rest }) as KubeObject;
const labelled = (one: KubeObject, labels: Record<string, string>): KubeObject => ({
  ...one,
  metadata: { ...one.metadata, labels },
});

export const configMap = (name: string, labels: Record<string, string> = {}): KubeObject =>
  labelled(object('v1', 'ConfigMap', name, { data: { a: '1' } }), labels);

export const pod = (name: string, spec: object = {}, labels: Record<string, string> = LABELS): KubeObject =>
  labelled(object('v1', 'Pod', name, { spec: { containers, terminationGracePeriodSeconds: 1, ...spec } }), labels);

export const annotated = (one: KubeObject, annotations: Record<string, string>): KubeObject => ({
  ...one,
  metadata: { ...one.metadata, annotations },
});

export const deployment = (name: string, spec: object = {}): KubeObject =>
  labelled(
    object('apps/v1', 'Deployment', name, {
      spec: {
        replicas: 2,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: { containers } },
        ...spec,
      },
    }),
    LABELS,
  );

export const service = (name: string): KubeObject =>
  object('v1', 'Service', name, { spec: { selector: LABELS, ports: [{ port: 80, targetPort: 8080 }] } });

const WORKLOAD = {
  selector: { matchLabels: LABELS },
  template: { metadata: { labels: LABELS }, spec: { containers } },
};
const JOB = { template: { spec: { restartPolicy: 'Never', containers } } };

/** One object of nearly every kind, with the names that `describe` is asked for. */
export function oneOfEach(namespace: string): KubeObject[] {
  return [
    object('v1', 'LimitRange', 'limits', { spec: { limits: [{ type: 'Container', default: { cpu: '100m' } }] } }),
    object('v1', 'ResourceQuota', 'quota', { spec: { hard: { configmaps: '10' } } }),
    pod('web'),
    deployment('web'),
    object('apps/v1', 'ReplicaSet', 'web', { spec: WORKLOAD }),
    object('apps/v1', 'StatefulSet', 'web', { spec: { ...WORKLOAD, serviceName: 'web' } }),
    object('apps/v1', 'DaemonSet', 'web', { spec: WORKLOAD }),
    object('v1', 'ReplicationController', 'web', { spec: { selector: LABELS, template: WORKLOAD.template } }),
    object('batch/v1', 'Job', 'once', { spec: JOB }),
    object('batch/v1', 'CronJob', 'often', { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: JOB } } }),
    service('web'),
    object('v1', 'Endpoints', 'hand', { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }),
    object('discovery.k8s.io/v1', 'EndpointSlice', 'web-1', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    }),
    configMap('settings'),
    object('v1', 'Secret', 'key', { stringData: { a: 'b' } }),
    object('v1', 'ServiceAccount', 'robot', {}),
    object('v1', 'PersistentVolumeClaim', 'disk', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    object('v1', 'PersistentVolume', `${namespace}-pv`, {
      spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } },
    }),
    object('storage.k8s.io/v1', 'StorageClass', `${namespace}-sc`, { provisioner: 'made.up/disk' }),
    object('networking.k8s.io/v1', 'Ingress', 'web', {
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    }),
    object('networking.k8s.io/v1', 'NetworkPolicy', 'shut', { spec: { podSelector: {} } }),
    object('policy/v1', 'PodDisruptionBudget', 'web', {
      spec: { minAvailable: 1, selector: { matchLabels: LABELS } },
    }),
    object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    }),
    object('rbac.authorization.k8s.io/v1', 'Role', 'reader', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'readers', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
    }),
    object('scheduling.k8s.io/v1', 'PriorityClass', `${namespace}-high`, { value: 7 }),
  ];
}

/** A budget that lets no pod go, as its controller would have worked it out. */
export const fullBudget = (name: string): KubeObject =>
  object('policy/v1', 'PodDisruptionBudget', name, {
    spec: { minAvailable: 1, selector: { matchLabels: LABELS } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, observedGeneration: 1 },
  });
