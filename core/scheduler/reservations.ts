/** Facts that cycles have reserved for pods (volumes promised to claims): what takes them back, by pod. */
import type { Listers } from '../cluster/listers.ts';
import { ApiError } from '../errors.ts';
import type { KubeObject } from '../objects/types.ts';

/** Takes one fact back. */
export interface Undo {
  (): void;
  /** The objects that it puts back into the listers, when it does nothing else: then a snapshot can hold it. */
  readonly puts?: readonly KubeObject[];
}

/** Pod key → objects to put back, in that order. */
export type SavedReservations = readonly (readonly [key: string, puts: readonly KubeObject[]])[];

/** What puts these objects back. */
export function putBack(puts: readonly KubeObject[], listers: Listers): Undo {
  const undo = (): void => {
    for (const object of puts) listers.set(object);
  };
  return Object.assign(undo, { puts });
}

export class Reservations {
  /** Last first. */
  readonly #undos = new Map<string, readonly Undo[]>();

  /** @param key podKey of the pod. */
  add(key: string, undo: Undo): void {
    this.#undos.set(key, [undo, ...(this.#undos.get(key) ?? [])]);
  }

  /** They are facts now, or the pod is decided for anew. */
  delete(key: string): void {
    this.#undos.delete(key);
  }

  takeBack(key: string): void {
    for (const undo of this.#undos.get(key) ?? []) undo();
    this.#undos.delete(key);
  }

  /** @throws ApiError naming the pods for whom a plugin from outside reserved what is no object. */
  save(): SavedReservations {
    const problems = [...this.#undos].filter(([, undos]) => undos.some(({ puts }) => !puts));
    if (problems.length > 0) {
      const message = 'a plugin from outside has reserved for it what a snapshot cannot hold';
      const severity = 'error' as const;
      throw new ApiError(
        'Invalid',
        problems.map(([key]) => ({ object: `pod ${key}`, path: '', message, severity })),
      );
    }
    return Array.from(this.#undos, ([key, undos]) => [key, undos.flatMap(({ puts }) => puts ?? [])]);
  }

  restore(saved: SavedReservations, listers: Listers): void {
    for (const [key, puts] of saved) this.add(key, putBack(puts, listers));
  }
}
