/** NodeUnschedulable: cordoned nodes take only pods that tolerate it. Source: Kubernetes v1.36, plugins/nodeunschedulable. */
import { toleratedByAny } from '../../../objects/tolerations.ts';
import { type ReferencePlugin, unresolvable } from '../plugin.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: ReferencePlugin = {
  name: 'NodeUnschedulable',

  filter(_state, { node }, { pod }) {
    if (!node.spec?.unschedulable || toleratedByAny(pod.spec.tolerations, CORDONED)) return undefined;
    return unresolvable('node(s) were unschedulable');
  },
};
