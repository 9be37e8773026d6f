/** Deciders by name: the same answers, made in different ways. */
import type { DeciderKind } from './decider-kind.ts';
import { EngineDecider, type EngineOptions } from './engine/decider.ts';
import type { Decider, DeciderOptions, Savable } from './framework.ts';
import { ReferenceDecider } from './reference/decider.ts';
import { ScanDecider } from './scan/decider.ts';

export * from './decider-kind.ts';

export function createDecider(kind: DeciderKind, options: DeciderOptions & EngineOptions): Decider & Savable {
  switch (kind) {
    case 'reference':
      return new ReferenceDecider(options);
    case 'scan':
      return new ScanDecider(options);
    case 'engine':
      return new EngineDecider(options);
  }
}
