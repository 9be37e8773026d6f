/** NodeName: a pod that names a node goes nowhere else. Source: Kubernetes v1.36, plugins/nodename. */
import { type ReferencePlugin, unresolvable } from '../plugin.ts';

export const nodeName: ReferencePlugin = {
  name: 'NodeName',

  filter(_state, node, { pod }) {
    if (!pod.spec.nodeName || pod.spec.nodeName === node.name) return undefined;
    return unresolvable("node(s) didn't match the requested node name");
  },
};
