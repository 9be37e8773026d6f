/** `keelson decide`: an answer per case, each written before the next one is decided. */
import { DECIDER_KINDS } from '../../../core/index.ts';
import { decideCase } from '../../../sim/replay/decide.ts';
import { readCases } from '../../../sim/replay/read-cases.ts';
import type { Flags } from '../flags.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const decider = flags.choice('decider', DECIDER_KINDS, 'reference');
  flags.choice('output', ['jsonl', 'json'], 'jsonl');
  if (flags.words.length === 0) throw new UsageError('decide needs a file of cases', flags.command);
  // All files are read once before, so that a malformed line in the last one leaves no half of an output behind.
  for (const file of flags.words) for await (const _ of readCases(file));
  for (const file of flags.words) {
    for await (const { case: recorded } of readCases(file)) await terminal.json(decideCase(recorded, decider));
  }
  return 0;
}
