import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/index.ts';
import { violationsOf, violationsText } from '../../../../runtime/api/admission/pod-security/evaluate.ts';
import { podSecurity } from '../../../../runtime/api/admission/pod-security/pod-security.ts';
import {
  podView,
  type SecuredContainer,
  type SecuredSpec,
} from '../../../../runtime/api/admission/pod-security/pod-view.ts';
import type { Level } from '../../../../runtime/api/admission/pod-security/policy.ts';
import { FakeView } from '../auth/fake-view.ts';
import { admit, outcomeOf, type RequestOptions } from './requests.ts';

const LATEST = Number.POSITIVE_INFINITY;
const good = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const a = (more: Partial<SecuredContainer> = {}): SecuredContainer => ({ name: 'a', ...more });
const b = (more: Partial<SecuredContainer> = {}): SecuredContainer => ({ name: 'b', ...more });
const safe = (more: Partial<SecuredContainer> = {}): SecuredContainer =>
  a({ ...more, securityContext: { ...good, ...more.securityContext } });
const as = (securityContext: SecuredContainer['securityContext']): Partial<SecuredContainer> => ({ securityContext });

// level, what the spec is, minor version, what is said; '' is nothing.
const rows: [string, Level, SecuredSpec, string, number?, Record<string, string>?][] = [
  ['privileged takes everything', 'privileged', { hostNetwork: true, containers: [a(as({ privileged: true }))] }, ''],
  ['a plain pod is baseline', 'baseline', { containers: [a()] }, ''],
  ['a safe pod is restricted', 'restricted', { containers: [safe()] }, ''],
  [
    'all host namespaces',
    'baseline',
    { hostNetwork: true, hostPID: true, hostIPC: true },
    'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
  ],
  ['one host namespace', 'baseline', { hostPID: true }, 'host namespaces (hostPID=true)'],
  [
    'privileged container',
    'baseline',
    { containers: [a(as({ privileged: true }))] },
    'privileged (container "a" must not set securityContext.privileged=true)',
  ],
  [
    'privileged containers of all sorts',
    'baseline',
    { initContainers: [a(as({ privileged: true }))], ephemeralContainers: [b(as({ privileged: true }))] },
    'privileged (containers "a", "b" must not set securityContext.privileged=true)',
  ],
  [
    'an added capability',
    'baseline',
    { containers: [a(as({ capabilities: { add: ['NET_ADMIN', 'CHOWN'] } }))] },
    'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  ],
  [
    'capabilities that every container has',
    'baseline',
    { containers: [a(as({ capabilities: { add: ['CHOWN', 'SYS_CHROOT'] } }))] },
    '',
  ],
  [
    'a hostPath',
    'baseline',
    {
      volumes: [
        { name: 'v', hostPath: { path: '/' } },
        { name: 'w', emptyDir: {} },
      ],
    },
    'hostPath volumes (volume "v")',
  ],
  [
    'two hostPaths',
    'baseline',
    {
      volumes: [
        { name: 'v', hostPath: {} },
        { name: 'w', hostPath: {} },
      ],
    },
    'hostPath volumes (volumes "v", "w")',
  ],
  [
    'a host port',
    'baseline',
    { containers: [a({ ports: [{ hostPort: 80 }] })] },
    'hostPort (container "a" uses hostPort 80)',
  ],
  [
    'host ports',
    'baseline',
    { containers: [a({ ports: [{ hostPort: 80 }, { hostPort: 443 }] }), b({ ports: [{ hostPort: 80 }] })] },
    'hostPort (containers "a", "b" use hostPorts 443, 80)',
  ],
  ['host port 0 is none', 'baseline', { containers: [a({ ports: [{ hostPort: 0 }] })] }, ''],
  [
    'procMount',
    'baseline',
    { containers: [a(as({ procMount: 'Unmasked' }))] },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  ['procMount Default', 'baseline', { containers: [a(as({ procMount: 'Default' }))] }, ''],
  [
    'procMount with users of its own',
    'baseline',
    { hostUsers: false, containers: [a(as({ procMount: 'Unmasked' }))] },
    '',
  ],
  [
    'procMount with users of its own, before 1.35',
    'baseline',
    { hostUsers: false, containers: [a(as({ procMount: 'Unmasked' }))] },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    34,
  ],
  [
    'procMount with users of its own, restricted',
    'restricted',
    { hostUsers: false, containers: [safe(as({ procMount: 'Unmasked' }))] },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'SELinux type, user and role',
    'baseline',
    {
      securityContext: { seLinuxOptions: { type: 'x' } },
      containers: [a(as({ seLinuxOptions: { user: 'u', role: 'r' } }))],
    },
    'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: type "x"; user may not be set; role may not be set)',
  ],
  [
    'SELinux types that are allowed',
    'baseline',
    { containers: [a(as({ seLinuxOptions: { type: 'container_kvm_t' } }))] },
    '',
  ],
  [
    'SELinux type of 1.31',
    'baseline',
    { containers: [a(as({ seLinuxOptions: { type: 'container_engine_t' } }))] },
    '',
    31,
  ],
  [
    'SELinux type of 1.31, before',
    'baseline',
    { containers: [a(as({ seLinuxOptions: { type: 'container_engine_t' } }))] },
    'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
    30,
  ],
  [
    'seccomp unconfined',
    'baseline',
    { containers: [a(as({ seccompProfile: { type: 'Unconfined' } }))] },
    'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'seccomp of the pod',
    'baseline',
    { securityContext: { seccompProfile: { type: 'Unconfined' } } },
    'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'seccomp by annotation counts before 1.19',
    'baseline',
    { containers: [a()] },
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    18,
    { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
  ],
  [
    'seccomp by annotation does not count later',
    'baseline',
    { containers: [a()] },
    '',
    19,
    { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
  ],
  [
    'sysctls',
    'baseline',
    { securityContext: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'kernel.shm_rmid_forced' }, { name: 'fs.x' }] } },
    'forbidden sysctls (kernel.msgmax, fs.x)',
  ],
  [
    'a sysctl of 1.27',
    'baseline',
    { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports' }] } },
    '',
    27,
  ],
  [
    'a sysctl of 1.27, before',
    'baseline',
    { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports' }] } },
    'forbidden sysctls (net.ipv4.ip_local_reserved_ports)',
    26,
  ],
  [
    'host process',
    'baseline',
    {
      securityContext: { windowsOptions: { hostProcess: true } },
      containers: [a(as({ windowsOptions: { hostProcess: true } }))],
    },
    'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
  ],
  [
    'AppArmor of a container',
    'baseline',
    { containers: [a(as({ appArmorProfile: { type: 'Unconfined' } }))] },
    'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")',
  ],
  [
    'AppArmor by annotation',
    'baseline',
    { containers: [a()] },
    'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    LATEST,
    { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
  ],
  [
    'AppArmor by good annotation',
    'baseline',
    { containers: [a()] },
    '',
    LATEST,
    { 'container.apparmor.security.beta.kubernetes.io/a': 'localhost/x' },
  ],
  [
    'the host of a probe',
    'baseline',
    { containers: [a({ livenessProbe: { httpGet: { host: 'h' } } })] },
    'probe or lifecycle host (container "a" uses probe or lifecycle host "h")',
  ],
  [
    'the host of a probe before 1.34',
    'baseline',
    { containers: [a({ livenessProbe: { httpGet: { host: 'h' } } })] },
    '',
    33,
  ],
  [
    'hosts of hooks',
    'baseline',
    {
      containers: [
        a({ lifecycle: { preStop: { tcpSocket: { host: 'h' } } }, readinessProbe: { tcpSocket: { host: 'g' } } }),
      ],
    },
    'probe or lifecycle host (container "a" uses probe or lifecycle hosts "g", "h")',
  ],
  [
    'a plain pod is not restricted',
    'restricted',
    { containers: [a(), b()] },
    'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  [
    'what baseline forbids comes first',
    'restricted',
    { hostNetwork: true, containers: [safe(as({ allowPrivilegeEscalation: true }))] },
    'host namespaces (hostNetwork=true), allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
  ],
  [
    'the pod’s own runAsNonRoot and seccomp',
    'restricted',
    {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } },
      containers: [a(as({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }))],
    },
    '',
  ],
  [
    'runAsNonRoot false',
    'restricted',
    { securityContext: { runAsNonRoot: false }, containers: [safe(as({ runAsNonRoot: false }))] },
    'runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)',
  ],
  [
    'user 0',
    'restricted',
    { securityContext: { runAsUser: 0 }, containers: [safe(as({ runAsUser: 0 }))] },
    'runAsUser=0 (pod and container "a" must not set runAsUser=0)',
  ],
  ['user 0 before 1.23', 'restricted', { securityContext: { runAsUser: 0 }, containers: [safe()] }, '', 22],
  ['user 0 with users of its own', 'restricted', { hostUsers: false, containers: [safe(as({ runAsUser: 0 }))] }, ''],
  [
    'the one capability that may be added',
    'restricted',
    { containers: [safe(as({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }))] },
    '',
  ],
  [
    'another, said once',
    'restricted',
    { containers: [safe(as({ capabilities: { drop: ['CHOWN'], add: ['NET_ADMIN'] } }))] },
    'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)',
  ],
  [
    'a hostPath, said once',
    'restricted',
    { containers: [safe()], volumes: [{ name: 'v', hostPath: {} }] },
    'restricted volume types (volume "v" uses restricted volume type "hostPath")',
  ],
  [
    'volumes of several types',
    'restricted',
    {
      containers: [safe()],
      volumes: [
        { name: 'v', nfs: {} },
        { name: 'w', hostPath: {} },
        { name: 'x', secret: {} },
        { name: 'y', csi: {} },
      ],
    },
    'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
  ],
  [
    'Windows has no seccomp',
    'restricted',
    { os: { name: 'windows' }, containers: [a(as({ runAsNonRoot: true }))] },
    '',
  ],
  [
    'Windows before 1.25',
    'restricted',
    { os: { name: 'windows' }, containers: [safe(as({ allowPrivilegeEscalation: true }))] },
    'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
    24,
  ],
];
for (const [name, level, spec, expected, minor = LATEST, annotations] of rows) {
  test(`Pod Security Standards: ${name}`, () => {
    assert.is(violationsText(violationsOf(podView(spec, annotations), { level, minor })), expected);
  });
}

// --- the plugin ------------------------------------------------------------------------------------------------------

const MODE = 'pod-security.kubernetes.io/';
const namespace = (labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'a', labels },
});
const pod = (spec: SecuredSpec): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'a', name: 'web' }, spec }) as KubeObject;
const deployment = (spec: SecuredSpec): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'a', name: 'web' },
    spec: { template: { spec } },
  }) as KubeObject;
const root = { hostPID: true, containers: [a()] };

const requests: [string, Record<string, string>, KubeObject, string, string[], RequestOptions?][] = [
  ['without labels', {}, pod(root), 'done', []],
  [
    'enforced',
    { enforce: 'baseline' },
    pod(root),
    '403 pods "web" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    [],
  ],
  [
    'enforced in a version',
    { enforce: 'baseline', 'enforce-version': 'v1.30' },
    pod(root),
    '403 pods "web" is forbidden: violates PodSecurity "baseline:v1.30": host namespaces (hostPID=true)',
    [],
  ],
  [
    'warned of',
    { warn: 'baseline' },
    pod(root),
    'done',
    ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'],
  ],
  ['audited', { audit: 'baseline' }, pod(root), 'done', []],
  [
    'enforced and warned of more',
    { enforce: 'baseline', warn: 'restricted' },
    pod({ containers: [safe({ securityContext: { runAsUser: 0 } })] }),
    'done',
    ['would violate PodSecurity "restricted:latest": runAsUser=0 (container "a" must not set runAsUser=0)'],
  ],
  [
    'a template is warned of what is enforced',
    { enforce: 'baseline' },
    deployment(root),
    'done',
    ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'],
  ],
  [
    'a template is not warned of where told not to',
    { enforce: 'baseline', warn: 'privileged' },
    deployment(root),
    'done',
    [],
  ],
  [
    'a template’s status',
    { warn: 'baseline' },
    deployment(root),
    'done',
    [],
    { subresource: 'status', old: deployment(root) },
  ],
  ['a binding', { enforce: 'baseline' }, pod(root), 'done', [], { subresource: 'binding' }],
  ['an update of labels', { enforce: 'baseline' }, pod(root), 'done', [], { old: pod(root) }],
  [
    'an update of the image',
    { enforce: 'baseline' },
    pod({ ...root, containers: [a({ image: 'x' })] }),
    '403 pods "web" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
    [],
    { old: pod(root) },
  ],
  [
    'a new ephemeral container',
    { enforce: 'baseline' },
    pod({ containers: [a()], ephemeralContainers: [b(as({ privileged: true }))] }),
    '403 pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged (container "b" must not set securityContext.privileged=true)',
    [],
    { old: pod({ containers: [a()] }), subresource: 'ephemeralcontainers' },
  ],
  [
    'a malformed level enforces the strictest',
    { enforce: 'x' },
    pod({ containers: [safe({ securityContext: { runAsUser: 0 } })] }),
    '403 pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0 (container "a" must not set runAsUser=0)',
    [],
  ],
  ['a malformed warning is none', { warn: 'x' }, pod(root), 'done', []],
];
for (const [name, labels, object, expected, warned, options] of requests) {
  test(`PodSecurity: ${name}`, async () => {
    const marked = Object.fromEntries(Object.entries(labels).map(([key, value]) => [MODE + key, value]));
    const warnings: string[] = [];
    const plugin = podSecurity(new FakeView([namespace(marked)]));
    assert.is(await outcomeOf(plugin, object, { ...options, warnings }), expected);
    assert.equal(warnings, warned);
  });
}

test('PodSecurity: a namespace with malformed labels is refused with all of them', async () => {
  const plugin = podSecurity(new FakeView());
  const bad = namespace({ [`${MODE}enforce`]: 'x', [`${MODE}warn-version`]: '1.30' });
  const expected = `422 Namespace "a" is invalid: [metadata.labels[${MODE}enforce]: Invalid value: "x": must be one of privileged, baseline, restricted, metadata.labels[${MODE}warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]`;
  assert.is(await outcomeOf(plugin, bad), expected);
  assert.is(await outcomeOf(plugin, bad, { old: namespace() }), expected);
  assert.is(await outcomeOf(plugin, bad, { old: bad }), 'done', 'as bad as before');
});

test('PodSecurity: a namespace that becomes stricter warns of the pods in it', async () => {
  const owned = (name: string, uid: string, spec: SecuredSpec): KubeObject => ({
    ...pod(spec),
    metadata: {
      namespace: 'a',
      name,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid, controller: true }],
    },
  });
  const plugin = podSecurity(
    new FakeView([
      owned('w2', 'u', root),
      owned('w1', 'u', root),
      owned('w3', 'u', root),
      owned('x', 'v', { hostIPC: true, containers: [a(as({ privileged: true }))] }),
      owned('fine', 'w', { containers: [a()] }),
    ]),
  );
  const strict = namespace({ [`${MODE}enforce`]: 'baseline' });
  const warnings: string[] = [];
  await admit(plugin, strict, { old: namespace(), warnings });
  assert.equal(warnings, [
    'existing pods in namespace "a" violate the new PodSecurity enforce level "baseline:latest"',
    'w1 (and 2 other pods): host namespaces',
    'x: host namespaces, privileged',
  ]);
  warnings.length = 0;
  await admit(plugin, namespace(), { old: strict, warnings });
  await admit(plugin, strict, { old: namespace({ [`${MODE}enforce`]: 'restricted' }), warnings });
  assert.equal(warnings, [], 'less strict');
});

test.run();
