/**
 * The baseline: nothing that is known to let a pod out of its sandbox.
 * Source: Kubernetes v1.36, staging/src/k8s.io/pod-security-admission/policy/check_*.go.
 */
import type { Check, Violation } from './check.ts';
import {
  containersText,
  count,
  named,
  type PodView,
  quoted,
  type SecuredContainer,
  setters,
  sortedSet,
} from './pod-view.ts';
import { badSeccompSetters } from './seccomp.ts';

const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';

const DEFAULT_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** Sysctls that stay within the pod, by the version that allowed them. */
const SYSCTLS: readonly { since: number; names: readonly string[] }[] = [
  {
    since: 0,
    names: [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  },
  { since: 27, names: ['net.ipv4.ip_local_reserved_ports'] },
  {
    since: 29,
    names: [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  },
  { since: 32, names: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'] },
];

const always = (find: (pod: PodView) => Violation | undefined): Check['forms'] => [{ since: 0, find }];

function violation(reason: string, detail: string | undefined): Violation | undefined {
  return detail === undefined ? undefined : { reason, detail };
}

export const BASELINE: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', forms: always(appArmor) },
  { id: 'capabilities_baseline', level: 'baseline', forms: always(addedCapabilities) },
  { id: 'hostNamespaces', level: 'baseline', forms: always(hostNamespaces) },
  { id: 'hostPathVolumes', level: 'baseline', forms: always(hostPathVolumes) },
  { id: 'hostPorts', level: 'baseline', forms: always(hostPorts) },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', forms: [{ since: 34, find: hostsOfProbes }] },
  { id: 'privileged', level: 'baseline', forms: always(privileged) },
  {
    id: 'procMount_baseline',
    level: 'baseline',
    forms: [
      { since: 0, find: procMount },
      { since: 35, find: (pod) => (pod.spec.hostUsers === false ? undefined : procMount(pod)) },
    ],
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    forms: [
      { since: 0, find: seLinux(SELINUX_TYPES) },
      { since: 31, find: seLinux([...SELINUX_TYPES, 'container_engine_t']) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    forms: [
      { since: 0, find: seccompAnnotations },
      { since: 19, find: badSeccompSetters },
    ],
  },
  { id: 'sysctls', level: 'baseline', forms: SYSCTLS.map(({ since }) => ({ since, find: sysctlsOf(since) })) },
  { id: 'windowsHostProcess', level: 'baseline', forms: always(windowsHostProcess) },
];

function appArmor({ spec, containers, annotations }: PodView): Violation | undefined {
  const values: string[] = [];
  const isBad = (profile: { type?: string } | undefined): boolean => {
    if (!profile || profile.type === 'RuntimeDefault' || profile.type === 'Localhost') return false;
    values.push(profile.type ?? '');
    return true;
  };
  const byPod = isBad(spec.securityContext?.appArmorProfile);
  const names = containers
    .filter(({ securityContext }) => isBad(securityContext?.appArmorProfile))
    .map(({ name }) => name);
  const marks = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APPARMOR_PREFIX) && !/^$|^runtime\/default$|^localhost\//.test(value))
    .map(([key, value]) => `${key}="${value}"`)
    .sort();
  const who = [
    ...(byPod || names.length > 0 ? [setters(byPod, names)] : []),
    ...(marks.length > 0 ? [count(marks.length, 'annotation', 'annotations')] : []),
  ];
  if (who.length === 0) return undefined;
  const bad = [...sortedSet(values), ...marks];
  const reason = count(bad.length, 'forbidden AppArmor profile', 'forbidden AppArmor profiles');
  return { reason, detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(bad)}` };
}

function addedCapabilities(pod: PodView): Violation | undefined {
  const added = ({ securityContext }: SecuredContainer): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => !DEFAULT_CAPABILITIES.has(capability));
  const names = named(pod, (container) => added(container).length > 0);
  if (names.length === 0) return undefined;
  const bad = quoted(sortedSet(pod.containers.flatMap(added)));
  const detail = `${containersText(names)} must not include ${bad} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
}

function hostNamespaces({ spec }: PodView): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  return shared.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
}

function hostPathVolumes({ spec }: PodView): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${count(names.length, 'volume', 'volumes')} ${quoted(names)}` };
}

function hostPorts(pod: PodView): Violation | undefined {
  const portsOf = ({ ports }: SecuredContainer): string[] =>
    (ports ?? []).filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort));
  const names = named(pod, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const bad = sortedSet(pod.containers.flatMap(portsOf));
  const uses = `${count(names.length, 'uses', 'use')} ${count(bad.length, 'hostPort', 'hostPorts')}`;
  return { reason: 'hostPort', detail: `${containersText(names)} ${uses} ${bad.join(', ')}` };
}

function hostsOfProbes(pod: PodView): Violation | undefined {
  const hostsOf = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: SecuredContainer): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) =>
      [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== ''),
    ) as string[];
  const names = sortedSet(named(pod, (container) => hostsOf(container).length > 0));
  if (names.length === 0) return undefined;
  const bad = sortedSet(pod.containers.flatMap(hostsOf));
  const what = count(bad.length, 'probe or lifecycle host', 'probe or lifecycle hosts');
  const detail = `${containersText(names)} ${count(names.length, 'uses', 'use')} ${what} ${quoted(bad)}`;
  return { reason: 'probe or lifecycle host', detail };
}

function privileged(pod: PodView): Violation | undefined {
  const names = named(pod, ({ securityContext }) => securityContext?.privileged === true);
  const detail = `${containersText(names)} must not set securityContext.privileged=true`;
  return violation('privileged', names.length > 0 ? detail : undefined);
}

export function procMount(pod: PodView): Violation | undefined {
  const bad = ({ securityContext }: SecuredContainer): string[] => {
    const mount = securityContext?.procMount;
    return mount === undefined || mount === 'Default' ? [] : [mount];
  };
  const names = named(pod, (container) => bad(container).length > 0);
  const values = quoted(sortedSet(pod.containers.flatMap(bad)));
  const detail = `${containersText(names)} must not set securityContext.procMount to ${values}`;
  return violation('procMount', names.length > 0 ? detail : undefined);
}

function seLinux(allowed: readonly string[]): (pod: PodView) => Violation | undefined {
  return ({ spec, containers }) => {
    const types: string[] = [];
    let user = false;
    let role = false;
    const isBad = (options: { type?: string; user?: string; role?: string } | undefined): boolean => {
      const badType = !allowed.includes(options?.type ?? '');
      if (badType) types.push(options?.type ?? '');
      user ||= Boolean(options?.user);
      role ||= Boolean(options?.role);
      return badType || Boolean(options?.user) || Boolean(options?.role);
    };
    const byPod = isBad(spec.securityContext?.seLinuxOptions);
    const names = containers
      .filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions))
      .map(({ name }) => name);
    const who = setters(byPod, names);
    if (!who) return undefined;
    const bad = sortedSet(types);
    const what = [
      ...(bad.length > 0 ? [`${count(bad.length, 'type', 'types')} ${quoted(bad)}`] : []),
      ...(user ? ['user may not be set'] : []),
      ...(role ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
}

function seccompAnnotations({ annotations, containers }: PodView): Violation | undefined {
  const keys = [SECCOMP_POD, ...containers.map(({ name }) => SECCOMP_PREFIX + name)];
  const bad = keys
    .filter((key) => Object.hasOwn(annotations, key))
    .filter((key) => !/^(runtime\/default|docker\/default|localhost\/.*)$/.test(annotations[key]))
    .map((key) => `${key}="${annotations[key]}"`);
  if (bad.length === 0) return undefined;
  const all = sortedSet(bad);
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${count(all.length, 'annotation', 'annotations')} ${all.join(', ')}`,
  };
}

function sysctlsOf(version: number): (pod: PodView) => Violation | undefined {
  const safe = new Set(SYSCTLS.flatMap(({ since, names }) => (since <= version ? names : [])));
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
    return violation('forbidden sysctls', bad.length > 0 ? bad.join(', ') : undefined);
  };
}

function windowsHostProcess(pod: PodView): Violation | undefined {
  const byPod = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const names = named(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  const who = setters(byPod, names);
  return violation('hostProcess', who && `${who} must not set securityContext.windowsOptions.hostProcess=true`);
}
