/** What a finished job of test/run.ts means: how many tests passed, and everything that makes it a failure. */

export interface Finished {
  output: string;
  code: number | null;
  signal: string | null;
  /** A test file: uvu's totals must be there. Otherwise the exit code alone decides, and counts as one. */
  counts: boolean;
  /** CI: a skipped test is a failure. */
  strict: boolean;
}

export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** One sentence, when something failed. */
  why: string;
}

export function outcomeOf({ output, code, signal, counts, strict }: Finished): Outcome {
  const ended = signal ? `killed by ${signal}, after the time limit or from outside` : `exit code ${code}`;
  const clean = code === 0 && signal === null;
  if (!counts) return { passed: clean ? 1 : 0, failed: clean ? 0 : 1, skipped: 0, why: clean ? '' : ended };

  const total = lastNumber(output, 'Total');
  const passed = lastNumber(output, 'Passed') ?? 0;
  const skipped = lastNumber(output, 'Skipped') ?? 0;
  if (total === undefined) {
    return { passed: 0, failed: 1, skipped: 0, why: clean ? 'no totals: is test.run() missing?' : ended };
  }
  // uvu counts a skipped test in no column but Skipped.
  const broken = total - passed;
  if (broken > 0) return { passed, failed: broken, skipped, why: `${broken} of ${total} tests failed` };
  if (!clean) return { passed, failed: 1, skipped, why: `every test passed, yet ${ended}` };
  if (passed === 0) return { passed, failed: 1, skipped, why: 'the file ran no test' };
  if (strict && skipped > 0) return { passed, failed: skipped, skipped, why: `${skipped} tests skipped under CI` };
  return { passed, failed: 0, skipped, why: '' };
}

function lastNumber(output: string, label: string): number | undefined {
  const all = [...output.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)\\s*$`, 'gm'))];
  return all.length > 0 ? Number(all[all.length - 1][1]) : undefined;
}
