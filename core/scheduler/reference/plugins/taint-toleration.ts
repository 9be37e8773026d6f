/**
 * TaintToleration. Filter: every hard taint is tolerated. Score: the fewer untolerated PreferNoSchedule taints the better.
 * Source: Kubernetes v1.36, plugins/tainttoleration.
 */
import { isHardTaint, toleratedByAny } from '../../../objects/tolerations.ts';
import type { Toleration } from '../../../objects/types.ts';
import { defaultNormalize } from '../../framework.ts';
import { type ReferencePlugin, unresolvable } from '../plugin.ts';

export const taintToleration: ReferencePlugin<undefined, Toleration[]> = {
  name: 'TaintToleration',

  filter(_state, { node }, { pod }) {
    const hard = (node.spec?.taints ?? []).filter(isHardTaint);
    if (hard.every((taint) => toleratedByAny(pod.spec.tolerations, taint))) return undefined;
    return unresolvable('node(s) had untolerated taint(s)');
  },

  preScore({ pod }) {
    const soft = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return { state: soft };
  },

  score(tolerations, { node }) {
    const soft = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
    return soft.filter((taint) => !toleratedByAny(tolerations, taint)).length;
  },

  normalize(scores) {
    defaultNormalize(scores, true);
  },
};
