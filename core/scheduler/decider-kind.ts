/** The names of the deciders. Apart from deciders.ts, so that who names one need not know what it is made of. */
import { ApiError } from '../errors.ts';

/** Those that can be made now. */
export const DECIDER_KINDS = ['engine', 'scan', 'reference'] as const;
export type DeciderKind = (typeof DECIDER_KINDS)[number];

/** @throws ApiError for a name that is none of them. */
export function deciderKind(name: string): DeciderKind {
  const kind = DECIDER_KINDS.find((known) => known === name);
  if (kind) return kind;
  const message = `${name} is no decider; there are ${DECIDER_KINDS.join(', ')}`;
  throw new ApiError('Invalid', [{ path: 'decider', message, severity: 'error' }]);
}
