/** What the JSON and the YAML reader share: a document, and where in the text something stands. */
import type { Segment } from '../validate/context.ts';
import { NESTING_LIMIT } from '../validate/depth.ts';

/** Counted from 1. */
export interface Position {
  line: number;
  column: number;
}

export interface Mistake extends Position {
  message: string;
}

export interface Document {
  value: unknown;
  /** Where the value at this path stands, or the nearest one above it that exists. Slow; asked only for problems. */
  locate(path: readonly Segment[]): Position;
}

export interface Documents {
  documents: Document[];
  /** Syntax errors; a document that has one is left out. */
  mistakes: Mistake[];
}

/** Line and column of an offset, by counting newlines. */
export function positionOf(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

export const TOO_DEEP = `is nested more than ${NESTING_LIMIT} levels deep`;
