/**
 * A bug stops the program with a sentence. Wrong input is an ApiError (errors.ts), never an assertion.
 * @param sentence in hot paths a function, so that words are made only for bugs.
 */
export function assert(condition: unknown, sentence: string | (() => string)): asserts condition {
  if (!condition) throw new Error(`bug: ${typeof sentence === 'string' ? sentence : sentence()}`);
}
