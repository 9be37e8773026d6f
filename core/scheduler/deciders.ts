/** Deciders by name: the same answers, made in different ways. */
import { ApiError } from '../errors.ts';
import type { Decider, DeciderOptions } from './framework.ts';
import { ReferenceDecider } from './reference/decider.ts';
import { ScanDecider } from './scan/decider.ts';

/** Those that can be made now. */
export const DECIDER_KINDS = ['scan', 'reference'] as const;
export type DeciderKind = (typeof DECIDER_KINDS)[number];

/** @throws ApiError for a name that is none of them. */
export function deciderKind(name: string): DeciderKind {
  const kind = DECIDER_KINDS.find((known) => known === name);
  if (kind) return kind;
  const why = name === 'engine' ? 'is not there yet' : 'is no decider';
  const message = `${name} ${why}; there are ${DECIDER_KINDS.join(' and ')}`;
  throw new ApiError('Invalid', [{ path: 'decider', message, severity: 'error' }]);
}

export function createDecider(kind: DeciderKind, options: DeciderOptions): Decider {
  switch (kind) {
    case 'reference':
      return new ReferenceDecider(options);
    case 'scan':
      return new ScanDecider(options);
  }
}
