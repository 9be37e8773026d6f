/**
 * One row in a process of its own, so that no workload shapes what the compiler makes of the next, and memory is its own:
 * `node bench/measure-process.ts JSON` takes { row, plan } and prints what was measured.
 */
import { measure, type Plan, type Row } from './measure.ts';

if (import.meta.main) {
  const { row, plan } = JSON.parse(process.argv[2]) as { row: Row; plan: Plan };
  process.stdout.write(JSON.stringify(measure(row, plan)));
}
