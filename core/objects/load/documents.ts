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

/** Offset → line and column. The newlines are counted once, when the first position is asked for. */
export function positionsIn(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

export const TOO_DEEP = `is nested more than ${NESTING_LIMIT} levels deep`;
