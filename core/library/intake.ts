/** Objects on their way in: checked, with every problem at once, and with what an API server fills in. */
import { ApiError, errorsOf, type Problem } from '../errors.ts';
import { applyDefaults, type DefaultsContext, defaultsContext } from '../objects/defaults.ts';
import { loadText } from '../objects/load.ts';
import { type KubeObject, keyOf, type Pod } from '../objects/types.ts';
import { validate } from '../objects/validate/validate.ts';
import { frozen, type KnownSpec, KnownSpecs } from './known-specs.ts';

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
  readonly #specs = new KnownSpecs();

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
      if (found.length > 0) this.#report(found, problems);
      if (object) good.push(object as T);
    }
    return good;
  }

  /**
   * One pod, checked and completed; undefined when something is wrong with it. What is no pod comes back as it was. Pods of
   * one make share the parts of their spec.
   */
  takePod(value: Pod, problems: Problem[]): Pod | undefined {
    if (!this.#validates) return isPod(value) ? this.complete(value) : value;
    const known = this.#specs.find((value as Pod | undefined)?.spec);
    const { object, problems: found } = validate(value, { trusted: known && value.spec });
    if (found.length > 0) this.#report(found, problems);
    if (!object || !isPod(object)) return object as Pod | undefined;
    const isClean = found.length === 0 && object === value; // A copy lacks fields that were null.
    const make = known ?? (isClean ? this.#specs.remember(object.spec) : undefined);
    return make && this.#defaults ? this.#completeLike(object, make) : this.complete(object);
  }

  #completeLike(pod: Pod, make: KnownSpec): Pod {
    const { affinity, topologySpreadConstraints } = make.spec;
    if (affinity || topologySpreadConstraints) return this.complete(pod); // Labels are merged into their selectors.
    make.completed ??= frozen(structuredClone(this.complete({ ...pod, spec: make.spec }).spec));
    const spec = { ...make.completed };
    if (pod.metadata.namespace) return { ...pod, spec };
    return { ...pod, metadata: { ...pod.metadata, namespace: 'default' }, spec };
  }

  #report(found: readonly Problem[], problems: Problem[]): void {
    const errors = errorsOf(found);
    for (const problem of found) if (!errors.includes(problem)) this.#onWarning(problem);
    problems.push(...errors);
  }

  /** A class counts for the defaults of all objects that come with it or after it. */
  remember(objects: readonly KubeObject[]): void {
    for (const object of objects) {
      if (!CLASSES.has(object.kind)) continue;
      this.#classes.set(`${object.kind} ${keyOf(object)}`, object);
      this.#forgetContext();
    }
  }

  forget(object: KubeObject): void {
    if (this.#classes.delete(`${object.kind} ${keyOf(object)}`)) this.#forgetContext();
  }

  #forgetContext(): void {
    this.#context = undefined;
    this.#specs.clear();
  }

  complete<T extends KubeObject>(object: T): T {
    if (!this.#defaults) return object;
    this.#context ??= defaultsContext(this.#classes.values());
    return applyDefaults(object, this.#context);
  }
}

export function isPod(object: KubeObject): object is Pod {
  return object.kind === 'Pod' && object.apiVersion === 'v1';
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
