/**
 * Writes to an LMDB store until it is killed, and says on stdout, a file, what has been answered: `slot step revision`.
 * Usage: node kill-writer.ts FOLDER SLOTS RETAINED-REVISIONS ROUND. Each slot has one txn under way at a time; a third of
 * them rest in each round, so that compaction passes entries that must stay.
 */
import { writeSync } from 'node:fs';
import { openLmdbStore } from '../../../runtime/store/lmdb/lmdb-store.ts';
import { stepOf, writesOf } from './kill-slots.ts';

const [folder, slots, revisions, round] = process.argv.slice(2);
const store = await openLmdbStore({ folder, retention: { revisions: Number(revisions) } });
const busy = Array.from({ length: Number(slots) }, (_, slot) => slot).filter((slot) => (slot + Number(round)) % 3 > 0);
await Promise.all(busy.map(writeFor));

async function writeFor(slot: number): Promise<never> {
  const entry = await store.get(`s/${slot}`);
  let step = entry === undefined ? 0 : stepOf(entry);
  let modRevision = entry?.modRevision ?? 0;
  for (;;) {
    step++;
    const result = await store.txn({ compares: [{ key: `s/${slot}`, modRevision }], writes: writesOf(slot, step) });
    if (!result.committed) throw new Error(`slot ${slot}: the compare of step ${step} does not hold`);
    modRevision = result.revision;
    // To a file, which has it when write() is done.
    writeSync(1, `${slot} ${step} ${result.revision}\n`);
  }
}
