/**
 * The order in which pods arrive in the published experiments: the list sorted by name, shuffled by the seed, then
 * brought to 130 % of the cluster's GPUs by drawing again from the list or by removing from it. No pod ever leaves.
 */
import { ApiError, Random } from '../../core/index.ts';
import type { OpenbPod } from '../traces/openb.ts';

export interface Arrival {
  /** Unique: a row drawn again gets a suffix. */
  name: string;
  row: OpenbPod;
}

/** Demand for GPU milli when all have arrived, over what the cluster has. */
export const TARGET = 1.3;
/** A list of crumbs would grow without end. */
const MAX_ARRIVALS = 1_000_000;

/** What `arrivals` shuffles. */
export function sortedByName(pods: readonly OpenbPod[]): OpenbPod[] {
  return [...pods].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** @param pods sorted by name. */
export function arrivals(pods: readonly OpenbPod[], clusterMilli: number, seed: number): Arrival[] {
  const random = new Random(seed);
  const queue = random.shuffle(pods.map((row) => ({ name: row.name, row })));
  const target = clusterMilli * TARGET;
  const demand = queue.reduce((sum, { row }) => sum + gpuMilliOf(row), 0);
  if (demand > target) cut(queue, demand, target, random);
  else inflate(queue, pods, demand, target, random);
  return queue;
}

export function gpuMilliOf({ gpus, gpuMilli }: OpenbPod): number {
  return gpus * gpuMilli;
}

/** @throws ApiError when the pods ask for so little that millions of copies would have to be drawn. */
export function checkDemand(pods: readonly OpenbPod[], clusterMilli: number): void {
  const demand = pods.reduce((sum, row) => sum + gpuMilliOf(row), 0);
  if (demand * (MAX_ARRIVALS / pods.length) >= clusterMilli * TARGET) return;
  const message = `the pods ask for too few GPUs: ${MAX_ARRIVALS} arrivals would not make 130 % of the cluster`;
  throw new ApiError('Invalid', [{ path: '', message, severity: 'error' }]);
}

/** Appends draws until one of them would pass the target; that test counts one device of the pod, as published. */
function inflate(queue: Arrival[], list: readonly OpenbPod[], demand: number, target: number, random: Random): void {
  const copies = new Map<string, number>();
  for (let total = demand; ; ) {
    const row = list[random.below(list.length)];
    if (total + row.gpuMilli > target) return;
    const copy = (copies.get(row.name) ?? 0) + 1;
    copies.set(row.name, copy);
    queue.push({ name: `${row.name}-copy-${copy}`, row });
    total += gpuMilliOf(row);
  }
}

function cut(queue: Arrival[], demand: number, target: number, random: Random): void {
  for (let total = demand; total > target; ) {
    const [removed] = queue.splice(random.below(queue.length), 1);
    total -= gpuMilliOf(removed.row);
  }
}
