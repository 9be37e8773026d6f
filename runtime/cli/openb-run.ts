/** OpenB runs on the worker pool, watched by a progress bar and a clock. */
import { type OpenbOptions, runOpenB } from '../../sim/openb/simulate.ts';
import type { OpenbResult } from '../../sim/openb/worker.ts';
import { startProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export async function runWatched(
  options: OpenbOptions,
  terminal: Terminal,
): Promise<{ runs: OpenbResult[]; tookMs: number }> {
  const startedMs = performance.now();
  const progress = await startProgress(terminal, options.policies.length * options.seeds.length, 'runs');
  const runs = await runOpenB(options, ({ done, run }) =>
    progress.update(done, `${run.policy}, seed ${run.seed}`),
  ).finally(() => progress.stop());
  return { runs, tookMs: performance.now() - startedMs };
}
