/** A cut of the built-in OpenB table: every 20th node and pod, so that a run takes milliseconds. */
import type { OpenbTrace } from '../../sim/traces/openb.ts';
import { openbTrace } from '../../sim/traces/openb-shapes.ts';

export function smallTrace(every = 20): OpenbTrace {
  const { nodes, pods } = openbTrace();
  return { nodes: nodes.filter((_, i) => i % every === 0), pods: pods.filter((_, i) => i % every === 0) };
}
