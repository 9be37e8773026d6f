/** What a Job's policy says of a pod that has failed. Source: Kubernetes v1.36, pkg/controller/job/pod_failure_policy.go. */
import type { ContainerStatus, Pod } from '../../objects/types.ts';
import type { FailureRule, Job } from './job-kind.ts';

export interface Ruling {
  action: string;
  /** Why, where the Job fails by it. */
  message: string;
}

/** By the first rule that matches; without one, it counts. */
export function rulingOn({ spec }: Job, pod: Pod): Ruling {
  for (const [i, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const why = matchOf(rule, pod);
    if (why === undefined) continue;
    const { namespace, name } = pod.metadata;
    const action = rule.action === 'FailIndex' ? 'Count' : rule.action;
    return {
      action,
      message: `${why.replace('POD', `${namespace}/${name}`)} matching ${rule.action} rule at index ${i}`,
    };
  }
  return { action: 'Count', message: '' };
}

function matchOf({ onExitCodes, onPodConditions }: FailureRule, pod: Pod): string | undefined {
  if (onExitCodes) {
    const { containerName, operator, values } = onExitCodes;
    const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    for (const { name, code } of all.flatMap(endOf)) {
      if ((containerName && name !== containerName) || code === 0) continue;
      if (values.includes(code) === (operator === 'In'))
        return `Container ${name} for pod POD failed with exit code ${code}`;
    }
    return undefined;
  }
  const matching = onPodConditions?.find(({ type, status = 'True' }) =>
    pod.status?.conditions?.some((condition) => condition.type === type && condition.status === status),
  );
  return matching && `Pod POD has condition ${matching.type}`;
}

function endOf(status: ContainerStatus): { name: string; code: number }[] {
  const { name, state } = status as ContainerStatus & { name?: string; state?: { terminated?: { exitCode?: number } } };
  const code = state?.terminated?.exitCode;
  return code === undefined ? [] : [{ name: name ?? '', code }];
}
