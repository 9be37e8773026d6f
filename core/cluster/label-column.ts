/** One asked label key: its dictionary of values. The column `label[slot]` holds ids; 0 means the node lacks the key. */
import { type Requirement, requirementMatches } from '../objects/selectors.ts';

export class LabelDictionary {
  readonly key: string;
  /** values[id - 1] has that id. */
  readonly #values: string[] = [];
  readonly #ids = new Map<string, number>();
  /** Grows when ids come to mean other values. */
  epoch = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** Ids are 1 to size. */
  get size(): number {
    return this.#values.length;
  }

  /** Forgets all values: the column must be written anew. */
  clear(): void {
    this.#values.length = 0;
    this.epoch++;
    this.#ids.clear();
  }

  /** The id of a value; a new one if nobody had it. 0 for undefined. */
  intern(value: string | undefined): number {
    if (value === undefined) return 0;
    let id = this.#ids.get(value);
    if (id === undefined) {
      id = this.#values.push(value);
      this.#ids.set(value, id);
    }
    return id;
  }

  /** 0 when no node has had that value. */
  find(value: string): number {
    return this.#ids.get(value) ?? 0;
  }

  /** allowed[id] is 1 where a node with that value (0: without the key) meets the requirement. */
  allowed(requirement: Requirement): Uint8Array {
    const { operator, values } = requirement;
    const allowed = new Uint8Array(this.size + 1);
    if (operator === 'Gt' || operator === 'Lt') {
      this.#values.forEach((value, i) => {
        allowed[i + 1] = requirementMatches(requirement, value) ? 1 : 0;
      });
      return allowed;
    }
    // A node without the key meets NotIn and DoesNotExist.
    const absent = operator === 'NotIn' || operator === 'DoesNotExist' ? 1 : 0;
    const unlisted = operator === 'Exists' || operator === 'NotIn' ? 1 : 0;
    allowed.fill(unlisted);
    allowed[0] = absent;
    for (const value of values) {
      const id = this.find(value);
      if (id > 0) allowed[id] = 1 - unlisted;
    }
    return allowed;
  }
}
