/** A run of the benchmarks: rows in processes of their own, and in every minute a look at how fast the machine is. */
import { spawn } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import manifest from '../package.json' with { type: 'json' };
import { type Calibration, calibrate, medianOf } from './calibration.ts';
import { type Measured, measure, type Plan, type Row } from './measure.ts';
import { measureState, type StateBench, type StateMeasured } from './state-benches.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  os: string;
  /** Of the last minute when the run began: what else was at work. */
  load: number;
  date: string;
  /** Version of the package. */
  keelson: string;
}

/** What `keelson bench -o json` prints. */
export interface Results {
  machine: Machine;
  node: string;
  calibration: Calibration;
  results: Measured[];
  /** Of the benchmarks of the cluster's state, where they were asked for. */
  state?: StateMeasured[];
}

export interface BenchOptions {
  plan: Plan;
  /** All rows in this process, and short calibration: for a smoke run, where figures mean nothing. */
  quick: boolean;
}

const ROW_TIMEOUT_MS = 1_800_000;
const CALIBRATED_MS = 60_000;
const QUICK_SCALE = 0.01;

export class BenchRun {
  readonly #options: BenchOptions;
  readonly #machine = machine();
  readonly #calibrations: Calibration[] = [];
  readonly #results: Measured[] = [];
  readonly #state: StateMeasured[] = [];
  #calibratedMs = Number.NEGATIVE_INFINITY;

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  async measure(row: Row): Promise<Measured> {
    const { plan, quick } = this.#options;
    this.#calibrateEachMinute();
    const measured = quick ? measure(row, plan) : await measureApart(row, plan);
    this.#results.push(measured);
    return measured;
  }

  measureState(bench: StateBench): StateMeasured {
    const { plan, quick } = this.#options;
    this.#calibrateEachMinute();
    const measured = measureState(bench, { runs: plan.runs, quick });
    this.#state.push(measured);
    return measured;
  }

  /** Of the last minute, or the last row. */
  get calibration(): Calibration {
    return this.#calibrations[this.#calibrations.length - 1];
  }

  finish(): Results {
    this.#calibrate();
    const calibration = medianOf(this.#calibrations);
    const results = { machine: this.#machine, node: process.version, calibration, results: this.#results };
    return this.#state.length > 0 ? { ...results, state: this.#state } : results;
  }

  #calibrateEachMinute(): void {
    if (performance.now() - this.#calibratedMs > CALIBRATED_MS) this.#calibrate();
  }

  #calibrate(): void {
    this.#calibrations.push(calibrate(this.#options.quick ? QUICK_SCALE : 1));
    this.#calibratedMs = performance.now();
  }
}

/** @throws when the process fails, with what it said. */
async function measureApart(row: Row, plan: Plan): Promise<Measured> {
  const script = join(import.meta.dirname, `measure-process${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [script, JSON.stringify({ row, plan })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ROW_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const { promise: closed, resolve, reject } = Promise.withResolvers<string>();
  child.on('error', reject);
  child.on('close', (code, signal) => resolve(code === 0 ? '' : `exit code ${code ?? signal}`));
  const [out, said, failure] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (failure) throw new Error(`${row.workload.name}, ${row.decider}: ${failure}\n${said.trimEnd()}`);
  return JSON.parse(out) as Measured;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()} ${process.arch}`,
    load: Math.round(loadavg()[0] * 100) / 100,
    date: new Date().toISOString(),
    keelson: manifest.version,
  };
}
