/** A program that decides on two threads and then has nothing left to do. Prints the host of its last pod. */
import { createDecider, defaultProfile, Listers, type Node, Nominator, ScheduleOne } from '../../core/index.ts';
import { node, pod } from './builders.ts';

const options = { listers: new Listers(), profiles: [defaultProfile()], nominated: new Nominator() };
const decider = createDecider('scan', { ...options, threads: 2, threadsFrom: 0 });
const cycle = new ScheduleOne({ decider, ...options });
for (const name of ['a', 'b', 'c']) decider.addNode(node(name) as Node);
let host: string | undefined;
for (let i = 0; i < 100; i++) ({ host } = cycle.schedule(pod(`p${i}`)));
console.log(host);
