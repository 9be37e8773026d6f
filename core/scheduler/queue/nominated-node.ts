/** A pod's nominated node in its status, where the scheduling cycle reads it. */
import type { Pod } from '../../objects/types.ts';

/** The same pod with status.nominatedNodeName set or, given none, taken away. */
export function withNominatedNode(pod: Pod, nodeName: string | undefined): Pod {
  if ((pod.status?.nominatedNodeName || undefined) === nodeName) return pod;
  return { ...pod, status: { ...pod.status, nominatedNodeName: nodeName } };
}
