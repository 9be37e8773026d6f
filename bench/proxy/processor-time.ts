/** Processor time of another process, all its threads that live, as the kernel's scheduler counts it: in ns, not in ticks. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux. @throws where the kernel keeps no such count, or the process has ended. */
export function processorNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return sum;
}
