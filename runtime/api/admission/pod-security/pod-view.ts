/** A pod, or the pod of a template, as the checks see it, and the words that they share. Source: Kubernetes v1.36, pod-security-admission/policy/{visitor,helpers}.go. */

export interface SecurityContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  runAsNonRoot?: boolean;
  runAsUser?: number;
  procMount?: string;
  capabilities?: { add?: string[]; drop?: string[] };
  seLinuxOptions?: { type?: string; user?: string; role?: string };
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  windowsOptions?: { hostProcess?: boolean };
  sysctls?: { name: string }[];
}

interface Handler {
  httpGet?: { host?: string };
  tcpSocket?: { host?: string };
}

export interface SecuredContainer {
  name: string;
  image?: string;
  ports?: { hostPort?: number }[];
  securityContext?: SecurityContext;
  livenessProbe?: Handler;
  readinessProbe?: Handler;
  startupProbe?: Handler;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
}

export interface SecuredSpec {
  securityContext?: SecurityContext;
  initContainers?: SecuredContainer[];
  containers?: SecuredContainer[];
  ephemeralContainers?: SecuredContainer[];
  volumes?: ({ name: string } & Record<string, unknown>)[];
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  /** false: the pod has users of its own. */
  hostUsers?: boolean;
  os?: { name?: string };
}

export interface PodView {
  annotations: Readonly<Record<string, string>>;
  spec: SecuredSpec;
  /** Init containers, containers, ephemeral containers. */
  containers: readonly SecuredContainer[];
}

export function podView(spec: SecuredSpec, annotations: Record<string, string> | null | undefined): PodView {
  const { initContainers, containers, ephemeralContainers } = spec;
  return {
    annotations: annotations ?? {},
    spec,
    containers: [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])],
  };
}

/** Names of the containers that `is` true of. */
export function named(pod: PodView, is: (container: SecuredContainer) => boolean): string[] {
  return pod.containers.filter(is).map(({ name }) => name);
}

export function count(number: number, one: string, many: string): string {
  return number === 1 ? one : many;
}

/** '"a", "b"' */
export function quoted(values: readonly string[]): string {
  return `"${values.join('", "')}"`;
}

export function sortedSet(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

/** 'container "a"' or 'containers "a", "b"' */
export function containersText(names: readonly string[]): string {
  return `${count(names.length, 'container', 'containers')} ${quoted(names)}`;
}

/** Who sets something: 'pod', 'container "a"', or 'pod and container "a"'; undefined when nobody does. */
export function setters(byPod: boolean, names: readonly string[]): string | undefined {
  const all = [...(byPod ? ['pod'] : []), ...(names.length > 0 ? [containersText(names)] : [])];
  return all.length > 0 ? all.join(' and ') : undefined;
}
