/** A container of a pod, as the engine makes it. Source: Kubernetes v1.36, pkg/kubelet/kuberuntime/kuberuntime_container_linux.go. */
import type { V1Container, V1Pod, V1ResourceRequirements } from '@kubernetes/client-node';
import { NANO, parseQuantity } from '../../../../core/objects/index.ts';
import type { CreateOptions, ImageFacts } from '../engine/engine.ts';
import { type ContainerPlace, containerLabels, containerName } from '../engine/labels.ts';
import { expand } from './expansion.ts';
import { configProblem } from './lookups.ts';

const CPU_PERIOD_US = 100_000;
const MIN_QUOTA_US = 1000;
const MIN_SHARES = 2;
const NANO_PER_MILLI = 1_000_000n;

export interface Mounted {
  /** A path of this machine, or the name of one of the engine's volumes. */
  source: string;
  target: string;
  readOnly: boolean;
  propagation?: string;
}

export interface ContainerParts {
  place: ContainerPlace;
  variables: ReadonlyMap<string, string>;
  image: ImageFacts;
  mounts: readonly Mounted[];
  allowPrivileged: boolean;
  /** Id of a container whose processes this one sees. */
  processesOf?: string;
}

/** @throws SpecProblem when the security of the pod forbids the container. */
export function containerOptions(pod: V1Pod, container: V1Container, parts: ContainerParts): CreateOptions {
  const { place, variables, image, mounts } = parts;
  const { spec } = pod;
  const expanded = (words?: string[]): string[] | undefined => words?.map((word) => expand(word, variables));
  return {
    name: containerName(pod, place.container, place.attempt),
    Image: image.id,
    Labels: containerLabels(pod, place),
    ...(container.command?.length && { Entrypoint: expanded(container.command) }),
    ...(container.args?.length && { Cmd: expanded(container.args) }),
    Env: [...variables].map(([name, value]) => `${name}=${value}`),
    WorkingDir: container.workingDir,
    User: userOf(pod, container, image),
    Tty: container.tty ?? false,
    OpenStdin: container.stdin ?? false,
    StdinOnce: container.stdinOnce ?? false,
    // An image's own check is not a pod's probe.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: `container:${place.sandbox}`,
      IpcMode: spec?.hostIPC ? 'host' : `container:${place.sandbox}`,
      ...(spec?.shareProcessNamespace && { PidMode: `container:${place.sandbox}` }),
      ...(spec?.hostPID && { PidMode: 'host' }),
      ...(parts.processesOf && { PidMode: `container:${parts.processesOf}` }),
      Binds: mounts.map(bindOf),
      ...security(pod, container, parts.allowPrivileged),
      ...limits(container.resources ?? {}),
      GroupAdd: groupsOf(pod),
      OomScoreAdj: oomScore(container.resources ?? {}),
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      RestartPolicy: { Name: 'no' },
    },
  };
}

function bindOf({ source, target, readOnly, propagation }: Mounted): string {
  const options = [readOnly ? 'ro' : 'rw', ...(propagation ? [propagation] : [])];
  return `${source}:${target}:${options.join(',')}`;
}

function userOf(pod: V1Pod, { securityContext }: V1Container, image: ImageFacts): string | undefined {
  const of = pod.spec?.securityContext;
  const user = securityContext?.runAsUser ?? of?.runAsUser;
  const group = securityContext?.runAsGroup ?? of?.runAsGroup;
  if (securityContext?.runAsNonRoot ?? of?.runAsNonRoot) {
    const name = image.user.split(':')[0];
    if (user === 0) throw configProblem("container's runAsUser breaks non-root policy");
    if (user === undefined && (name === '' || name === '0' || name === 'root')) {
      throw configProblem('container has runAsNonRoot and image will run as root');
    }
    if (user === undefined && !/^\d+$/.test(name)) {
      throw configProblem(
        `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root`,
      );
    }
  }
  if (user === undefined && group === undefined) return undefined;
  const who = user ?? (image.user.split(':')[0] || 0);
  return group === undefined ? String(who) : `${who}:${group}`;
}

function groupsOf({ spec }: V1Pod): string[] {
  const { fsGroup, supplementalGroups = [] } = spec?.securityContext ?? {};
  return [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].map(String);
}

function security({ spec }: V1Pod, { securityContext }: V1Container, allowPrivileged: boolean): object {
  const context = securityContext ?? {};
  if (context.privileged && !allowPrivileged) {
    throw configProblem('privileged containers are refused: keelson up --allow-privileged lets them run');
  }
  const profile = context.seccompProfile ?? spec?.securityContext?.seccompProfile;
  return {
    Privileged: context.privileged ?? false,
    ReadonlyRootfs: context.readOnlyRootFilesystem ?? false,
    CapAdd: context.capabilities?.add,
    CapDrop: context.capabilities?.drop,
    SecurityOpt: [
      ...(context.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
      ...(profile?.type === 'Unconfined' ? ['seccomp=unconfined'] : []),
    ],
  };
}

/** Requests of cpu as shares, limits as quota and bytes. Memory is never swapped out. */
export function limits({ requests = {}, limits = {} }: V1ResourceRequirements): object {
  const milli = (text?: string): number => Number((parseQuantity(text ?? '0') ?? 0n) / NANO_PER_MILLI);
  const bytes = Number((parseQuantity(limits.memory ?? '0') ?? 0n) / NANO);
  const quotaUs = (milli(limits.cpu) * CPU_PERIOD_US) / 1000;
  const shares = Math.floor((milli(requests.cpu ?? limits.cpu) * 1024) / 1000);
  return {
    CpuShares: Math.max(MIN_SHARES, shares),
    ...(quotaUs > 0 && { CpuPeriod: CPU_PERIOD_US, CpuQuota: Math.max(MIN_QUOTA_US, quotaUs) }),
    ...(bytes > 0 && { Memory: bytes, MemorySwap: bytes }),
  };
}

/** Who asks for nothing goes first when memory is short. Below 0, as kubelets have it, needs a capability the engine may lack. */
function oomScore({ requests, limits }: V1ResourceRequirements): number {
  const guaranteed = limits?.cpu && limits.memory && (!requests || sameAs(requests, limits));
  if (guaranteed) return 0;
  return requests?.cpu || requests?.memory ? 500 : 1000;
}

function sameAs(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return ['cpu', 'memory'].every((name) => parseQuantity(a[name] ?? b[name]) === parseQuantity(b[name]));
}
