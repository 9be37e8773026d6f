/**
 * The pods of each node, the most important first, with what those below any rung take together: enough to say what
 * would be free if all pods below a priority left. Made for a row when preemption first asks, anew when the row changed.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PlacedPod } from '../../cluster/placed-pod.ts';
import { startTimeOf } from './importance.ts';

export interface Ladder {
  /** The row's version when it was made. */
  readonly version: number;
  /** Most important first; equals in NodeInfo order. Those below some priority are the last ones. */
  readonly pods: readonly PlacedPod[];
  /** [i * width + r]: what pods[i] and all after it take of resource r; with one rung below the last pod. */
  readonly sums: Float64Array;
  readonly width: number;
  /** Some pods have no start time: they count as starting at the time of asking. */
  readonly undated: boolean;
  /** When the last of the others started; ms. */
  readonly latest: number;
}

export class Ladders {
  readonly #cluster: Cluster;
  /** [row]. As many as rows, each as long as the row has pods. */
  readonly #ladders: (Ladder | undefined)[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @param now for pods without a start time, in ms. */
  of(row: number, now: number): Ladder {
    const version = this.#cluster.columns.version[row];
    let ladder = this.#ladders[row];
    if (ladder?.version !== version) {
      // As if `now` came after all: right while it does.
      ladder = makeLadder(this.#cluster.podsOn(row), version, Number.POSITIVE_INFINITY);
      this.#ladders[row] = ladder;
    }
    return ladder.undated && ladder.latest >= now ? makeLadder(this.#cluster.podsOn(row), version, now) : ladder;
  }
}

/** The first pod with a priority below `priority`; the number of pods when there is none. */
export function firstBelow({ pods }: Ladder, priority: number): number {
  let i = pods.length;
  while (i > 0 && pods[i - 1].request.priority < priority) i--;
  return i;
}

function makeLadder(placed: readonly PlacedPod[], version: number, now: number): Ladder {
  const rungs = placed.map((on) => {
    const { priority, pod } = on.request;
    return { on, priority, start: startTimeOf(pod, Number.POSITIVE_INFINITY) };
  });
  let latest = Number.NEGATIVE_INFINITY;
  let undated = false;
  for (const rung of rungs) {
    if (rung.start < Number.POSITIVE_INFINITY) {
      latest = Math.max(latest, rung.start);
    } else {
      undated = true;
      rung.start = now;
    }
  }
  rungs.sort((a, b) => b.priority - a.priority || (a.start === b.start ? 0 : a.start - b.start));
  const pods = rungs.map(({ on }) => on);
  const width = pods.reduce((most, { request }) => Math.max(most, request.accounted.length), 0);
  return { version, pods, sums: sumUp(pods, width), width, undated, latest };
}

function sumUp(pods: readonly PlacedPod[], width: number): Float64Array {
  const sums = new Float64Array((pods.length + 1) * width);
  for (let i = pods.length - 1; i >= 0; i--) {
    const { accounted } = pods[i].request;
    for (let r = 0; r < width; r++) sums[i * width + r] = sums[(i + 1) * width + r] + (accounted[r] ?? 0);
  }
  return sums;
}
