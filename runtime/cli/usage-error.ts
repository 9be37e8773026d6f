/** The command line itself is wrong: exit 2 and one sentence, with the nearest right word when there is one. */
export class UsageError extends Error {
  /** Whose --help tells more. */
  readonly command: string | undefined;

  constructor(sentence: string, command?: string) {
    super(sentence);
    this.name = 'UsageError';
    this.command = command;
  }
}

/** ', did you mean X?' for the candidate that is few typing slips away; '' when none is near. */
export function suggest(wrong: string, candidates: readonly string[]): string {
  let best = '';
  let fewest = Math.max(1, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of candidates) {
    const slips =
      candidate.startsWith(wrong) && wrong.length > 1 ? 1 : distance(wrong.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best ? `, did you mean ${best}?` : '';
}

/** Letters to insert, drop, replace or swap with their neighbour (optimal string alignment). */
export function distance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Math.max(a.length, b.length);
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0][j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1]);
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
  }
  return rows[a.length][b.length];
}
