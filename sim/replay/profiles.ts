/** The profiles that a recorded case was decided under; every pod to be decided must find its own among them. */
import { ApiError, type Pod, type Problem, type Profile, profilesFromRecorded } from '../../core/index.ts';
import type { Case } from './case.ts';

/** @throws ApiError for a configuration that we do not honour, and for a pod that asks for another scheduler. */
export function profilesOf(recorded: Case): Profile[] {
  const source = recorded.place ?? `case ${recorded.id}`;
  const { profiles, problems } = profilesFromRecorded(recorded.config, source);
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ ...problem, path: `config.${problem.path}` }));
  if (errors.length > 0) throw new ApiError('Invalid', errors);
  const lost = arrivingPods(recorded).filter((pod) => !profileOf(pod, profiles));
  if (lost.length > 0)
    throw new ApiError(
      'Invalid',
      lost.map((pod) => withoutProfile(pod, source)),
    );
  return profiles;
}

export function profileOf(pod: Pod, profiles: readonly Profile[]): Profile | undefined {
  return profiles.find(({ schedulerName }) => schedulerName === (pod.spec.schedulerName || 'default-scheduler'));
}

function arrivingPods(recorded: Case): Pod[] {
  return 'steps' in recorded ? recorded.steps.flatMap((step) => ('pod' in step ? [step.pod] : [])) : [recorded.pod];
}

function withoutProfile({ metadata, spec }: Pod, source: string): Problem {
  const message = `there is no profile for ${JSON.stringify(spec.schedulerName)}`;
  return { source, object: `pod ${metadata.name}`, path: 'spec.schedulerName', message, severity: 'error' };
}
