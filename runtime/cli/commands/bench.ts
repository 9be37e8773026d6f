/** `keelson bench`: the workloads that kube-scheduler was measured with, and some beyond, row by row. */
import { readFileSync } from 'node:fs';
import { changes, problemOf } from '../../../bench/compare.ts';
import type { Plan, Row } from '../../../bench/measure.ts';
import { knownWords, selectRows } from '../../../bench/rows.ts';
import { BenchRun, machine, type Results } from '../../../bench/run.ts';
import { selectStateBenches, stateBenchNames } from '../../../bench/state-benches.ts';
import { SEED } from '../../../bench/world.ts';
import { changesText, type MeasuredRow, machineText, workloadText } from '../bench-output.ts';
import type { Flags } from '../flags.ts';
import { startProgress } from '../progress.ts';
import { stateText } from '../state-output.ts';
import type { Terminal } from '../terminal.ts';
import { suggest, UsageError } from '../usage-error.ts';

const RUNS = 5;
const WARM_UP_MS = 500;

/** Exit code 1 when some row's answers are not verified. */
export async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const json = flags.choice('output', ['table', 'json'], 'table') === 'json';
  const quick = flags.has('smoke');
  const runs = flags.whole('runs', quick ? 1 : RUNS, 1, 1000);
  if (flags.words.length === 1 && flags.words[0].toLowerCase() === 'openb') {
    const { benchOpenb } = await import('../openb-bench.ts');
    return benchOpenb({ runs, quick, json }, terminal);
  }
  const earlier = flags.has('compare') ? readResults(flags) : undefined;
  const stateBenches = selectStateBenches(flags.words, quick);
  const rows = chosenRows(flags, quick, stateBenches.length > 0);

  const bench = new BenchRun({ plan: planOf(runs, quick), quick });
  if (!json) await terminal.write(`${machineText(machine(), process.version, SEED)}\n`);
  const progress = await startProgress(terminal, rows.length + stateBenches.length, 'rows');
  let done = 0;
  try {
    for (const [, group] of Map.groupBy(rows, ({ workload }) => workload)) {
      const measured: MeasuredRow[] = [];
      for (const row of group) {
        progress.update(done++, `${row.workload.name}, ${row.decider}`);
        measured.push({ row, measured: await bench.measure(row) });
      }
      if (!json) await terminal.write(workloadText(measured, bench.calibration, terminal.width));
    }
    for (const one of stateBenches) {
      progress.update(done++, one.name);
      const measured = bench.measureState(one);
      if (!json) await terminal.write(stateText(one, measured, terminal.width));
    }
  } finally {
    progress.stop();
  }

  const results = bench.finish();
  if (json) await terminal.json(results);
  const { cpuNsPerIter, memNsPerIter } = results.calibration;
  const loops = `calibration loops: ${cpuNsPerIter.toFixed(2)} ns arithmetic, ${memNsPerIter.toFixed(2)} ns memory`;
  if (!json) await terminal.write(`${loops}\n`);
  if (earlier) await sayChanges(results, earlier, json, terminal);
  return [...results.results, ...(results.state ?? [])].every(({ verified }) => verified) ? 0 : 1;
}

function planOf(runs: number, quick: boolean): Plan {
  return { runs, warmUpMs: quick ? 0 : WARM_UP_MS };
}

/** @param others whether the words mean something besides rows. */
function chosenRows({ words, command }: Flags, quick: boolean, others: boolean): Row[] {
  const known = [...knownWords(), ...stateBenchNames(), 'OpenB'];
  for (const word of words) {
    if (selectRows([word], true).length > 0 || selectStateBenches([word], true).length > 0) continue;
    throw new UsageError(`no benchmark is called '${word.slice(0, 40)}'${suggest(word, known)}`, command);
  }
  const rows = selectRows(words, quick);
  if (rows.length === 0 && !others) throw new UsageError(`no benchmark is called all of ${words.join(', ')}`, command);
  return rows;
}

function readResults(flags: Flags): Results {
  const file = flags.required('compare');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw flags.wrong('compare', `${file} cannot be read: ${error.message}`);
  }
  const problem = problemOf(value);
  if (problem) throw flags.wrong('compare', `${file}: ${problem}`);
  return value as Results;
}

/** Beside JSON, on stderr. */
async function sayChanges(now: Results, earlier: Results, json: boolean, terminal: Terminal): Promise<void> {
  const shared = changes(now, earlier);
  const text = shared.length > 0 ? changesText(shared, terminal.width) : 'no row is in both runs\n';
  if (json) terminal.note(text.trimEnd());
  else await terminal.write(`\n${text}`);
}
