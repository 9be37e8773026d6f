/** A pod as it stands on the node that was chosen for it. */
import type { Pod } from '../objects/types.ts';
import { withNominatedNode } from './queue/nominated-node.ts';

/** A copy with spec.nodeName and without a nomination; the pod itself when it names that node already. */
export function boundTo(pod: Pod, nodeName: string): Pod {
  if (pod.spec.nodeName === nodeName) return pod;
  const unbound = withNominatedNode(pod, undefined);
  return { ...unbound, spec: { ...unbound.spec, nodeName } };
}
