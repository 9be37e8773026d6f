/** A small valid object of every kind that is kept, and of one custom kind: for tests that go over all of them. */
import type { ApiKind } from '../../runtime/api/kinds/kind.ts';
import { apiVersionOf } from '../../runtime/api/kinds/table.ts';

const SELECTOR = { matchLabels: { app: 'a' } };
const POD_SPEC = { containers: [{ name: 'c', image: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }] };
const TEMPLATE = { metadata: { labels: { app: 'a' } }, spec: POD_SPEC };
const JOB_SPEC = { template: { spec: { ...POD_SPEC, restartPolicy: 'Never' } } };
const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const RULES = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const TIME = '2026-01-01T00:00:00Z';
const HOOK = {
  name: 'a.example.com',
  clientConfig: { url: 'https://example.com' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const DEVICES = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };

/** Made by `openssl req -new -subj /CN=a`: the server reads it. */
const REQUEST = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIR01HNENBUUF3RERFS01BZ0dBMVVFQXd3QllUQlpNQk1HQnlx',
  'R1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQQpCS3oxd3pPeHo0YjRsWE1UVmZCK0FQTkhCdldSSUFJMHhkTWpwSkEwamRlNmY2alFv',
  'Z2QvelM0eW40ekdwemFjCmhnMzhScWpab1ptOE9uTi96SEJxTml5Z0FEQUtCZ2dxaGtqT1BRUURBZ05JQURCRkFpQWp2TXg0enpM',
  'N0U4aUIKaGNIMXp3Z2FEYTdVbVJzQmZyL0d2SVByUlk2RXZBSWhBTnJWNmd4dUtCcnVkdkZKWVpWMlAwUlBnUVh5TVpENgpjSURk',
  'ZjcyRm5HREoKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==',
].join('');

/** What stands beside apiVersion, kind and metadata.name, by 'group/plural'. */
const CONTENT: Readonly<Record<string, object>> = {
  '/configmaps': { data: { a: 'b' } },
  '/endpoints': { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  '/events': { involvedObject: { kind: 'Pod', name: 'a' }, reason: 'Seen', type: 'Normal' },
  '/limitranges': { spec: { limits: [{ type: 'Container', max: { cpu: '64' } }] } },
  '/namespaces': {},
  '/nodes': { spec: { podCIDR: '10.244.9.0/24' }, status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' } } },
  '/persistentvolumeclaims': { spec: CLAIM },
  '/persistentvolumes': {
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/tmp/a' } },
  },
  '/pods': { spec: POD_SPEC },
  '/podtemplates': { template: TEMPLATE },
  '/replicationcontrollers': { spec: { replicas: 1, selector: { app: 'a' }, template: TEMPLATE } },
  '/resourcequotas': { spec: { hard: { configmaps: '100000', 'requests.cpu': '1000' } } },
  '/secrets': { data: { a: 'Yg==' } },
  '/serviceaccounts': {},
  '/services': { spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } },
  'apps/controllerrevisions': { revision: 1, data: { a: 'b' } },
  'apps/daemonsets': { spec: { selector: SELECTOR, template: TEMPLATE } },
  'apps/deployments': { spec: { replicas: 1, selector: SELECTOR, template: TEMPLATE } },
  'apps/replicasets': { spec: { replicas: 1, selector: SELECTOR, template: TEMPLATE } },
  'apps/statefulsets': {
    spec: {
      serviceName: 'a',
      selector: SELECTOR,
      template: TEMPLATE,
      volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: CLAIM }],
    },
  },
  'batch/cronjobs': { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: JOB_SPEC } } },
  'batch/jobs': { spec: JOB_SPEC },
  'autoscaling/horizontalpodautoscalers': {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, maxReplicas: 3 },
  },
  'policy/poddisruptionbudgets': { spec: { minAvailable: 1, selector: SELECTOR } },
  'certificates.k8s.io/certificatesigningrequests': {
    spec: { request: REQUEST, signerName: 'example.com/a', usages: ['client auth'] },
  },
  'coordination.k8s.io/leases': { spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } },
  'discovery.k8s.io/endpointslices': {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ name: '', port: 80 }],
  },
  'events.k8s.io/events': {
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', name: 'a' },
    reason: 'Seen',
    type: 'Normal',
    action: 'Look',
    reportingController: 'example.com/a',
    reportingInstance: 'a-0',
  },
  'networking.k8s.io/ingressclasses': { spec: { controller: 'example.com/a' } },
  'networking.k8s.io/ingresses': {
    spec: {
      rules: [
        {
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
  'networking.k8s.io/networkpolicies': { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
  'node.k8s.io/runtimeclasses': { handler: 'runc' },
  'rbac.authorization.k8s.io/clusterrolebindings': {
    subjects: [{ kind: 'User', name: 'nobody', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
  },
  'rbac.authorization.k8s.io/clusterroles': { rules: RULES },
  'rbac.authorization.k8s.io/rolebindings': {
    subjects: [{ kind: 'ServiceAccount', name: 'nobody', namespace: 'default' }],
    roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
  },
  'rbac.authorization.k8s.io/roles': { rules: RULES },
  'scheduling.k8s.io/priorityclasses': { value: 7 },
  'storage.k8s.io/csidrivers': { spec: { attachRequired: false } },
  'storage.k8s.io/csinodes': { spec: { drivers: [{ name: 'd', nodeID: 'a', topologyKeys: ['a'] }] } },
  'storage.k8s.io/csistoragecapacities': { storageClassName: 'a', capacity: '1Gi' },
  'storage.k8s.io/storageclasses': { provisioner: 'example.com/a' },
  'storage.k8s.io/volumeattachments': {
    spec: { attacher: 'd', nodeName: 'a', source: { persistentVolumeName: 'a' } },
  },
  'resource.k8s.io/deviceclasses': { spec: { selectors: [{ cel: { expression: 'true' } }] } },
  'resource.k8s.io/resourceclaims': { spec: { devices: DEVICES } },
  'resource.k8s.io/resourceclaimtemplates': { spec: { spec: { devices: DEVICES } } },
  'resource.k8s.io/resourceslices': {
    spec: {
      driver: 'example.com',
      nodeName: 'a',
      pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0', capacity: { memory: { value: '8Gi' } } }],
    },
  },
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': { webhooks: [HOOK] },
  'admissionregistration.k8s.io/validatingwebhookconfigurations': { webhooks: [HOOK] },
  'apiextensions.k8s.io/customresourcedefinitions': definitionOf('things'),
  'apiregistration.k8s.io/apiservices': {
    spec: {
      group: 'a.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: 'a', namespace: 'default' },
    },
  },
  'example.com/gadgets': { spec: { size: 3, parts: [{ name: 'a' }], at: TIME } },
};

/** Names that the kind asks for; all others are free. */
const NAMES: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io/customresourcedefinitions': 'things.example.com',
  'apiregistration.k8s.io/apiservices': 'v1.a.example.com',
};

/** @param namespace where it shall stand. @returns undefined for a kind that is only asked: reviews, bindings, metrics. */
export function sampleOf(kind: ApiKind, name: string, namespace = 'default'): Record<string, unknown> | undefined {
  const key = `${kind.group}/${kind.plural}`;
  const content = CONTENT[key];
  if (!content) return undefined;
  const metadata = { name: NAMES[key] ?? name };
  const own = structuredClone(content) as { involvedObject?: object; regarding?: object };
  // An event stands in the namespace of what it is about.
  Object.assign(own.involvedObject ?? own.regarding ?? {}, { namespace });
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...own };
}

/** Beside name and metadata: a kind with a schema, both subresources, printer columns and a selectable field. */
export function definitionOf(plural: string): object {
  const singular = plural.slice(0, -1);
  const kind = singular[0].toUpperCase() + singular.slice(1);
  const text = { type: 'string' };
  const spec = {
    type: 'object',
    properties: {
      size: { type: 'integer', minimum: 1, default: 1 },
      replicas: { type: 'integer' },
      color: { type: 'string', enum: ['red', 'green'], default: 'red' },
      at: { type: 'string', format: 'date-time' },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      pairs: { type: 'object', additionalProperties: text },
      either: { 'x-kubernetes-int-or-string': true },
      parts: {
        type: 'array',
        maxItems: 5,
        items: { type: 'object', required: ['name'], properties: { name: text, count: { type: 'number' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
    },
  };
  const status = { type: 'object', properties: { replicas: { type: 'integer' }, selector: text } };
  return {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind, shortNames: [plural.slice(0, 2)], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          selectableFields: [{ jsonPath: '.spec.color' }],
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'At', type: 'date', jsonPath: '.spec.at' },
            { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
            { name: 'Red', type: 'string', jsonPath: '.spec.parts[?(@.name=="red")].count' },
          ],
        },
      ],
    },
  };
}
