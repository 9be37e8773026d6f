/** A pool whose deciding thread is slow, so that workers take part in clusters of a few nodes. */
import { type PoolOptions, ScanPool } from '../../core/scheduler/scan/parallel/pool.ts';

const NOBODY = new Int32Array(new SharedArrayBuffer(4));
const WAIT_MS = 0.3;

export class SlowPool extends ScanPool {
  constructor(options: PoolOptions) {
    super({ minChunk: 1, ...options });
  }

  override run(...[work, around, own]: Parameters<ScanPool['run']>): boolean {
    return super.run(work, around, (from, to, chunk) => {
      Atomics.wait(NOBODY, 0, 0, WAIT_MS);
      own(from, to, chunk);
    });
  }
}
