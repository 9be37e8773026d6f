/** The containers of a pod's spec, and what the engine has of each. */
import type { V1Container, V1ContainerStatus, V1EphemeralContainer, V1Pod } from '@kubernetes/client-node';
import { type Observed, SANDBOX } from '../engine/engine.ts';

export type Role = 'init' | 'sidecar' | 'app' | 'ephemeral';

export interface Member {
  container: V1Container;
  role: Role;
}

/** Init containers and sidecars in their order, then the others. */
export function membersOf({ spec }: V1Pod): Member[] {
  const init = (spec?.initContainers ?? []).map((container): Member => {
    return { container, role: container.restartPolicy === 'Always' ? 'sidecar' : 'init' };
  });
  return [...init, ...(spec?.containers ?? []).map((container): Member => ({ container, role: 'app' }))];
}

/** Those that were added to a running pod, to look at it: started once, and of no account for what the pod is. */
export function ephemeralOf({ spec }: V1Pod): Member[] {
  return (spec?.ephemeralContainers ?? []).map((container: V1EphemeralContainer) => ({ container, role: 'ephemeral' }));
}

/** Newest first. */
export function attemptsOf(observed: readonly Observed[], name: string): Observed[] {
  return observed.filter(({ container }) => container === name).sort((a, b) => b.attempt - a.attempt);
}

/** What was said of a container last. */
export function statusBefore({ status }: V1Pod, name: string): V1ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  return all.find((one) => one.name === name);
}

/** Exit code of what the engine has lost while nobody looked, as kubelets take it to be. */
export const LOST_CODE = 137;

/**
 * With what code a container has ended that the engine has nothing of: it was started, as its status says, and somebody
 * has removed it. undefined for one that has never been started.
 */
export function lostCode(pod: V1Pod, name: string): number | undefined {
  const { state, containerID, lastState } = statusBefore(pod, name) ?? {};
  return state?.terminated?.exitCode ?? (containerID ? LOST_CODE : lastState?.terminated?.exitCode);
}

/** Whether a container that has ended starts again. */
export function restarts({ spec }: V1Pod, { role, container }: Member, exitCode: number): boolean {
  if (role === 'ephemeral') return false;
  const policy = role === 'sidecar' ? 'Always' : (container.restartPolicy ?? spec?.restartPolicy ?? 'Always');
  if (policy === 'Never') return false;
  // An init container that is done is done, also where all others start again.
  return policy === 'OnFailure' || role === 'init' ? exitCode !== 0 : true;
}

/** The sandbox that runs; undefined without one. */
export function sandboxOf(observed: readonly Observed[]): Observed | undefined {
  return attemptsOf(observed, SANDBOX).find(({ state }) => state === 'running');
}

/** All of a pod's containers have ended for good: nothing of it will run again. */
export function isOver(pod: V1Pod, observed: readonly Observed[]): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  const endedWith = (member: Member): number | undefined => {
    const { name } = member.container;
    const [newest] = attemptsOf(observed, name);
    const code = newest ? (newest.state === 'exited' ? newest.exitCode : undefined) : lostCode(pod, name);
    return code !== undefined && !restarts(pod, member, code) ? code : undefined;
  };
  const members = membersOf(pod);
  if (members.some((member) => member.role === 'init' && (endedWith(member) ?? 0) !== 0)) return true;
  return members.filter(({ role }) => role === 'app').every((member) => endedWith(member) !== undefined);
}
