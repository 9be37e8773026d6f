/** One task of a state benchmark in a process of its own: `node bench/state-process.ts JSON` prints what was measured. */
import { doTask, type Task } from './state-benches.ts';

if (import.meta.main) process.stdout.write(JSON.stringify(doTask(JSON.parse(process.argv[2]) as Task)));
