/** Deciders by name: the same answers, made in different ways. */
import type { Decider, DeciderOptions } from './framework.ts';
import { ReferenceDecider } from './reference/decider.ts';
import { ScanDecider } from './scan/decider.ts';

/** Those that can be made now. */
export const DECIDER_KINDS = ['scan', 'reference'] as const;
export type DeciderKind = (typeof DECIDER_KINDS)[number];

export function isDeciderKind(kind: string): kind is DeciderKind {
  return (DECIDER_KINDS as readonly string[]).includes(kind);
}

export function createDecider(kind: DeciderKind, options: DeciderOptions): Decider {
  switch (kind) {
    case 'reference':
      return new ReferenceDecider(options);
    case 'scan':
      return new ScanDecider(options);
  }
}
