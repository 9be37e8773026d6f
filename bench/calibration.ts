/**
 * Two fixed loops that say how fast this machine is at the moment, by arithmetic and by reading memory, so that figures
 * from other machines compare: a rate measured there, brought here, is the rate times its ns an iteration by ours. Time
 * is the processor's: waiting for a core that others use must not make the machine look slow, and our rates good.
 */
export interface Calibration {
  cpuNsPerIter: number;
  memNsPerIter: number;
}

const WORDS = 1 << 22;
const TRIES = 3;
const SHORT = 100;

/** Best of three after a warm-up. @param scale a share of the iterations, for tests. */
export function calibrate(scale = 1): Calibration {
  const memory = new Int32Array(WORDS);
  for (let i = 0; i < WORDS; i++) memory[i] = (i * 40503) | 0;
  return {
    cpuNsPerIter: best(spin, 1e7 * scale, 2e8 * scale),
    memNsPerIter: best((count) => wander(memory, count), 1e6 * scale, 2e7 * scale),
  };
}

/** The medians: the machine is not equally fast all the time. */
export function medianOf(calibrations: readonly Calibration[]): Calibration {
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
  return {
    cpuNsPerIter: median(calibrations.map((one) => one.cpuNsPerIter)),
    memNsPerIter: median(calibrations.map((one) => one.memNsPerIter)),
  };
}

/**
 * Warmed up by many short calls, so that it is compiled as a whole: V8 13.6 (Node 24) runs a loop that it replaced on the
 * stack 2.7 times slower than Node 20 does, on which the figures of peer.json were taken; compiled on entry they are equal.
 */
function best(loop: (count: number) => number, warmUp: number, count: number): number {
  for (let done = 0; done < warmUp; done += SHORT) loop(SHORT);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES; i++) {
    const before = process.cpuUsage();
    loop(count);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, ((user + system) * 1000) / count);
  }
  return least;
}

/** xorshift, summed up. */
function spin(count: number): number {
  let x = 1 | 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    sum = (sum + x) | 0;
  }
  return sum;
}

/** The same, each word naming the next to be read from 16 MiB. */
function wander(memory: Int32Array, count: number): number {
  let x = 1 | 0;
  let sum = 0;
  const mask = memory.length - 1;
  for (let i = 0; i < count; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    sum = (sum + memory[x & mask]) | 0;
  }
  return sum;
}
