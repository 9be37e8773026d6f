/** What kill-writer.ts writes at each step of a slot, and what must be there after it. */
import type { StoreEntry, Write } from '../../../runtime/store/store.ts';

/** Three writes: the step, and two values that are there together or not at all. */
export function writesOf(slot: number, step: number): Write[] {
  const value = valueOfStep(slot, step);
  const halves = ['a', 'b'].map((half): Write => {
    const key = `${half}/${slot}`;
    return value === undefined ? { key, delete: true } : { key, value };
  });
  return [{ key: `s/${slot}`, value: new TextEncoder().encode(String(step)) }, ...halves];
}

/** Every fifth step deletes; others put up to 6,000 bytes, so that some records have pages of their own. */
export function valueOfStep(slot: number, step: number): Buffer | undefined {
  if (step % 5 === 0) return undefined;
  return Buffer.alloc(1 + ((slot * 7_919 + step * 104_729) % (step % 7 === 0 ? 6_000 : 300)), `${slot}:${step};`);
}

export function stepOf({ value }: StoreEntry): number {
  return Number(new TextDecoder().decode(value));
}
