/**
 * A DaemonSet's pods: one for each node that may run it, tied to it by its name, and tolerating what may befall a node.
 * Source: Kubernetes v1.36, pkg/controller/daemon/{daemon_controller,util/daemonset_util}.go.
 */
import {
  compileNodeSelector,
  isHardTaint,
  type Node,
  nodeTermMatches,
  type Pod,
  type PodSpec,
  type Toleration,
  toleratedByAny,
} from '../../core/index.ts';
import { podName, podOf, templateHash, type Workload } from './owned-pods.ts';

export function daemonPods(owner: Workload, nodes: readonly Node[]): Pod[] {
  const { template } = owner.spec;
  const spec: PodSpec = { ...template.spec, tolerations: withDaemonTolerations(template.spec) };
  const prefix = `${owner.metadata.name}-${templateHash(template)}`;
  return nodes
    .filter((node) => mayRunOn(spec, node))
    .map((node, i) => {
      const pod = podOf(owner, podName(prefix, String(i)));
      pod.spec = { ...spec, affinity: { ...spec.affinity, nodeAffinity: tiedTo(node.metadata.name, spec) } };
      return pod;
    });
}

const ALWAYS_TOLERATED: readonly [string, string][] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
];

function withDaemonTolerations(spec: PodSpec): Toleration[] {
  const wanted = [...ALWAYS_TOLERATED];
  if (spec.hostNetwork) wanted.push(['node.kubernetes.io/network-unavailable', 'NoSchedule']);
  return [...(spec.tolerations ?? []), ...wanted.map(([key, effect]) => ({ key, operator: 'Exists', effect }))];
}

/** The controller asks for the node's name, the node selector, required affinity and taints, and nothing else. */
function mayRunOn(spec: PodSpec, { metadata, spec: nodeSpec }: Node): boolean {
  const { name, labels } = metadata;
  if (spec.nodeName && spec.nodeName !== name) return false;
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) if (labels?.[key] !== value) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required && !compileNodeSelector(required).some((term) => nodeTermMatches(term, labels, name))) return false;
  return (nodeSpec?.taints ?? []).every((taint) => !isHardTaint(taint) || toleratedByAny(spec.tolerations, taint));
}

/** What was required of nodes has been asked already, and is replaced; what was preferred stays. */
function tiedTo(nodeName: string, spec: PodSpec): NonNullable<PodSpec['affinity']>['nodeAffinity'] {
  const byName = { key: 'metadata.name', operator: 'In', values: [nodeName] };
  return {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [byName] }] },
  };
}
