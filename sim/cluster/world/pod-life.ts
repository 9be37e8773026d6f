/** What a made-up kubelet says of a pod, and how long its containers take. Source: Kubernetes v1.36, pkg/kubelet/kubelet_pods.go. */
import { type Container, hashText, type KubeObject, type Pod } from '../../../core/index.ts';
import { timeText } from './time-text.ts';

/** From the least to the most, in ms; what a pod takes is drawn between them. */
export interface Range {
  fromMs: number;
  toMs: number;
}

/** How made-up kubelets run pods, unless the pod's annotations say otherwise. */
export interface PodTimes {
  /** From when its kubelet knows of it until its containers run: image, volumes, sandbox. */
  start: Range;
  /** From then until it is ready; the initialDelaySeconds of its readiness probes are the least. */
  ready: Range;
  /** From when it is told to go until it is gone; its grace is the most. */
  stop: Range;
}

export const DEFAULT_TIMES: PodTimes = {
  start: { fromMs: 1000, toMs: 3000 },
  ready: { fromMs: 1000, toMs: 5000 },
  stop: { fromMs: 500, toMs: 2000 },
};

export type Phase = keyof PodTimes;

/** `keelson.dev/made-up-start: 2s..5s`, `-ready`, `-stop`; `-run: 5s` is how long it runs, `-exit-code` how it ends then. */
export const ANNOTATION_PREFIX = 'keelson.dev/made-up-';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** ms; undefined for what is no span of time: '500ms', '1.5s', '2m', '1h'. */
export function parseSpan(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNITS_MS[unit];
}

/** '2s' or '1s..3s'; undefined for anything else. */
export function parseRange(text: string): Range | undefined {
  const [from, to = from, more] = text.split('..');
  const [fromMs, toMs] = [parseSpan(from), parseSpan(to)];
  return more !== undefined || fromMs === undefined || toMs === undefined || toMs < fromMs
    ? undefined
    : { fromMs, toMs };
}

/** Whole ms, the same for the same pod, phase, turn and seed, whatever happened before. */
export function timeTaken({ metadata, spec }: Pod, phase: Phase, turn: number, times: PodTimes, seed: number): number {
  const text = metadata.annotations?.[ANNOTATION_PREFIX + phase];
  const { fromMs, toMs } = (text === undefined ? undefined : parseRange(text)) ?? times[phase];
  const share = hashText(seed, `${metadata.uid}/${phase}/${turn}`) / 2 ** 53;
  const drawn = Math.round(fromMs + share * (toMs - fromMs));
  if (phase === 'ready') return Math.max(drawn, ...spec.containers.map(initialDelayMs));
  return phase === 'stop' ? Math.min(drawn, graceMs(spec)) : drawn;
}

/** undefined: until it is stopped. */
export function runTime({ metadata: { annotations = {} } }: Pod): { ms: number; exitCode: number } | undefined {
  const ms = parseSpan(annotations[`${ANNOTATION_PREFIX}run`] ?? '');
  const exitCode = Number(annotations[`${ANNOTATION_PREFIX}exit-code`] ?? 0) || 0;
  return ms === undefined ? undefined : { ms, exitCode };
}

function initialDelayMs({ readinessProbe }: Container): number {
  const { initialDelaySeconds } = (readinessProbe ?? {}) as { initialDelaySeconds?: unknown };
  return typeof initialDelaySeconds === 'number' ? initialDelaySeconds * 1000 : 0;
}

function graceMs({ terminationGracePeriodSeconds = 30 }: Pod['spec']): number {
  return Math.max(0, terminationGracePeriodSeconds) * 1000;
}

// --- statuses --------------------------------------------------------------------------------------------------------

export interface Address {
  podIP: string;
  hostIP: string;
}

const SETTLED = ['PodReadyToStartContainers', 'Initialized'];
const READINESS = ['Ready', 'ContainersReady'];

/** Its containers run since now, and are not ready yet. */
export function runningPod(pod: Pod, { podIP, hostIP }: Address, nowMs: number): Pod {
  const startedAt = timeText(nowMs);
  const status = {
    ...pod.status,
    phase: 'Running',
    hostIP,
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: pod.status?.startTime ?? startedAt,
    conditions: conditions(pod, 'False', nowMs, 'ContainersNotReady'),
    containerStatuses: pod.spec.containers.map((container) => ({
      ...containerStatus(pod, container, false),
      state: { running: { startedAt } },
    })),
  };
  return { ...pod, status } as Pod;
}

export function readyPod(pod: Pod, nowMs: number): Pod {
  const containerStatuses = pod.status?.containerStatuses?.map((one) => ({ ...one, ready: true, started: true }));
  return { ...pod, status: { ...pod.status, conditions: conditions(pod, 'True', nowMs), containerStatuses } } as Pod;
}

/** Its containers have ended and are started anew after a pause. */
export function crashedPod(pod: Pod, exitCode: number, nowMs: number): Pod {
  const ended = {
    terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: timeText(nowMs) },
  };
  const containerStatuses = pod.spec.containers.map((container) => ({
    ...containerStatus(pod, container, false),
    restartCount: restartsOf(pod, container.name) + 1,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: ended,
  }));
  const own = { conditions: conditions(pod, 'False', nowMs, 'ContainersNotReady'), containerStatuses };
  return { ...pod, status: { ...pod.status, ...own } } as Pod;
}

/** It is over. */
export function endedPod(pod: Pod, exitCode: number, nowMs: number): Pod {
  const [phase, reason] = exitCode === 0 ? ['Succeeded', 'PodCompleted'] : ['Failed', 'PodFailed'];
  const finishedAt = timeText(nowMs);
  const state = { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt } };
  const containerStatuses = pod.spec.containers.map((one) => ({ ...containerStatus(pod, one, false), state }));
  const own = { phase, conditions: conditions(pod, 'False', nowMs, reason), containerStatuses };
  return { ...pod, status: { ...pod.status, ...own } } as Pod;
}

function containerStatus(pod: Pod, { name, image = '' }: Container, ready: boolean) {
  return { name, image, ready, started: ready, restartCount: restartsOf(pod, name) };
}

export function restartsOf({ status }: Pod, container: string): number {
  return Number(status?.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0);
}

/** Those of others (PodScheduled, DisruptionTarget, readiness gates) stay as they are. */
function conditions(pod: Pod, ready: string, nowMs: number, reason?: string): object[] {
  const old = pod.status?.conditions ?? [];
  const own = [...SETTLED, ...READINESS].map((type) => {
    const isReadiness = READINESS.includes(type);
    const status = isReadiness ? ready : 'True';
    const before = old.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timeText(nowMs);
    return { type, status, ...(isReadiness && reason && { reason }), lastTransitionTime };
  });
  return [...old.filter(({ type }) => ![...SETTLED, ...READINESS].includes(type)), ...own];
}

/** What the annotations of a pod say and cannot be read, with the field. */
export function timeProblems(
  annotations: KubeObject['metadata']['annotations'] = {},
): { path: string; message: string }[] {
  return Object.entries(annotations).flatMap(([name, text]) => {
    if (!name.startsWith(ANNOTATION_PREFIX)) return [];
    const what = name.slice(ANNOTATION_PREFIX.length);
    const isRange = what === 'start' || what === 'ready' || what === 'stop';
    if (isRange && !parseRange(text)) return [{ path: name, message: `'${text}' is no time (2s, or 1s..3s)` }];
    return what === 'run' && parseSpan(text) === undefined
      ? [{ path: name, message: `'${text}' is no time (5s, 2m)` }]
      : [];
  });
}
