/**
 * What is to be done next for a pod: a pure function of the pod, its containers and what probes say of them.
 * Source: Kubernetes v1.36, pkg/kubelet/kuberuntime/{kuberuntime_manager,kuberuntime_container}.go, computePodActions.
 */
import type { V1EphemeralContainer, V1Pod } from '@kubernetes/client-node';
import { type Observed, SANDBOX } from '../engine/engine.ts';
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

export type Action =
  | { do: 'remove'; target: Observed }
  | { do: 'start-sandbox'; attempt: number }
  | { do: 'kill'; target: Observed; message: string }
  | { do: 'stop-sandbox'; target: Observed }
  /** @param target whose processes it sees: of an ephemeral container. */
  | { do: 'start'; member: Member; attempt: number; sandbox: Observed; after?: Observed; target?: Observed };

export interface Facts {
  /** Asked to go away. */
  deleting: boolean;
  /** Passed its startup probe, and postStart has ended. */
  started(container: Observed): boolean;
  /** Why it must be killed: a liveness or startup probe; undefined when it may run on. */
  unhealthy(container: Observed): string | undefined;
  /** When one that ended may start again; undefined: now. */
  backOffUntil(container: Observed): number | undefined;
  /** The number of its next start, for a container that the engine has nothing of. */
  nextAttempt(container: string): number;
}

export interface Plan {
  /** All of them may be done at once. */
  actions: Action[];
  /** Milliseconds since the epoch: when to look again; undefined: when something changes. */
  wakeAtMs?: number;
  /** Nothing is left running and nothing will be started. */
  settled: boolean;
}

/** Ended containers of one name that are kept, for their logs. */
const KEPT = 2;

export function planPod(pod: V1Pod, observed: readonly Observed[], facts: Facts): Plan {
  const clearing = superfluous(observed);
  if (facts.deleting || isOver(pod, observed)) {
    const actions = windDown(pod, observed);
    return { actions: [...clearing, ...actions], settled: actions.length === 0 };
  }
  const sandbox = sandboxOf(observed);
  const next = sandbox ? withSandbox(pod, observed, sandbox, facts) : withoutSandbox(observed);
  return { ...next, actions: [...clearing, ...next.actions], settled: false };
}

/** Containers that were made and never started (their maker was killed in between), and ended ones that are too old. */
function superfluous(observed: readonly Observed[]): Action[] {
  const actions: Action[] = [];
  for (const name of new Set(observed.map(({ container }) => container))) {
    const kept = name === SANDBOX ? 1 : KEPT;
    const [...attempts] = attemptsOf(observed, name);
    const unstarted = attempts.filter(({ state }) => state === 'created');
    const ended = attempts.filter(({ state }) => state !== 'created').slice(kept);
    for (const target of [...unstarted, ...ended]) {
      if (target.state !== 'running') actions.push({ do: 'remove', target });
    }
  }
  return actions;
}

/** Containers first, then sidecars from the last to the first, the sandbox at the end. */
function windDown(pod: V1Pod, observed: readonly Observed[]): Action[] {
  const running = observed.filter(({ state, container }) => state === 'running' && container !== SANDBOX);
  const sidecars = membersOf(pod).filter(({ role }) => role === 'sidecar');
  const isSidecar = ({ container }: Observed): boolean => sidecars.some((one) => one.container.name === container);
  const others = running.filter((one) => !isSidecar(one));
  if (others.length > 0) return others.map(stop);
  for (const { container } of sidecars.reverse()) {
    const targets = running.filter((one) => one.container === container.name);
    if (targets.length > 0) return targets.map(stop);
  }
  const sandboxes = observed.filter(({ state, container }) => state === 'running' && container === SANDBOX);
  return sandboxes.map((target) => ({ do: 'stop-sandbox', target }));
}

const stop = (target: Observed): Action => {
  return { do: 'kill', target, message: `Stopping container ${target.container}` };
};

function withoutSandbox(observed: readonly Observed[]): Omit<Plan, 'settled'> {
  const orphans = observed.filter(({ state }) => state === 'running');
  if (orphans.length > 0) {
    return { actions: orphans.map(stop) };
  }
  const [last] = attemptsOf(observed, SANDBOX);
  return { actions: [{ do: 'start-sandbox', attempt: last ? last.attempt + 1 : 0 }] };
}

function withSandbox(
  pod: V1Pod,
  observed: readonly Observed[],
  sandbox: Observed,
  facts: Facts,
): Omit<Plan, 'settled'> {
  const actions: Action[] = [];
  let wakeAtMs: number | undefined;
  const members = membersOf(pod);
  const begun = members.some(
    ({ role, container }) => role === 'app' && newestIn(observed, container.name, sandbox) !== undefined,
  );
  for (const member of members) {
    const newest = attemptsOf(observed, member.container.name).find(({ state }) => state !== 'created');
    const current = newestIn(observed, member.container.name, sandbox);
    if (member.role === 'init' && (begun || (current?.state === 'exited' && current.exitCode === 0))) continue;
    if (newest?.state === 'running') {
      const why = facts.unhealthy(newest);
      if (why !== undefined) actions.push({ do: 'kill', target: newest, message: why });
      if (!begun && member.role === 'init') break;
      if (!begun && member.role === 'sidecar' && !facts.started(newest)) break;
      continue;
    }
    const ended = newest?.state === 'exited' ? newest : undefined;
    const again = !ended || (member.role === 'init' && !current) || restarts(pod, member, ended.exitCode);
    if (again) {
      const due = ended && (current || member.role === 'app') ? facts.backOffUntil(ended) : undefined;
      if (due === undefined) actions.push(startOf(member, ended, sandbox, facts));
      else wakeAtMs = Math.min(wakeAtMs ?? due, due);
    }
    if (!begun && member.role !== 'app') break;
  }
  return { actions: [...actions, ...ephemeralStarts(pod, observed, sandbox)], wakeAtMs };
}

function ephemeralStarts(pod: V1Pod, observed: readonly Observed[], sandbox: Observed): Action[] {
  return ephemeralOf(pod).flatMap((member): Action[] => {
    const { name, targetContainerName = '' } = member.container as V1EphemeralContainer;
    const begun = attemptsOf(observed, name).some(({ state }) => state !== 'created');
    if (begun || lostCode(pod, name) !== undefined) return [];
    const target = attemptsOf(observed, targetContainerName).find(({ state }) => state === 'running');
    // What it is to look at may still come.
    if (targetContainerName !== '' && !target) return [];
    return [{ do: 'start', member, attempt: 0, sandbox, target }];
  });
}

function startOf(member: Member, ended: Observed | undefined, sandbox: Observed, facts: Facts): Action {
  const attempt = ended ? ended.attempt + 1 : facts.nextAttempt(member.container.name);
  return { do: 'start', member, attempt, sandbox, after: ended };
}

function newestIn(observed: readonly Observed[], name: string, sandbox: Observed): Observed | undefined {
  return attemptsOf(observed, name).find((one) => one.sandbox === sandbox.id && one.state !== 'created');
}
