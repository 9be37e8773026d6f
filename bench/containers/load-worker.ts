/** The load, on a thread of its own: clients that share one with the cluster would measure each other. */
import { parentPort, workerData } from 'node:worker_threads';
import { ConstantLoad, type LoadTarget } from '../../runtime/examples/tour/load.ts';

const { target, perSecond } = workerData as { target: LoadTarget; perSecond: number };
const load = new ConstantLoad(target, perSecond);
parentPort?.once('message', () => load.stop().then((counts) => parentPort?.postMessage(counts)));
