/** Deciders by name: the same answers, made in different ways. */
import { ApiError } from '../errors.ts';
import { EngineDecider, type EngineOptions } from './engine/decider.ts';
import type { Decider, DeciderOptions } from './framework.ts';
import { ReferenceDecider } from './reference/decider.ts';
import { ScanDecider } from './scan/decider.ts';

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

export function createDecider(kind: DeciderKind, options: DeciderOptions & EngineOptions): Decider {
  switch (kind) {
    case 'reference':
      return new ReferenceDecider(options);
    case 'scan':
      return new ScanDecider(options);
    case 'engine':
      return new EngineDecider(options);
  }
}
