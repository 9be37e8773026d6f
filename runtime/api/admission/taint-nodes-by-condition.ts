/** A new node takes no pods until it says that it is ready. Source: Kubernetes v1.36, plugin/pkg/admission/nodetaint/admission.go. */
import type { Node, Taint } from '../../../core/index.ts';
import type { AdmissionPlugin } from './admission.ts';

const NOT_READY: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate({ operation, kind, subresource, object }) {
    const node = object as Node;
    if (operation !== 'CREATE' || kind.group !== '' || kind.plural !== 'nodes' || subresource !== '') return node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return node;
    const tainted: Node = { ...node, spec: { ...node.spec, taints: [...taints, { ...NOT_READY }] } };
    return tainted;
  },
};
