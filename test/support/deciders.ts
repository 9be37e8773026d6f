/** Every decider there is, to run one table through all of them. */
import { createDecider, DECIDER_KINDS, type DeciderKind } from '../../core/scheduler/deciders.ts';
import type { Decider, DeciderOptions } from '../../core/scheduler/framework.ts';

export interface DeciderFactory {
  kind: DeciderKind;
  create(options: DeciderOptions): Decider;
}

export const DECIDERS: readonly DeciderFactory[] = DECIDER_KINDS.map((kind) => ({
  kind,
  create: (options) => createDecider(kind, options),
}));
