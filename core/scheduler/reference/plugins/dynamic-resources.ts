/**
 * DynamicResources. Keelson does not allocate devices: a pod with resource claims is refused, and says so. Without claims
 * the plugin passes, and scores 0 everywhere as in kube-scheduler.
 * Source: Kubernetes v1.36, plugins/dynamicresources.
 */
import { type ReferencePlugin, SKIP, unresolvable } from '../plugin.ts';

export const dynamicResources: ReferencePlugin = {
  name: 'DynamicResources',

  preFilter({ pod }) {
    if (!pod.spec.resourceClaims?.length) return SKIP;
    return { refusal: unresolvable('pod has resource claims, which this scheduler does not allocate') };
  },

  score() {
    return 0;
  },
};
