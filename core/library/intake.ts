/** Objects on their way in: checked, with every problem at once, and with what an API server fills in. */
import { ApiError, errorsOf, type Problem } from '../errors.ts';
import { applyDefaults, type DefaultsContext, defaultsContext } from '../objects/defaults.ts';
import { loadText } from '../objects/load.ts';
import { type KubeObject, keyOf } from '../objects/types.ts';
import { validate } from '../objects/validate/validate.ts';

export interface IntakeOptions {
  /** Check every object; true by default. Switch it off for objects that an API server has checked. */
  validate?: boolean;
  /** Fill in what an API server would; true by default. Objects that come from one pass unchanged. */
  defaults?: boolean;
  /** Told of what is odd but accepted. */
  onWarning?: (problem: Problem) => void;
}

/** The kinds that defaults of other objects are taken from. */
const CLASSES = new Set(['PriorityClass', 'RuntimeClass', 'StorageClass']);

export class Intake {
  readonly #validates: boolean;
  readonly #defaults: boolean;
  readonly #onWarning: (problem: Problem) => void;
  readonly #classes = new Map<string, KubeObject>();
  #context: DefaultsContext | undefined;

  constructor({ validate = true, defaults = true, onWarning = () => {} }: IntakeOptions) {
    this.#validates = validate;
    this.#defaults = defaults;
    this.#onWarning = onWarning;
  }

  /** The same objects in the same order; what is wrong with them is added to `problems`, and those are left out. */
  check<T extends KubeObject>(objects: readonly T[], problems: Problem[]): readonly T[] {
    if (!this.#validates) return objects;
    const good: T[] = [];
    for (const value of objects) {
      const { object, problems: found } = validate(value);
      const errors = errorsOf(found);
      for (const problem of found) if (!errors.includes(problem)) this.#onWarning(problem);
      problems.push(...errors);
      if (object) good.push(object as T);
    }
    return good;
  }

  /** A class counts for the defaults of all objects that come with it or after it. */
  remember(objects: readonly KubeObject[]): void {
    for (const object of objects) {
      if (!CLASSES.has(object.kind)) continue;
      this.#classes.set(`${object.kind} ${keyOf(object)}`, object);
      this.#context = undefined;
    }
  }

  forget(object: KubeObject): void {
    if (this.#classes.delete(`${object.kind} ${keyOf(object)}`)) this.#context = undefined;
  }

  complete<T extends KubeObject>(object: T): T {
    if (!this.#defaults) return object;
    this.#context ??= defaultsContext(this.#classes.values());
    return applyDefaults(object, this.#context);
  }
}

export function refuseIf(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ApiError('Invalid', problems);
}

/**
 * Manifests as text, YAML or JSON, lists taken apart. Nothing is filled in: createScheduler does that.
 * @param source names the text in problems.
 * @throws ApiError with every problem, each with its line.
 */
export function readObjects(text: string, source = 'manifests'): KubeObject[] {
  const { objects, problems } = loadText(text, source);
  refuseIf(errorsOf(problems));
  return objects;
}
