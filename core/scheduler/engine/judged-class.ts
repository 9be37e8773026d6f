/** A class on its way to other threads, which judge its rows in pieces. */
import type { JudgedRows, ListedRows, RowRules } from './judge-rows.ts';

/** Rules with plugins by name; arrays over shared memory. */
export interface JudgedClass extends JudgedRows {
  rules: RowRules<string>;
}

/** Rows of all classes that are judged. */
export type SharedFacts = Pick<ListedRows, 'facts' | 'rows'>;

/** Rows of one piece of so many: [from, to). */
export function pieceOf(piece: number, pieces: number, rows: number): [from: number, to: number] {
  return [Math.floor((rows * piece) / pieces), Math.floor((rows * (piece + 1)) / pieces)];
}
