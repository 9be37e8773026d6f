/**
 * How many clients a change of the endpoints sends elsewhere: of those that asked both in the time before the change and
 * after it (up to the next one), the share whose first request afterwards is sent to another server than their last before.
 */
import { NONE } from './servers.ts';
import type { TableChange } from './timeline.ts';

export interface Moves {
  kind: TableChange['kind'];
  /** Table changes; a rollout has one for each server. */
  changes: number;
  /** Clients that were seen on both sides, over all changes. */
  seen: number;
  moved: number;
  /** The least share that must move, on average over the changes. */
  least: number;
}

interface Change {
  kind: TableChange['kind'];
  least: number;
  seen: number;
  moved: number;
}

export class Disruption {
  readonly #server: Int32Array;
  /** During which change's time the client asked last. */
  readonly #lastEra: Int32Array;
  readonly #changes: Change[] = [];
  #era = 0;

  constructor(clients: number) {
    this.#server = new Int32Array(clients);
    this.#lastEra = new Int32Array(clients).fill(NONE);
  }

  begin({ kind, least }: TableChange): void {
    this.#changes.push({ kind, least, seen: 0, moved: 0 });
    this.#era++;
  }

  /** The first server that a request is sent to. */
  sent(client: number, server: number): void {
    if (this.#lastEra[client] !== this.#era) this.#firstAfter(client, server);
    this.#server[client] = server;
  }

  #firstAfter(client: number, server: number): void {
    if (this.#era > 0 && this.#lastEra[client] === this.#era - 1) {
      const change = this.#changes[this.#era - 1];
      change.seen++;
      if (this.#server[client] !== server) change.moved++;
    }
    this.#lastEra[client] = this.#era;
  }

  /** One row for each kind of change that there was. */
  totals(): Moves[] {
    const kinds = Map.groupBy(this.#changes, ({ kind }) => kind);
    return Array.from(kinds, ([kind, changes]) => ({
      kind,
      changes: changes.length,
      seen: changes.reduce((sum, { seen }) => sum + seen, 0),
      moved: changes.reduce((sum, { moved }) => sum + moved, 0),
      least: changes.reduce((sum, { least }) => sum + least, 0) / changes.length,
    }));
  }
}
