/** NodePorts: host ports the pod wants are free. Source: Kubernetes v1.36, plugins/nodeports. */
import { type HostPort, hostPortsOf } from '../../../cluster/pod-request.ts';
import { type ReferencePlugin, SKIP, unschedulable } from '../plugin.ts';

export const nodePorts: ReferencePlugin<HostPort[]> = {
  name: 'NodePorts',

  preFilter({ pod }) {
    const wanted = hostPortsOf(pod);
    return wanted.length > 0 ? { state: wanted } : SKIP;
  },

  filter(wanted, node) {
    if (!wanted.some((port) => node.portIsTaken(port))) return undefined;
    return unschedulable("node(s) didn't have free ports for the requested pod ports");
  },
};
