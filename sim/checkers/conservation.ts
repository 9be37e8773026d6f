/** No pod is lost, none is bound twice: every pod that came is bound, waiting, or gone, and one of these only. */
export class Conservation {
  readonly #where = new Map<string, 'waiting' | 'bound' | 'gone'>();

  came(key: string): string[] {
    const problems = this.#where.has(key) ? [`pod ${key} came twice`] : [];
    this.#where.set(key, 'waiting');
    return problems;
  }

  bound(key: string): string[] {
    return this.#move(key, 'waiting', 'bound');
  }

  /** Deleted, evicted or finished; waiting pods may go as well. */
  went(key: string): string[] {
    return this.#where.get(key) === 'waiting' ? this.#move(key, 'waiting', 'gone') : this.#move(key, 'bound', 'gone');
  }

  /** What the scheduler says it has bound and keeps waiting, against what was seen. */
  compare(bound: Iterable<string>, waiting: Iterable<string>): string[] {
    const problems: string[] = [];
    const claimed = new Map<string, 'waiting' | 'bound'>();
    const claim = (key: string, state: 'waiting' | 'bound'): void => {
      if (claimed.has(key)) problems.push(`pod ${key} is ${claimed.get(key)} and ${state} at once`);
      claimed.set(key, state);
    };
    for (const key of bound) claim(key, 'bound');
    for (const key of waiting) claim(key, 'waiting');
    for (const [key, state] of this.#where) {
      const now = claimed.get(key) ?? 'gone';
      if (now !== state) problems.push(`pod ${key} is ${now} and should be ${state}`);
    }
    for (const key of claimed.keys()) if (!this.#where.has(key)) problems.push(`pod ${key} never came`);
    return problems;
  }

  #move(key: string, from: 'waiting' | 'bound', to: 'bound' | 'gone'): string[] {
    const state = this.#where.get(key);
    this.#where.set(key, to);
    return state === from ? [] : [`pod ${key} is ${to} and was ${state ?? 'never seen'}`];
  }
}
