/** What all runs of a trace share, made once per thread: nothing in it depends on policy or seed, and no run writes to it. */
import type { Node } from '../../core/index.ts';
import { typicalPods } from '../policies/frag.ts';
import { Standings } from '../policies/fragmentation.ts';
import { modelNamesOf } from '../policies/gpu-devices.ts';
import { PodShapes } from '../policies/pod-shape.ts';
import { type OpenbPod, type OpenbTrace, PodMaker, toNode } from '../traces/openb.ts';
import { sortedByName } from './arrivals.ts';

export interface PreparedTrace {
  /** In the order of the trace. */
  nodes: readonly Node[];
  /** The pods, sorted by name. */
  pods: readonly OpenbPod[];
  maker: PodMaker;
  shapes: PodShapes;
  standings: Standings;
}

const prepared = new WeakMap<OpenbTrace, PreparedTrace>();

/** The trace must not change any more. */
export function prepare(trace: OpenbTrace): PreparedTrace {
  let found = prepared.get(trace);
  if (!found) {
    const nodes = trace.nodes.map(toNode);
    const shapes = new PodShapes(modelNamesOf(nodes));
    const standings = new Standings(typicalPods(trace.pods, shapes));
    found = { nodes, pods: sortedByName(trace.pods), maker: new PodMaker(), shapes, standings };
    prepared.set(trace, found);
  }
  return found;
}
