/** Resource names and their columns: the fixed ones, then scalars in the order in which nodes and pods named them. */
import { FIRST_SCALAR, type GrowingColumns } from './columns.ts';

const FIXED = ['cpu', 'memory', 'ephemeral-storage'];

export class ResourceNames {
  readonly #store: GrowingColumns;
  readonly #names = [...FIXED];
  readonly #scalars = new Map<string, number>();

  constructor(store: GrowingColumns) {
    this.#store = store;
  }

  /** [resource] */
  get all(): readonly string[] {
    return this.#names;
  }

  /** -1 when nobody named it. */
  find(name: string): number {
    const fixed = FIXED.indexOf(name);
    return fixed >= 0 ? fixed : (this.#scalars.get(name) ?? -1);
  }

  /** The id of a scalar; a new one gets a column, for which the columns may move. */
  idOf(scalar: string): number {
    let id = this.#scalars.get(scalar);
    if (id === undefined) {
      id = FIRST_SCALAR + this.#scalars.size;
      this.#names.push(scalar);
      this.#scalars.set(scalar, id);
      this.#store.makeRoom({ resources: id + 1 });
    }
    return id;
  }
}
