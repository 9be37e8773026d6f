/** Whatever is left out of an object or put in a wrong place: the server says what is wrong, and has no fault of its own. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startApi, type TestServer } from '../../../support/api-server.ts';

const test = suite<{ api: TestServer }>('odd objects');
test.before(async (context) => {
  context.api = await startApi();
});
test.after(({ api }) => api.close());

const resources = { requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '1', memory: '1Gi' } };
const container = {
  name: 'c',
  image: 'i',
  resources,
  ports: [{ containerPort: 80, hostPort: 80 }],
  securityContext: {
    privileged: true,
    capabilities: { add: ['X'], drop: ['ALL'] },
    seccompProfile: { type: 'Unconfined' },
  },
  livenessProbe: { httpGet: { port: 80, host: 'h' } },
  volumeMounts: [{ name: 'v', mountPath: '/v' }],
};
const podSpec = {
  containers: [container],
  initContainers: [{ ...container, name: 'i' }],
  volumes: [{ name: 'v', hostPath: { path: '/' } }],
  overhead: { cpu: '1' },
  runtimeClassName: 'r',
  priorityClassName: 'system-node-critical',
  tolerations: [{ key: 'k', operator: 'Exists' }],
  nodeSelector: { a: 'b' },
  affinity: {
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', namespaces: ['a'] }] },
  },
  resources,
  securityContext: { sysctls: [{ name: 'x', value: 'y' }], runAsUser: 0 },
};
const template = { metadata: { labels: { a: 'b' } }, spec: podSpec };
const rbac = 'rbac.authorization.k8s.io/v1';
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const policyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['x'] };
const space = (path: string): string => path.replace('NS', '/namespaces/odd');

const kinds: [string, object][] = [
  ['/api/v1NS/pods', { kind: 'Pod', spec: podSpec }],
  ['/apis/apps/v1NS/deployments', { kind: 'Deployment', spec: { selector: { matchLabels: { a: 'b' } }, template } }],
  [
    '/apis/batch/v1NS/cronjobs',
    { kind: 'CronJob', spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } },
  ],
  [
    '/api/v1NS/limitranges',
    {
      kind: 'LimitRange',
      spec: {
        limits: [
          {
            type: 'Container',
            max: { cpu: '2' },
            min: { cpu: '1m' },
            default: { cpu: '1' },
            maxLimitRequestRatio: { cpu: '50' },
          },
        ],
      },
    },
  ],
  [
    '/api/v1NS/resourcequotas',
    {
      kind: 'ResourceQuota',
      spec: {
        hard: { pods: '5', 'requests.cpu': '3' },
        scopes: ['NotBestEffort'],
        scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['x'] }] },
      },
    },
  ],
  [
    '/api/v1NS/persistentvolumeclaims',
    {
      kind: 'PersistentVolumeClaim',
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
  ],
  ['/api/v1NS/services', { kind: 'Service', spec: { type: 'NodePort', ports: [{ port: 80 }] } }],
  [
    '/api/v1NS/serviceaccounts',
    { kind: 'ServiceAccount', imagePullSecrets: [{ name: 'x' }], automountServiceAccountToken: false },
  ],
  [
    '/apis/networking.k8s.io/v1NS/ingresses',
    { kind: 'Ingress', spec: { defaultBackend: { service: { name: 'x', port: { number: 80 } } } } },
  ],
  [
    '/api/v1/namespaces',
    { kind: 'Namespace', metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } },
  ],
  ['/api/v1/nodes', { kind: 'Node', spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', { kind: 'PriorityClass', value: 5, globalDefault: false }],
  [
    `/apis/${rbac}/clusterroles`,
    {
      kind: 'ClusterRole',
      rules: [policyRule],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    },
  ],
  [`/apis/${rbac}NS/roles`, { kind: 'Role', rules: [policyRule] }],
  [
    `/apis/${rbac}NS/rolebindings`,
    { kind: 'RoleBinding', roleRef, subjects: [{ kind: 'ServiceAccount', name: 'x', namespace: 'a' }] },
  ],
  [
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      kind: 'SubjectAccessReview',
      spec: { user: 'x', groups: ['y'], extra: { a: ['b'] }, resourceAttributes: { verb: 'get', resource: 'pods' } },
    },
  ],
  [
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    { kind: 'SelfSubjectRulesReview', spec: { namespace: 'a' } },
  ],
  ['/apis/authentication.k8s.io/v1/tokenreviews', { kind: 'TokenReview', spec: { token: 'x', audiences: ['y'] } }],
  [
    '/api/v1NS/serviceaccounts/default/token',
    {
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600, audiences: ['x'], boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'x' } },
    },
  ],
];

/** Paths of everything inside, the deepest too. */
function pathsOf(value: unknown, before: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsOf(inner, path)];
  });
}

const REMOVED = Symbol('removed');
const ODD: readonly unknown[] = [REMOVED, REMOVED, null, '', 'x', [], {}, 0, -1, 1e30, '1e99999', [null], [{}]];

function changed(object: object, at: number, value: unknown): object {
  const copy = structuredClone(object) as Record<string | number, unknown>;
  const paths = pathsOf(copy);
  if (paths.length === 0) return copy;
  const path = paths[at % paths.length];
  let inside = copy;
  for (const step of path.slice(0, -1)) {
    const next = inside[step];
    if (typeof next !== 'object' || next === null) return copy;
    inside = next as Record<string | number, unknown>;
  }
  const last = path[path.length - 1];
  if (value !== REMOVED) inside[last] = value;
  else delete inside[last];
  return copy;
}

function faultsOf({ problems }: TestServer): unknown[] {
  return problems.splice(0).map(({ message, cause }) => (cause instanceof Error ? cause.stack : message));
}

let names = 0;
test('an object with parts that are missing or wrong is never a fault of the server', async ({ api }) => {
  await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'odd' } });
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name: 'r' },
    handler: 'h',
    overhead: { podFixed: { cpu: '1' } },
  };
  assert.is((await api.post('/apis/node.k8s.io/v1/runtimeclasses', runtimeClass)).code, 201);
  const edits = fc.array(fc.tuple(fc.nat(500), fc.constantFrom(...ODD)), { minLength: 1, maxLength: 4, size: 'max' });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), edits, async ([path, object], all) => {
      const whole = {
        apiVersion: path.split('/')[1] === 'api' ? 'v1' : path.split('/').slice(2, 4).join('/').replace('NS', ''),
        ...object,
      };
      const odd = all.reduce((so, [at, value]) => changed(so, at, value), whole as object) as {
        kind?: unknown;
        metadata?: unknown;
      };
      const named = typeof odd.metadata === 'object' && odd.metadata ? odd.metadata : {};
      const isToken = path.endsWith('/token');
      const body = {
        ...whole,
        ...odd,
        apiVersion: whole.apiVersion,
        ...(!isToken && { metadata: { ...named, name: `odd-${names++}` } }),
      };
      const answer = await api.post(space(path), body);
      assert.ok(answer.code < 500, `${answer.code} ${faultsOf(api)}\n${JSON.stringify(body)}`);
      assert.equal(faultsOf(api), []);
    }),
    { numRuns: 1500, includeErrorInReport: true },
  );
});

test.run();
