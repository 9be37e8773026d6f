/**
 * A pod's status from what is observed of it: a pure function.
 * Source: Kubernetes v1.36, pkg/kubelet/{kubelet_pods.go getPhase, status/generate.go}.
 */
import type { V1Pod, V1PodCondition } from '@kubernetes/client-node';
import type { PlainObject } from '../../../../core/objects/index.ts';
import { timeOf } from '../../../events/recorder.ts';
import type { Observed } from '../engine/engine.ts';
import { type ContainerFacts, containerStatus } from './container-status.ts';
import {
  attemptsOf,
  ephemeralOf,
  isOver,
  lostCode,
  type Member,
  membersOf,
  restarts,
  sandboxOf,
} from './containers-of-pod.ts';

export interface StatusFacts extends ContainerFacts {
  hostIP: string;
  nowMs: number;
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

const OWN_CONDITIONS = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

export function podStatus(pod: V1Pod, observed: readonly Observed[], facts: StatusFacts): PlainObject {
  const members = membersOf(pod);
  const statuses = (roles: readonly string[]): PlainObject[] =>
    members.filter(({ role }) => roles.includes(role)).map((one) => containerStatus(pod, one, observed, facts));
  const init = statuses(['init', 'sidecar']);
  const main = statuses(['app']);
  const ephemeral = ephemeralOf(pod).map((one) => containerStatus(pod, one, observed, facts));
  const phase = phaseOf(pod, observed, facts);
  const before = (pod.status ?? {}) as PlainObject;
  const sandbox = sandboxOf(observed);
  const ip = pod.spec?.hostNetwork ? facts.hostIP : sandbox?.ip || pod.status?.podIP;
  return {
    ...before,
    phase,
    ...(pod.metadata?.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(ip && { podIP: ip, podIPs: [{ ip }] }),
    startTime: before.startTime ?? timeOf(facts.nowMs),
    conditions: conditionsOf(pod, { phase, init, main, sandbox: sandbox !== undefined, nowMs: facts.nowMs }),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: main,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}

export function phaseOf(pod: V1Pod, observed: readonly Observed[], facts: ContainerFacts): Phase {
  const was = pod.status?.phase;
  if (was === 'Succeeded' || was === 'Failed') return was;
  const newest = ({ container }: Member) =>
    attemptsOf(observed, container.name).find(({ state }) => state !== 'created');
  /** undefined for one that runs, and for one that has never been started. */
  const codeOf = (member: Member): number | undefined => {
    const one = newest(member);
    if (!one) return lostCode(pod, member.container.name);
    return one.state === 'exited' ? one.exitCode : undefined;
  };
  const isStarted = (member: Member): boolean => newest(member) !== undefined || codeOf(member) !== undefined;
  const members = membersOf(pod);
  const apps = members.filter(({ role }) => role === 'app');
  const begun = apps.some(isStarted);
  for (const member of members) {
    if (member.role === 'app') break;
    const one = newest(member);
    const code = codeOf(member);
    if (code !== undefined && code !== 0 && !restarts(pod, member, code)) return 'Failed';
    if (begun) continue;
    const passed = member.role === 'init' ? code === 0 : one && facts.started(one);
    if (!passed) return 'Pending';
  }
  if (!apps.every(isStarted)) return 'Pending';
  // Sidecars of a pod whose containers have ended are stopped before it is said to be over.
  const running = observed.some(({ state, container }) => state === 'running' && container !== 'POD');
  if (running || !isOver(pod, observed)) return 'Running';
  return apps.every((member) => codeOf(member) === 0) ? 'Succeeded' : 'Failed';
}

interface Seen {
  phase: Phase;
  init: PlainObject[];
  main: PlainObject[];
  sandbox: boolean;
  nowMs: number;
}

interface Verdict {
  ok: boolean;
  reason?: string;
  message?: string;
}

/** Conditions of others (readiness gates, DisruptionTarget) stay as they are. */
function conditionsOf(pod: V1Pod, seen: Seen): PlainObject[] {
  const before = pod.status?.conditions ?? [];
  const verdicts = verdictsOf(pod, seen, before);
  const own = OWN_CONDITIONS.map((type): PlainObject => {
    const { ok, reason, message } = verdicts[type];
    const status = ok ? 'True' : 'False';
    const old = before.find((one) => one.type === type) as unknown as PlainObject | undefined;
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timeOf(seen.nowMs);
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime,
      ...(reason && { reason }),
      ...(message && { message }),
    };
  });
  return [...(before as unknown as PlainObject[]).filter(({ type }) => !OWN_CONDITIONS.includes(String(type))), ...own];
}

function verdictsOf(pod: V1Pod, seen: Seen, before: readonly V1PodCondition[]): Record<string, Verdict> {
  const { phase, init, main, sandbox } = seen;
  const over = phase === 'Succeeded' || phase === 'Failed';
  const done = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed';
  const initialized = initVerdict(pod, init, main, phase);
  const ready = over ? { ok: false, reason: done } : unreadyContainers(pod, init, main);
  const gates = (pod.spec?.readinessGates ?? []).filter(
    ({ conditionType }) => before.find(({ type }) => type === conditionType)?.status !== 'True',
  );
  const gated: Verdict =
    ready.ok && gates.length > 0
      ? {
          ok: false,
          reason: 'ReadinessGatesNotReady',
          message: gates
            .map(({ conditionType }) => {
              const known = before.some(({ type }) => type === conditionType);
              const what = known ? `the status of pod readiness gate` : `corresponding condition of pod readiness gate`;
              return known
                ? `${what} "${conditionType}" is not "True", but False`
                : `${what} "${conditionType}" does not exist.`;
            })
            .join(', '),
        }
      : ready;
  return {
    PodReadyToStartContainers: { ok: sandbox },
    Initialized: initialized,
    Ready: gated,
    ContainersReady: ready,
    PodScheduled: { ok: true },
  };
}

function initVerdict(pod: V1Pod, init: readonly PlainObject[], main: readonly PlainObject[], phase: Phase): Verdict {
  if (phase === 'Succeeded') return { ok: true, reason: 'PodCompleted' };
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map(({ name }) => name),
  );
  const begun = main.some(({ containerID }) => containerID !== undefined);
  const incomplete = begun
    ? []
    : init.filter(({ name, ready, started }) => (sidecars.has(String(name)) ? started !== true : ready !== true));
  if (incomplete.length === 0) return { ok: true };
  return {
    ok: false,
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${names(incomplete)}`,
  };
}

function unreadyContainers(pod: V1Pod, init: readonly PlainObject[], main: readonly PlainObject[]): Verdict {
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map(({ name }) => name),
  );
  const unready = [...init.filter(({ name }) => sidecars.has(String(name))), ...main].filter(
    ({ ready }) => ready !== true,
  );
  if (unready.length === 0) return { ok: true };
  return { ok: false, reason: 'ContainersNotReady', message: `containers with unready status: ${names(unready)}` };
}

const names = (statuses: readonly PlainObject[]): string => `[${statuses.map(({ name }) => name).join(' ')}]`;
