/** Answers a recorded case with a decider of ours, without looking at what was recorded. */
import type { DeciderKind } from '../../core/index.ts';
import { type Answer, answerDecision } from './answer.ts';
import type { Case } from './case.ts';
import { answerSequence, type StepAnswer } from './sequence.ts';
import { createWorld } from './world.ts';

export interface DecidedCase {
  id: string;
  /** One answer for a pod, a list for the steps of a sequence. */
  answer: Answer | StepAnswer[];
}

export function decideCase(recorded: Case, kind: DeciderKind): DecidedCase {
  const world = createWorld(recorded, kind);
  const answer = 'steps' in recorded ? answerSequence(world, recorded) : answerDecision(world, recorded);
  return { id: recorded.id, answer };
}
