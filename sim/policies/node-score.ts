/**
 * What a published policy says of one node, and the PackedPlugin made of it. Scores depend on the node's own CPU and
 * devices only, so that the engine asks for them once each time the node has changed.
 */
import { CPU, type PackedPlugin, type PodRequest, type View } from '../../core/index.ts';
import { askText, type PodShape, type PodShapes } from './pod-shape.ts';

/**
 * Integer score of row n for pods of the shape, which fit there; `cpuLeft` in milli, before the pod is placed.
 * The largest CPU and GPU capacities that the policies scale by are the authors' constants.
 */
export type NodeScore = (shape: PodShape, n: number, cpuLeft: number) => number;

export const MAX_CPU_MILLI = 128_000;
export const MAX_GPU_MILLI = 8_000;

export function scorePlugin(
  name: string,
  shapes: PodShapes,
  scoreOf: NodeScore,
  normalize?: (scores: Float64Array) => void,
): PackedPlugin<unknown, PodShape> {
  return {
    name,
    scope: 'local',
    classKey: askText,

    preScore: (pod) => shapes.ofPod(pod.pod, pod.requests[CPU]),

    score(shape: PodShape, _pod: PodRequest, { cluster }: View, feasible, scores) {
      const allocatable = cluster.columns.allocatable[CPU];
      const requested = cluster.columns.requested[CPU];
      for (let k = 0; k < feasible.length; k++) {
        const n = feasible[k];
        scores[k] = scoreOf(shape, n, allocatable[n] - requested[n]);
      }
    },

    ...(normalize ? { normalize: (_facts: PodShape, scores: Float64Array) => normalize(scores) } : {}),
  };
}

/** Stretches the scores so that the lowest becomes 0 and the highest 100; all 0 when they are equal. */
export function minMax(scores: Float64Array): void {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const score of scores) {
    if (score < low) low = score;
    if (score > high) high = score;
  }
  for (let k = 0; k < scores.length; k++) {
    scores[k] = high === low ? 0 : Math.trunc(((scores[k] - low) * 100) / (high - low));
  }
}
