/** Acknowledgements: rounds in which every worker says that it holds nothing of old tables any more. */
import type { Crew } from './crew.ts';

export class Rounds {
  readonly #crew: Crew;
  #round: Promise<void> | undefined;
  #nextRound: Promise<void> | undefined;
  #cut: number[] = [];

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  get underWay(): boolean {
    return this.#round !== undefined;
  }

  /** UDP sessions with these endpoints end, at the latest with the next round. */
  cut(endpoints: readonly number[]): void {
    this.#cut.push(...endpoints);
  }

  /** Resolves when every worker has passed what is published now. Whoever asks during a round shares the next one. */
  pass(): Promise<void> {
    if (this.#round === undefined) return this.#start();
    this.#nextRound ??= this.#round.then(() => this.#start());
    return this.#nextRound;
  }

  async #start(): Promise<void> {
    this.#nextRound = undefined;
    const cut = this.#cut;
    this.#cut = [];
    const round = this.#crew.order({ type: 'pass', cut }).then(() => {
      if (this.#round === round) this.#round = undefined;
    });
    this.#round = round;
    return round;
  }
}
