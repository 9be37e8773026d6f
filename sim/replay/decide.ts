/** Answers a recorded case with a decider of ours, without looking at what was recorded. */
import { ApiError, type DeciderKind, type KubeObject, type Problem, validate } from '../../core/index.ts';
import { type Answer, answerDecision } from './answer.ts';
import type { Case } from './case.ts';
import { answerSequence, type StepAnswer } from './sequence.ts';
import { createWorld, type DeciderExtras } from './world.ts';

export interface DecidedCase {
  id: string;
  /** One answer for a pod, a list for the steps of a sequence. */
  answer: Answer | StepAnswer[];
}

/** @throws ApiError for objects that nothing can be decided on. */
export function decideCase(recorded: Case, kind: DeciderKind, options?: DeciderExtras): DecidedCase {
  try {
    const world = createWorld(recorded, kind, options);
    const answer = 'steps' in recorded ? answerSequence(world, recorded) : answerDecision(world, recorded);
    return { id: recorded.id, answer };
  } catch (cause) {
    // Recorded objects break some API rules on purpose, so rules are asked only where the decision stumbled.
    const problems = cause instanceof ApiError ? [] : problemsOf(recorded);
    if (problems.length === 0) throw cause;
    throw new ApiError('Invalid', problems, { cause });
  }
}

function problemsOf(recorded: Case): Problem[] {
  const source = recorded.place ?? `case ${recorded.id}`;
  const problems = objectsOf(recorded).flatMap((object) => validate(object, { source }).problems);
  return problems.filter(({ severity }) => severity === 'error');
}

function objectsOf(recorded: Case): KubeObject[] {
  if (!('steps' in recorded)) return [...recorded.objects, recorded.pod];
  const arriving = recorded.steps.flatMap((step): KubeObject[] => {
    if ('pod' in step) return [step.pod];
    return 'node' in step ? [step.node] : [];
  });
  return [...recorded.objects, ...arriving];
}
