/** Runs files of recorded cases through a decider and counts what agrees. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DeciderKind } from '../../core/index.ts';
import { decideCase } from '../../sim/replay/decide.ts';
import { readCases } from '../../sim/replay/read-cases.ts';
import type { DeciderExtras } from '../../sim/replay/world.ts';
import { type Difference, differences } from './differences.ts';

export interface FailedCase {
  id: string;
  /** Empty when the case threw. */
  differences: Difference[];
  error?: string;
}

export interface SuiteResult {
  suite: string;
  decider: DeciderKind;
  passed: number;
  failed: FailedCase[];
  ms: number;
}

const ENDING = '.jsonl.gz';

/** Files of cases in a folder, whose name contains the word. Sorted. */
export function caseFiles(folder: string, word = ''): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ENDING) && name.includes(word))
    .sort()
    .map((name) => join(folder, name));
}

/** @param options what deciders are made with besides: threads, say. */
export async function runSuite(file: string, decider: DeciderKind, options?: DeciderExtras): Promise<SuiteResult> {
  const result: SuiteResult = { suite: basename(file, ENDING), decider, passed: 0, failed: [], ms: 0 };
  const start = performance.now();
  for await (const { case: recorded, expect } of readCases(file)) {
    const failure: FailedCase = { id: recorded.id, differences: [] };
    try {
      // Through JSON, as `keelson decide` writes it.
      failure.differences = differences(
        expect,
        JSON.parse(JSON.stringify(decideCase(recorded, decider, options).answer)),
      );
    } catch (error) {
      failure.error = (error as Error).stack ?? String(error);
    }
    if (failure.error || failure.differences.length > 0) result.failed.push(failure);
    else result.passed++;
  }
  result.ms = performance.now() - start;
  return result;
}
