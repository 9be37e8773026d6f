/** What is said of one container. Source: Kubernetes v1.36, pkg/kubelet/{kubelet_pods,kuberuntime/kuberuntime_container}.go. */
import type { V1Pod } from '@kubernetes/client-node';
import type { PlainObject } from '../../../../core/objects/index.ts';
import { timeOf } from '../../../events/recorder.ts';
import type { Observed } from '../engine/engine.ts';
import { attemptsOf, type Member } from './containers-of-pod.ts';

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
  const was = known(pod, name);
  const running = newest?.state === 'running';
  const started = running && facts.started(newest);
  const state = stateOf(pod, newest, waiting, facts);
  const last = waiting && newest ? newest : before;
  return {
    name,
    image,
    imageID: newest ? `docker://${newest.imageId}` : '',
    ...(newest && { containerID: `docker://${newest.id}` }),
    ready:
      member.role === 'init' ? newest?.state === 'exited' && newest.exitCode === 0 : running && facts.ready(newest),
    started: member.role === 'init' ? running : started,
    restartCount: newest?.attempt ?? was.restartCount,
    state,
    lastState: last?.state === 'exited' ? terminated(last, facts) : newest ? {} : was.lastState,
  };
}

/** How often it has been started, from the status: after the engine has lost its containers. */
export function known(
  { status }: V1Pod,
  name: string,
): { restartCount: number; lastState: PlainObject; seen: boolean } {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const found = all.find((one) => one.name === name);
  return {
    restartCount: found?.restartCount ?? 0,
    lastState: (found?.lastState ?? {}) as PlainObject,
    seen: found?.containerID !== undefined,
  };
}

function stateOf(
  pod: V1Pod,
  newest: Observed | undefined,
  waiting: Waiting | undefined,
  facts: ContainerFacts,
): PlainObject {
  if (newest?.state === 'running') return { running: { startedAt: timeOf(newest.startedMs) } };
  if (waiting) return { waiting: { ...waiting } };
  if (newest) return terminated(newest, facts);
  const reason = pod.spec?.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
  return { waiting: { reason } };
}

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
