/** What the agent of a made-up node says of a pod. Source: Kubernetes v1.36, pkg/kubelet/kubelet_pods.go. */
import type { KubeObject } from '../../../core/index.ts';
import { listAt, objectAt, type PlainObject, textAt } from '../../../core/objects/index.ts';
import { timeOf } from '../../events/recorder.ts';

/** How long the containers run, as text: '5s', '1m'; without it they run until they are stopped. */
export const RUN_ANNOTATION = 'keelson.dev/made-up-run';
/** With what code they end then. */
export const EXIT_CODE_ANNOTATION = 'keelson.dev/made-up-exit-code';

const CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

const EPHEMERAL_STATUSES = 'ephemeralContainerStatuses';

interface Ended {
  startedMs: number;
  endedMs: number;
  exitCode: number;
}

/** Milliseconds that a pod's containers run; undefined: for ever. Pods of a Job are done after a second. */
export function runMs(pod: KubeObject): number | undefined {
  const text = pod.metadata.annotations?.[RUN_ANNOTATION];
  const match = text === undefined ? null : /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match) return Number(match[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 'ms' | 's' | 'm' | 'h'];
  return pod.metadata.ownerReferences?.some(({ kind, controller }) => kind === 'Job' && controller) ? 1000 : undefined;
}

export function exitCodeOf(pod: KubeObject): number {
  return Number(pod.metadata.annotations?.[EXIT_CODE_ANNOTATION] ?? 0) || 0;
}

export interface Placed {
  podIP: string;
  hostIP: string;
  nowMs: number;
}

export function runningStatus(pod: KubeObject, { podIP, hostIP, nowMs }: Placed): PlainObject {
  const plain = pod as unknown as PlainObject;
  const spec = objectAt(plain, 'spec') ?? {};
  const before = objectAt(plain, 'status') ?? {};
  const started = { running: { startedAt: timeOf(nowMs) } };
  const onHost = spec.hostNetwork === true ? hostIP : podIP;
  return {
    ...before,
    phase: 'Running',
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP: onHost,
    podIPs: [{ ip: onHost }],
    startTime: timeOf(nowMs),
    conditions: conditions(before, 'True', nowMs),
    initContainerStatuses: listAt(spec, 'initContainers').map((container) =>
      container.restartPolicy === 'Always'
        ? containerStatus(pod, container, started, true)
        : containerStatus(pod, container, terminated({ startedMs: nowMs, endedMs: nowMs, exitCode: 0 }), true),
    ),
    containerStatuses: listAt(spec, 'containers').map((container) => containerStatus(pod, container, started, true)),
    ...ephemeralStatuses(pod, nowMs),
  };
}

/** Of a running pod that was given ephemeral containers since; undefined when all of them run, or have run. */
export function joinedStatus(pod: KubeObject, nowMs: number): PlainObject | undefined {
  const plain = pod as unknown as PlainObject;
  const before = objectAt(plain, 'status') ?? {};
  const known = listAt(before, EPHEMERAL_STATUSES).map(({ name }) => name);
  const joining = listAt(objectAt(plain, 'spec') ?? {}, 'ephemeralContainers').some(
    ({ name }) => !known.includes(name),
  );
  return joining ? { ...before, ...ephemeralStatuses(pod, nowMs) } : undefined;
}

/**
 * Of a pod whose containers are ready and of which somebody else has said that it is not, as the node controller does of
 * nodes that are not heard from; undefined where it is said right.
 */
export function readyAgainStatus(pod: KubeObject, nowMs: number): PlainObject | undefined {
  const before = objectAt(pod as unknown as PlainObject, 'status') ?? {};
  const said = listAt(before, 'conditions').find(({ type }) => type === 'Ready');
  const containers = listAt(before, 'containerStatuses');
  const isWrong = said !== undefined && said.status !== 'True' && containers.every(({ ready }) => ready === true);
  return isWrong && containers.length > 0 ? { ...before, conditions: conditions(before, 'True', nowMs) } : undefined;
}

function ephemeralStatuses(pod: KubeObject, nowMs: number): PlainObject {
  const plain = pod as unknown as PlainObject;
  const containers = listAt(objectAt(plain, 'spec') ?? {}, 'ephemeralContainers');
  if (containers.length === 0) return {};
  const known = listAt(objectAt(plain, 'status') ?? {}, EPHEMERAL_STATUSES);
  const started = { running: { startedAt: timeOf(nowMs) } };
  return {
    [EPHEMERAL_STATUSES]: containers.map(
      (container) =>
        known.find(({ name }) => name === container.name) ?? containerStatus(pod, container, started, false),
    ),
  };
}

/**
 * After one container's process has ended by itself; undefined where it is started anew and nothing is to be told. The
 * pod ends with its last container.
 */
export function containerEndedStatus(
  pod: KubeObject,
  name: string,
  { endedMs, exitCode }: Omit<Ended, 'startedMs'>,
): PlainObject | undefined {
  const plain = pod as unknown as PlainObject;
  const before = objectAt(plain, 'status') ?? {};
  const ended = (status: PlainObject): PlainObject => {
    const running = objectAt(objectAt(status, 'state') ?? {}, 'running');
    if (status.name !== name || !running) return status;
    const startedMs = Date.parse(textAt(running, 'startedAt') ?? '') || endedMs;
    return { ...status, ready: false, started: false, state: terminated({ startedMs, endedMs, exitCode }) };
  };
  const ephemeral = listAt(before, EPHEMERAL_STATUSES);
  if (ephemeral.some((status) => status.name === name)) {
    return { ...before, [EPHEMERAL_STATUSES]: ephemeral.map(ended) };
  }
  const { restartPolicy } = objectAt(plain, 'spec') ?? {};
  if (restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0)) return undefined;
  const containerStatuses = listAt(before, 'containerStatuses').map(ended);
  const codes = containerStatuses.map((status) => objectAt(objectAt(status, 'state') ?? {}, 'terminated')?.exitCode);
  const done = codes.every((code) => code !== undefined);
  const succeeded = codes.every((code) => code === 0);
  return {
    ...before,
    containerStatuses,
    ...(done && {
      phase: succeeded ? 'Succeeded' : 'Failed',
      conditions: conditions(before, 'False', endedMs, succeeded ? 'PodCompleted' : 'PodFailed'),
    }),
  };
}

export function endedStatus(pod: KubeObject, ended: Ended): PlainObject {
  const plain = pod as unknown as PlainObject;
  const spec = objectAt(plain, 'spec') ?? {};
  const before = objectAt(plain, 'status') ?? {};
  const succeeded = ended.exitCode === 0;
  return {
    ...before,
    phase: succeeded ? 'Succeeded' : 'Failed',
    conditions: conditions(before, 'False', ended.endedMs, succeeded ? 'PodCompleted' : 'PodFailed'),
    containerStatuses: listAt(spec, 'containers').map((container) =>
      containerStatus(pod, container, terminated(ended), false),
    ),
  };
}

function terminated({ startedMs, endedMs, exitCode }: Ended): PlainObject {
  const times = { startedAt: timeOf(startedMs), finishedAt: timeOf(endedMs) };
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...times } };
}

function containerStatus(pod: KubeObject, container: PlainObject, state: PlainObject, ready: boolean): PlainObject {
  const image = textAt(container, 'image') ?? '';
  const name = textAt(container, 'name') ?? '';
  return {
    name,
    image,
    imageID: `made-up://${image}`,
    containerID: `made-up://${pod.metadata.uid}/${name}`,
    ready,
    started: ready,
    restartCount: 0,
    state,
    lastState: {},
  };
}

/** Conditions of others (readiness gates, DisruptionTarget) stay as they are. */
function conditions(before: PlainObject, ready: 'True' | 'False', nowMs: number, reason?: string): PlainObject[] {
  const own = CONDITIONS.map((type): PlainObject => {
    const isReadiness = type === 'Ready' || type === 'ContainersReady';
    const status = isReadiness ? ready : 'True';
    const old = listAt(before, 'conditions').find((condition) => condition.type === type);
    if (old?.status === status) return old;
    return { type, status, lastTransitionTime: timeOf(nowMs), ...(isReadiness && reason && { reason }) };
  });
  return [...listAt(before, 'conditions').filter(({ type }) => !CONDITIONS.includes(String(type))), ...own];
}
