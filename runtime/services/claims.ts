/** Which Service has an address and port that several want: the oldest of them, and the next one once that lets go. */

interface Claim {
  readonly service: string;
  /** Texts in the order of age. */
  readonly age: string;
}

export class Claims {
  /** By frontendKey; the first has it. */
  readonly #claims = new Map<string, Claim[]>();
  /** By Service. */
  readonly #wanted = new Map<string, { readonly age: string; readonly keys: ReadonlySet<string> }>();

  /** 'ns/name' of the Service that has it. */
  holder(key: string): string | undefined {
    return this.#claims.get(key)?.[0].service;
  }

  /** All that a Service wants from now on. @returns the other Services that have more, or less, than before. */
  set(service: string, age: string, keys: ReadonlySet<string>): Set<string> {
    const affected = new Set<string>();
    const before = this.#wanted.get(service);
    // One of the same name that was made anew is younger.
    const stays = (key: string): boolean => before?.age === age && before.keys.has(key) && keys.has(key);
    for (const key of before?.keys ?? []) if (!stays(key)) this.#drop(key, service, affected);
    for (const key of keys) if (!stays(key)) this.#add(key, { service, age }, affected);
    if (keys.size > 0) this.#wanted.set(service, { age, keys });
    else this.#wanted.delete(service);
    return affected;
  }

  #add(key: string, claim: Claim, affected: Set<string>): void {
    const others = this.#claims.get(key);
    if (!others) {
      this.#claims.set(key, [claim]);
      return;
    }
    const [holder] = others;
    others.push(claim);
    others.sort((a, b) => (a.age < b.age ? -1 : Number(a.age > b.age)));
    if (others[0] === claim) affected.add(holder.service);
  }

  #drop(key: string, service: string, affected: Set<string>): void {
    const all = this.#claims.get(key) ?? [];
    const left = all.filter((claim) => claim.service !== service);
    if (left.length === 0) this.#claims.delete(key);
    else this.#claims.set(key, left);
    if (left.length > 0 && left[0] !== all[0]) affected.add(left[0].service);
  }
}
