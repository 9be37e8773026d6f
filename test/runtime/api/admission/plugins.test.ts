/** The plugins that fill in or refuse one thing each. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Node, PersistentVolumeClaim, Pod } from '../../../../core/index.ts';
import { admissionChain, runMutating, runValidating } from '../../../../runtime/api/admission/chain.ts';
import { defaultIngressClass } from '../../../../runtime/api/admission/default-ingress-class.ts';
import { defaultTolerationSeconds } from '../../../../runtime/api/admission/default-toleration-seconds.ts';
import { namespaceLifecycle } from '../../../../runtime/api/admission/namespace-lifecycle.ts';
import { priority } from '../../../../runtime/api/admission/priority.ts';
import { runtimeClass } from '../../../../runtime/api/admission/runtime-class.ts';
import { serviceAccount } from '../../../../runtime/api/admission/service-account.ts';
import {
  defaultStorageClass,
  persistentVolumeClaimResize,
  storageObjectInUseProtection,
} from '../../../../runtime/api/admission/storage.ts';
import { taintNodesByCondition } from '../../../../runtime/api/admission/taint-nodes-by-condition.ts';
import { RbacAuthorizer } from '../../../../runtime/api/auth/rbac/authorizer.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import { FakeView } from '../auth/fake-view.ts';
import { admit, outcomeOf, type RequestOptions, requestFor } from './requests.ts';

const object = (apiVersion: string, kind: string, name: string, more: object = {}, metadata: object = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name, ...metadata }, ...more }) as KubeObject;
const pod = (spec: object = {}, metadata: object = {}): Pod =>
  object(
    'v1',
    'Pod',
    'web',
    { spec: { containers: [{ name: 'c' }], ...spec } },
    { namespace: 'a', ...metadata },
  ) as Pod;
const namespace = (name: string, more: object = {}, metadata: object = {}): KubeObject =>
  object('v1', 'Namespace', name, more, metadata);

// --- NamespaceLifecycle ----------------------------------------------------------------------------------------------

const lifecycle = namespaceLifecycle(
  new FakeView([
    namespace('a'),
    namespace('gone', { status: { phase: 'Terminating' } }),
    namespace('going', {}, { deletionTimestamp: '2026-11-23T14:00:00Z' }),
  ]),
);
const ENDING = (name: string): string =>
  `403 pods "web" is forbidden: unable to create new content in namespace ${name} because it is being terminated`;
const lives: [string, KubeObject, string, RequestOptions?][] = [
  ['a namespace that is there', pod(), 'done'],
  ['a namespace that is not', pod({}, { namespace: 'b' }), '404 namespaces "b" not found'],
  [
    'an update where the namespace is not there',
    pod({}, { namespace: 'b' }),
    '404 namespaces "b" not found',
    { old: pod() },
  ],
  ['a namespace that is ending', pod({}, { namespace: 'gone' }), ENDING('gone')],
  ['a namespace that is being deleted', pod({}, { namespace: 'going' }), ENDING('going')],
  ['an update in a namespace that is ending', pod({}, { namespace: 'gone' }), 'done', { old: pod() }],
  ['a delete in a namespace that is ending', pod({}, { namespace: 'gone' }), 'done', { operation: 'DELETE' }],
  ['a cluster-scoped object', object('v1', 'Node', 'n'), 'done'],
  ['a new namespace', namespace('x'), 'done'],
  ['the deletion of a namespace', namespace('a'), 'done', { operation: 'DELETE' }],
  [
    'the deletion of default',
    namespace('default'),
    '403 namespaces "default" is forbidden: this namespace may not be deleted',
    { operation: 'DELETE' },
  ],
  [
    'the deletion of kube-system',
    namespace('kube-system'),
    '403 namespaces "kube-system" is forbidden: this namespace may not be deleted',
    { operation: 'DELETE' },
  ],
  [
    'the deletion of kube-public',
    namespace('kube-public'),
    '403 namespaces "kube-public" is forbidden: this namespace may not be deleted',
    { operation: 'DELETE' },
  ],
  ['the deletion of kube-node-lease', namespace('kube-node-lease'), 'done', { operation: 'DELETE' }],
];
for (const [name, what, expected, options] of lives) {
  test(`NamespaceLifecycle: ${name}`, async () => assert.is(await outcomeOf(lifecycle, what, options), expected));
}

test('NamespaceLifecycle: a namespace that is ending is a cause of its own', async () => {
  const error = await admit(lifecycle, pod({}, { namespace: 'gone' })).catch((reason: unknown) => reason);
  assert.ok(error instanceof ApiError);
  assert.equal(error.status.details?.causes, [
    { reason: 'NamespaceTerminating', message: 'namespace gone is being terminated', field: 'metadata.namespace' },
  ]);
});

// --- ServiceAccount --------------------------------------------------------------------------------------------------

const account = (name: string, more: object = {}): KubeObject =>
  object('v1', 'ServiceAccount', name, more, { namespace: 'a' });
const accounts = serviceAccount(
  new FakeView([
    account('default'),
    account('quiet', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'pull' }] }),
  ]),
  () => 'abcde',
  () => Promise.resolve(),
);
const MOUNT = {
  name: 'kube-api-access-abcde',
  readOnly: true,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
};

test('ServiceAccount: a pod runs as default, with token, authority and namespace in every container', async () => {
  const { spec } = (await admit(accounts, pod({ initContainers: [{ name: 'i' }] }))) as Pod;
  assert.is(spec.serviceAccountName, 'default');
  assert.equal(spec.containers, [{ name: 'c', volumeMounts: [MOUNT] }]);
  assert.equal(spec.initContainers, [{ name: 'i', volumeMounts: [MOUNT] }]);
  assert.equal(spec.volumes, [
    {
      name: 'kube-api-access-abcde',
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
        ],
      },
    },
  ]);
});

const mounts: [string, object, number, number][] = [
  ['the account says no', { serviceAccountName: 'quiet' }, 0, 0],
  ['the pod says yes against the account', { serviceAccountName: 'quiet', automountServiceAccountToken: true }, 1, 1],
  ['the pod says no', { automountServiceAccountToken: false }, 0, 0],
  [
    'every container has something there',
    { containers: [{ name: 'c', volumeMounts: [{ name: 'x', mountPath: MOUNT.mountPath }] }] },
    1,
    0,
  ],
  ['the volume is there', { volumes: [{ name: 'kube-api-access-zzzzz' }] }, 1, 1],
];
for (const [name, spec, mountCount, volumes] of mounts) {
  test(`ServiceAccount, mounts: ${name}`, async () => {
    const filled = ((await admit(accounts, pod(spec))) as Pod).spec;
    assert.is((filled.containers[0].volumeMounts as unknown[] | undefined)?.length ?? 0, mountCount);
    assert.is(filled.volumes?.length ?? 0, volumes);
  });
}

test('ServiceAccount: pull secrets of the account, unless the pod has some', async () => {
  const secretsOf = async (spec: object): Promise<unknown> =>
    ((await admit(accounts, pod(spec))) as Pod).spec.imagePullSecrets;
  assert.equal(await secretsOf({ serviceAccountName: 'quiet' }), [{ name: 'pull' }]);
  assert.equal(await secretsOf({ serviceAccountName: 'quiet', imagePullSecrets: [{ name: 'own' }] }), [
    { name: 'own' },
  ]);
  assert.is(await secretsOf({}), undefined);
});

test('ServiceAccount: the default account of a new namespace is waited for, and of no other name', async () => {
  const view = new FakeView();
  let pauses = 0;
  const plugin = serviceAccount(
    view,
    () => 'abcde',
    async () => {
      if (++pauses === 3) view.add(account('default'));
    },
  );
  assert.is(
    await outcomeOf(plugin, pod({ serviceAccountName: 'x' })),
    '403 pods "web" is forbidden: error looking up service account a/x: serviceaccount "x" not found',
  );
  assert.is(pauses, 0);
  assert.is(await outcomeOf(plugin, pod()), 'done');
  assert.is(pauses, 3);
});

const refusedAccounts: [string, Pod, string, RequestOptions?][] = [
  [
    'an account that is not there',
    pod({ serviceAccountName: 'x' }),
    '403 pods "web" is forbidden: error looking up service account a/x: serviceaccount "x" not found',
  ],
  [
    'no default account',
    pod({}, { namespace: 'b' }),
    '403 pods "web" is forbidden: error looking up service account b/default: serviceaccount "default" not found',
  ],
  ['an update', pod({ serviceAccountName: 'x' }), 'done', { old: pod() }],
  ['a mirror pod', pod({}, { annotations: { 'kubernetes.io/config.mirror': 'h' } }), 'done'],
  [
    'a mirror pod with an account',
    pod({ serviceAccountName: 'default' }, { annotations: { 'kubernetes.io/config.mirror': 'h' } }),
    '403 pods "web" is forbidden: a mirror pod may not reference service accounts',
  ],
];
for (const [name, what, expected, options] of refusedAccounts) {
  test(`ServiceAccount: ${name}`, async () => assert.is(await outcomeOf(accounts, what, options), expected));
}

// --- Priority --------------------------------------------------------------------------------------------------------

const priorityClass = (name: string, value: number, more: object = {}): KubeObject =>
  object('scheduling.k8s.io/v1', 'PriorityClass', name, { value, ...more });
const classes = [priorityClass('high', 1000), priorityClass('polite', 5, { preemptionPolicy: 'Never' })];
const prioritised = priority(new FakeView(classes));
const withDefault = priority(
  new FakeView([
    ...classes,
    priorityClass('usual', 7, { globalDefault: true }),
    priorityClass('second', 3, { globalDefault: true, preemptionPolicy: 'Never' }),
  ]),
);

const priorities: [string, typeof prioritised, object, unknown[]][] = [
  ['no class is 0', prioritised, {}, [undefined, 0, 'PreemptLowerPriority']],
  ['a class by name', prioritised, { priorityClassName: 'high' }, ['high', 1000, 'PreemptLowerPriority']],
  ['a class that does not preempt', prioritised, { priorityClassName: 'polite' }, ['polite', 5, 'Never']],
  [
    'a class that every cluster has',
    prioritised,
    { priorityClassName: 'system-node-critical' },
    ['system-node-critical', 2_000_001_000, 'PreemptLowerPriority'],
  ],
  [
    'the right number is no contradiction',
    prioritised,
    { priorityClassName: 'high', priority: 1000 },
    ['high', 1000, 'PreemptLowerPriority'],
  ],
  ['of two defaults the smaller', withDefault, {}, ['second', 3, 'Never']],
  ['a name against the default', withDefault, { priorityClassName: 'high' }, ['high', 1000, 'PreemptLowerPriority']],
];
for (const [name, plugin, spec, expected] of priorities) {
  test(`Priority: ${name}`, async () => {
    const { priorityClassName, priority, preemptionPolicy } = ((await admit(plugin, pod(spec))) as Pod).spec;
    assert.equal([priorityClassName, priority, preemptionPolicy], expected);
  });
}

const refusedPriorities: [string, KubeObject, string, RequestOptions?][] = [
  [
    'an unknown class',
    pod({ priorityClassName: 'x' }),
    '403 pods "web" is forbidden: no PriorityClass with name x was found',
  ],
  [
    'another number',
    pod({ priorityClassName: 'high', priority: 5 }),
    '403 pods "web" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
  ],
  [
    'a number without a class',
    pod({ priority: 5 }),
    '403 pods "web" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 3 from the given PriorityClass name',
  ],
  [
    'another policy',
    pod({ priorityClassName: 'high', preemptionPolicy: 'Never' }),
    '403 pods "web" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
  ],
  [
    'a further default',
    priorityClass('x', 1, { globalDefault: true }),
    '403 priorityclasses.scheduling.k8s.io "x" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
  ],
  ['a further class', priorityClass('x', 1), 'done'],
];
for (const [name, what, expected, options] of refusedPriorities) {
  test(`Priority refuses: ${name}`, async () => assert.is(await outcomeOf(withDefault, what, options), expected));
}

test('Priority: an update keeps what a create has computed', async () => {
  const old = pod({ priority: 1000, preemptionPolicy: 'Never', priorityClassName: 'high' });
  const { spec } = (await admit(prioritised, pod({ priorityClassName: 'high' }), { old })) as Pod;
  assert.equal([spec.priority, spec.preemptionPolicy], [1000, 'Never']);
});

// --- the smaller ones ------------------------------------------------------------------------------------------------

test('DefaultTolerationSeconds: five minutes, unless the pod says otherwise', async () => {
  const tolerationsOf = async (spec: object): Promise<unknown> =>
    ((await admit(defaultTolerationSeconds, pod(spec))) as Pod).spec.tolerations;
  const five = (key: string): object => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  });
  assert.equal(await tolerationsOf({}), [five('not-ready'), five('unreachable')]);
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' };
  assert.equal(await tolerationsOf({ tolerations: [own] }), [own, five('unreachable')]);
  assert.equal(await tolerationsOf({ tolerations: [{ operator: 'Exists' }] }), [{ operator: 'Exists' }]);
});

test('TaintNodesByCondition: a new node is not ready', async () => {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  const taintsOf = async (what: KubeObject, options?: RequestOptions): Promise<unknown> =>
    ((await admit(taintNodesByCondition, what, options)) as Node).spec?.taints;
  const node = object('v1', 'Node', 'n');
  assert.equal(await taintsOf(node), [taint]);
  assert.equal(await taintsOf({ ...node, spec: { taints: [taint] } } as Node), [taint], 'once');
  assert.is(await taintsOf(node, { old: node }), undefined, 'an update');
});

const claim = (spec: object = {}, metadata: object = {}, status: object = {}): PersistentVolumeClaim =>
  object(
    'v1',
    'PersistentVolumeClaim',
    'data',
    { spec, status },
    { namespace: 'a', ...metadata },
  ) as PersistentVolumeClaim;
const storageClass = (name: string, more: object = {}, annotations: object = {}): KubeObject =>
  object('storage.k8s.io/v1', 'StorageClass', name, { provisioner: 'x', ...more }, { annotations });
const IS_DEFAULT = { 'storageclass.kubernetes.io/is-default-class': 'true' };

test('StorageObjectInUseProtection: claims and volumes have a finalizer, once', async () => {
  const finalizersOf = async (what: KubeObject): Promise<unknown> =>
    (await admit(storageObjectInUseProtection, what)).metadata.finalizers;
  assert.equal(await finalizersOf(claim()), ['kubernetes.io/pvc-protection']);
  assert.equal(await finalizersOf(claim({}, { finalizers: ['x', 'kubernetes.io/pvc-protection'] })), [
    'x',
    'kubernetes.io/pvc-protection',
  ]);
  assert.equal(await finalizersOf(object('v1', 'PersistentVolume', 'v', { spec: {} })), [
    'kubernetes.io/pv-protection',
  ]);
  assert.is(await finalizersOf(pod()), undefined);
});

const claims: [string, KubeObject[], PersistentVolumeClaim, string | undefined][] = [
  ['no default class', [storageClass('fast')], claim(), undefined],
  ['the default class', [storageClass('fast'), storageClass('usual', {}, IS_DEFAULT)], claim(), 'usual'],
  ['a class by name', [storageClass('usual', {}, IS_DEFAULT)], claim({ storageClassName: 'fast' }), 'fast'],
  ['no class by name', [storageClass('usual', {}, IS_DEFAULT)], claim({ storageClassName: '' }), ''],
  [
    'a class by the old annotation',
    [storageClass('usual', {}, IS_DEFAULT)],
    claim({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } }),
    undefined,
  ],
];
for (const [name, objects, what, expected] of claims) {
  test(`DefaultStorageClass: ${name}`, async () => {
    const filled = (await admit(defaultStorageClass(new FakeView(objects)), what)) as PersistentVolumeClaim;
    assert.is(filled.spec.storageClassName, expected);
  });
}

const sized = (storage: string, storageClassName = 'fast', phase = 'Bound'): PersistentVolumeClaim =>
  claim({ storageClassName, resources: { requests: { storage } } }, {}, { phase });
const CANNOT =
  '403 persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
const sizes: [string, PersistentVolumeClaim, PersistentVolumeClaim, string][] = [
  ['as large as before', sized('1Gi'), sized('1024Mi'), 'done'],
  ['larger, where the class allows it', sized('2Gi'), sized('1Gi'), 'done'],
  ['larger, where the class does not', sized('2Gi', 'rigid'), sized('1Gi', 'rigid'), CANNOT],
  ['larger, without a class', sized('2Gi', ''), sized('1Gi', ''), CANNOT],
  [
    'larger before it is bound',
    sized('2Gi'),
    sized('1Gi', 'fast', 'Pending'),
    '403 persistentvolumeclaims "data" is forbidden: Only bound persistent volume claims can be expanded',
  ],
];
for (const [name, next, old, expected] of sizes) {
  test(`PersistentVolumeClaimResize: ${name}`, async () => {
    const plugin = persistentVolumeClaimResize(
      new FakeView([storageClass('fast', { allowVolumeExpansion: true }), storageClass('rigid')]),
    );
    assert.is(await outcomeOf(plugin, next, { old }), expected);
  });
}

test('DefaultIngressClass: the newest default, unless one is named', async () => {
  const ingressClass = (name: string, creationTimestamp: string, is = 'true'): KubeObject =>
    object(
      'networking.k8s.io/v1',
      'IngressClass',
      name,
      {},
      { creationTimestamp, annotations: { 'ingressclass.kubernetes.io/is-default-class': is } },
    );
  const plugin = defaultIngressClass(
    new FakeView([
      ingressClass('old', '2026-01-01T00:00:00Z'),
      ingressClass('new', '2026-02-01T00:00:00Z'),
      ingressClass('other', '2026-03-01T00:00:00Z', 'false'),
    ]),
  );
  const classOf = async (spec: object, annotations?: object): Promise<unknown> => {
    const ingress = object('networking.k8s.io/v1', 'Ingress', 'i', { spec }, { namespace: 'a', annotations });
    const filled = (await admit(plugin, ingress)) as KubeObject & { spec: { ingressClassName?: string } };
    return filled.spec.ingressClassName;
  };
  assert.is(await classOf({}), 'new');
  assert.is(await classOf({ ingressClassName: 'mine' }), 'mine');
  assert.is(await classOf({}, { 'kubernetes.io/ingress.class': 'mine' }), undefined);
});

const sandboxed = object('node.k8s.io/v1', 'RuntimeClass', 'sandboxed', {
  handler: 'h',
  overhead: { podFixed: { cpu: '100m' } },
  scheduling: { nodeSelector: { kvm: 'yes' }, tolerations: [{ key: 'kvm', operator: 'Exists' }] },
});
const runtimes = runtimeClass(
  new FakeView([sandboxed, object('node.k8s.io/v1', 'RuntimeClass', 'plain', { handler: 'h' })]),
);

test('RuntimeClass: overhead, node selector and tolerations come from the class', async () => {
  const { spec } = (await admit(runtimes, pod({ runtimeClassName: 'sandboxed', nodeSelector: { a: 'b' } }))) as Pod;
  assert.equal(
    [spec.overhead, spec.nodeSelector, spec.tolerations],
    [{ cpu: '100m' }, { kvm: 'yes', a: 'b' }, [{ key: 'kvm', operator: 'Exists' }]],
  );
});

const refusedRuntimes: [string, object, string][] = [
  ['no class', {}, 'done'],
  [
    'an unknown class',
    { runtimeClassName: 'x' },
    '403 pods "web" is forbidden: pod rejected: RuntimeClass "x" not found',
  ],
  ['the same overhead', { runtimeClassName: 'sandboxed', overhead: { cpu: '0.1' } }, 'done'],
  [
    'another overhead',
    { runtimeClassName: 'sandboxed', overhead: { cpu: '1' } },
    `403 pods "web" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`,
  ],
  [
    'an overhead that the class does not have',
    { runtimeClassName: 'plain', overhead: { cpu: '1' } },
    '403 pods "web" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [
    'an overhead without a class',
    { overhead: { cpu: '1' } },
    '403 pods "web" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [
    'another node',
    { runtimeClassName: 'sandboxed', nodeSelector: { kvm: 'no' } },
    '403 pods "web" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[kvm] = yes; pod.spec.nodeSelector[kvm] = no',
  ],
];
for (const [name, spec, expected] of refusedRuntimes) {
  test(`RuntimeClass: ${name}`, async () => assert.is(await outcomeOf(runtimes, pod(spec)), expected));
}

// --- the chain -------------------------------------------------------------------------------------------------------

test('the chain: in Kubernetes’ order, over a pod from end to end, without changing what it was given', async () => {
  const view = new FakeView([namespace('a'), account('default')]);
  const writer = { updateStatus: () => Promise.reject(new Error('no quota')), read: () => Promise.resolve(undefined) };
  const chain = admissionChain(view, writer, { authorizer: new RbacAuthorizer(view), now: Date.now });
  assert.equal(
    chain.map(({ name }) => name),
    [
      'NamespaceLifecycle',
      'RBACEscalation',
      'LimitRanger',
      'ServiceAccount',
      'TaintNodesByCondition',
      'PodSecurity',
      'Priority',
      'DefaultTolerationSeconds',
      'DefaultStorageClass',
      'StorageObjectInUseProtection',
      'PersistentVolumeClaimResize',
      'RuntimeClass',
      'DefaultIngressClass',
      'ResourceQuota',
    ],
  );
  const given = pod();
  const before = structuredClone(given);
  const request = requestFor(given);
  const filled = (await runMutating(chain, request)) as Pod;
  await runValidating(chain, { ...request, object: filled });
  assert.equal(given, before);
  assert.match(filled.spec.volumes![0].name, /^kube-api-access-[a-z0-9]{5}$/);
  assert.is(filled.spec.priority, 0);
  assert.is(filled.spec.tolerations?.length, 2);
  const again = await runMutating(chain, { ...request, object: filled });
  assert.equal(again, filled, 'twice is once');
});

test.run();
