/** What is said of one container. Source: Kubernetes v1.36, pkg/kubelet/{kubelet_pods,kuberuntime/kuberuntime_container}.go. */
import type { V1Pod } from '@kubernetes/client-node';
import type { PlainObject } from '../../../../core/objects/index.ts';
import { timeOf } from '../../../events/recorder.ts';
import type { Observed } from '../engine/engine.ts';
import { attemptsOf, LOST_CODE, lostCode, type Member, restarts, statusBefore } from './containers-of-pod.ts';

export interface Waiting {
  reason: string;
  message?: string;
}

export interface ContainerFacts {
  started(container: Observed): boolean;
  ready(container: Observed): boolean;
  /** What it left in its termination message file, or its last lines; '' for nothing. */
  message(container: Observed): string;
  /** Why it does not start. */
  waiting(container: string): Waiting | undefined;
}

export function containerStatus(
  pod: V1Pod,
  member: Member,
  observed: readonly Observed[],
  facts: ContainerFacts,
): PlainObject {
  const { name, image = '' } = member.container;
  const [newest, before] = attemptsOf(observed, name).filter(({ state }) => state !== 'created');
  const waiting = newest?.state === 'running' ? undefined : facts.waiting(name);
  if (!newest) return unobservedStatus(pod, member, waiting);
  const running = newest.state === 'running';
  const last = waiting ? newest : before;
  return {
    name,
    image,
    imageID: `docker://${newest.imageId}`,
    containerID: `docker://${newest.id}`,
    ready: isReady(member, newest, facts),
    started: member.role === 'init' ? running : running && facts.started(newest),
    restartCount: newest.attempt,
    state: stateOf(newest, waiting, facts),
    lastState: last?.state === 'exited' ? terminated(last, facts) : {},
  };
}

function isReady({ role }: Member, newest: Observed, facts: ContainerFacts): boolean {
  if (role === 'ephemeral') return false;
  if (role === 'init') return newest.state === 'exited' && newest.exitCode === 0;
  return newest.state === 'running' && facts.ready(newest);
}

/** The number of a container's next start where the engine has nothing of it: 0 unless it has run before. */
export function nextAttempt(pod: V1Pod, name: string): number {
  const { containerID, restartCount = 0 } = statusBefore(pod, name) ?? {};
  return containerID ? restartCount + 1 : restartCount;
}

/** Of one that has not been started yet, or that somebody has removed: then it has ended, and nobody knows how. */
function unobservedStatus(pod: V1Pod, member: Member, waiting: Waiting | undefined): PlainObject {
  const { name, image = '' } = member.container;
  const old = statusBefore(pod, name);
  const { terminated: ended, running } = old?.state ?? {};
  if (old && ended && !waiting) return { ...old };
  const code = lostCode(pod, name);
  const again = code === undefined || restarts(pod, member, code);
  const leaves = pod.metadata?.deletionTimestamp !== undefined;
  return {
    name,
    image,
    imageID: '',
    ready: false,
    started: false,
    restartCount: again && !leaves ? nextAttempt(pod, name) : (old?.restartCount ?? 0),
    state: again
      ? { waiting: { ...(waiting ?? { reason: firstReason(pod) }) } }
      : lost('The container could not be located when the pod was terminated'),
    lastState: running && again ? lost(USED_TO_RUN) : ended ? { terminated: ended } : { ...old?.lastState },
  };
}

const USED_TO_RUN = 'The container could not be located when the pod was deleted.  The container used to be Running';

const lost = (message: string): PlainObject => ({
  terminated: { exitCode: LOST_CODE, reason: 'ContainerStatusUnknown', message, startedAt: null, finishedAt: null },
});

function stateOf(newest: Observed, waiting: Waiting | undefined, facts: ContainerFacts): PlainObject {
  if (newest.state === 'running') return { running: { startedAt: timeOf(newest.startedMs) } };
  return waiting ? { waiting: { ...waiting } } : terminated(newest, facts);
}

const firstReason = ({ spec }: V1Pod): string =>
  spec?.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';

function terminated(container: Observed, facts: ContainerFacts): PlainObject {
  const message = facts.message(container) || container.error;
  return {
    terminated: {
      exitCode: container.exitCode,
      reason: reasonOf(container),
      ...(message && { message }),
      startedAt: container.startedMs ? timeOf(container.startedMs) : null,
      finishedAt: container.finishedMs ? timeOf(container.finishedMs) : null,
      containerID: `docker://${container.id}`,
    },
  };
}

function reasonOf({ oomKilled, exitCode, error, startedMs }: Observed): string {
  if (oomKilled) return 'OOMKilled';
  if (error && startedMs === 0) return 'StartError';
  return exitCode === 0 ? 'Completed' : 'Error';
}
