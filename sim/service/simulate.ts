/** A service under every policy and seed, on all cores; the results do not depend on how many. */
import { extname } from 'node:path';
import { runOnPool } from '../pool.ts';
import type { ServiceRun } from './result.ts';
import type { Scenario, ServicePolicy } from './scenario.ts';
import type { ServiceTask } from './worker.ts';

export interface ServiceOptions {
  scenario: Scenario;
  policies: readonly ServicePolicy[];
  seeds: readonly number[];
  /** One per core by default. */
  threads?: number;
}

/** All seeds of the first policy, then of the next. @param onRun each run as it ends. */
export async function simulateService(
  { scenario, policies, seeds, threads }: ServiceOptions,
  onRun?: (run: ServiceRun, done: number) => void,
): Promise<ServiceRun[]> {
  // By seed, as a thread keeps the requests of the last one.
  const tasks = seeds.flatMap((seed) => policies.map((policy): ServiceTask => ({ policy, seed })));
  let done = 0;
  const worker = new URL(`worker${extname(import.meta.url)}`, import.meta.url); // .ts in a checkout, .js once built.
  const runs = await runOnPool<ServiceTask, ServiceRun>(tasks, { worker, data: scenario, threads }, (run) => {
    onRun?.(run, ++done);
  });
  return policies.flatMap((_, p) => seeds.map((_, s) => runs[s * policies.length + p]));
}
