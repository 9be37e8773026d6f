/**
 * DynamicResources. Keelson allocates no devices: a pod with resource claims is refused, and says so. Without claims the
 * plugin passes, and scores 0 everywhere, as in kube-scheduler.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/dynamicresources.
 */
import { type PackedPlugin, SKIP } from '../framework.ts';

const REFUSAL = 'pod has resource claims, which this scheduler does not allocate';

export function dynamicResources(): PackedPlugin {
  return {
    name: 'DynamicResources',
    scope: 'local',
    heedsPods: false,

    preFilter({ pod }) {
      if (!pod.spec.resourceClaims?.length) return SKIP;
      return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [REFUSAL] } };
    },

    scoresAlike: () => true,

    score: (_facts, _pod, _view, _feasible, scores) => void scores.fill(0),
  };
}
