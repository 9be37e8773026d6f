/** The profiles that a recorded case was decided under. */
import { ApiError, type Profile, profilesFromRecorded } from '../../core/index.ts';
import type { Case } from './case.ts';

/** @throws ApiError for a configuration that we do not honour. */
export function profilesOf({ config, id, place = `case ${id}` }: Case): Profile[] {
  const { profiles, problems } = profilesFromRecorded(config, place);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new ApiError(
      'Invalid',
      errors.map((problem) => ({ ...problem, path: `config.${problem.path}` })),
    );
  return profiles;
}
