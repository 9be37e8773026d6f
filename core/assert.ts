/** A bug stops the program with a sentence. Wrong input is an ApiError (errors.ts), never an assertion. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Error(`bug: ${sentence}`);
}
