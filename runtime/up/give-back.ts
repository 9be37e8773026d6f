/**
 * Starting, and every burst of work, leaves tens of MB of young generation behind, which V8 keeps for as long as nothing
 * makes it collect. They go back to the system when the process has come to rest.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 3_000;
/** Of one core. */
const AT_REST = 0.05;
/** A larger heap is in use, and its collection would be felt. */
const LARGEST_HEAP_BYTES = 100e6;
/** Work that comes and goes is not interrupted each time. */
const AT_MOST_EVERY_MS = 20_000;

/** @returns ends it. @param atMostEveryMs of the steady clock. */
export function giveBackAtRest(atMostEveryMs = AT_MOST_EVERY_MS): () => void {
  let before = process.cpuUsage();
  let worked = true;
  let lastMs = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    if ((user + system) / 1_000 > LOOK_EVERY_MS * AT_REST) worked = true;
    else if (worked && performance.now() - lastMs >= atMostEveryMs) {
      worked = false;
      lastMs = performance.now();
      if (process.memoryUsage().heapUsed < LARGEST_HEAP_BYTES) giveBack();
      before = process.cpuUsage();
    }
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** The one way of Node to ask for what V8 does when memory runs out. */
function giveBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
