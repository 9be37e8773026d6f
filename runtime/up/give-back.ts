/**
 * Starting leaves some 40 MB of young generation behind, which V8 keeps for as long as nothing makes it collect. It goes back
 * to the system once, when the process has come to rest.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 3_000;
/** Of one core. */
const AT_REST = 0.05;
/** A larger heap is in use, and its collection would be felt. */
const LARGEST_HEAP_BYTES = 100e6;

/** @returns ends it before. */
export function giveBackAtRest(): () => void {
  let before = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    if ((user + system) / 1_000 > LOOK_EVERY_MS * AT_REST) return;
    clearInterval(timer);
    if (process.memoryUsage().heapUsed < LARGEST_HEAP_BYTES) giveBack();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** The one way of Node to ask for what V8 does when memory runs out. */
function giveBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
