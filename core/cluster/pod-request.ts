/** Pod → PodRequest: the flat form that columns and kernels take. Made by Cluster.request(pod), which interns names. */
import type { Pod } from '../objects/types.ts';

export interface PodRequest {
  readonly pod: Pod;
  readonly key: string;
  /** As filters count it: [resource id]; millicores, bytes, units. Rounded once per pod. Missing ids are 0. */
  readonly requests: Float64Array;
}
