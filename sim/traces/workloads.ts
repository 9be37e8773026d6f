/**
 * Pods that controllers would make: a Deployment becomes its ReplicaSet and that one's pods, and so on. Names are
 * NAME-HASH-N, the hash drawn from the template, so that the same manifest gives the same names.
 * Source: Kubernetes v1.36, pkg/controller/{deployment,replicaset,statefulset,daemon,job,volume/ephemeral}.
 */
import type { KubeObject, Node, Pod } from '../../core/index.ts';
import { daemonPods } from './daemon-set.ts';
import { MOST_PODS, ownedBy, podName, podOf, templateHash, uidOf, type Workload } from './owned-pods.ts';

/** What one workload adds: pods, and the objects that stand between it and them. */
export interface Expansion {
  pods: Pod[];
  others: KubeObject[];
}

/** undefined for an object that makes no pods. */
export function expandWorkload(object: KubeObject, nodes: readonly Node[]): Expansion | undefined {
  const expand = EXPANDERS.get(`${object.apiVersion} ${object.kind}`);
  return expand?.(object as Workload, nodes);
}

type Expander = (workload: Workload, nodes: readonly Node[]) => Expansion;

const EXPANDERS: ReadonlyMap<string, Expander> = new Map<string, Expander>([
  ['apps/v1 Deployment', expandDeployment],
  ['apps/v1 ReplicaSet', expandReplicas],
  ['v1 ReplicationController', expandReplicas],
  ['apps/v1 StatefulSet', expandStatefulSet],
  ['apps/v1 DaemonSet', (workload, nodes) => ({ pods: daemonPods(workload, nodes), others: [] })],
  ['batch/v1 Job', expandJob],
]);

function expandDeployment(deployment: Workload): Expansion {
  const { spec } = deployment;
  const hash = { 'pod-template-hash': templateHash(spec.template) };
  const labels = { ...spec.template.metadata?.labels, ...hash };
  const replicaSet: Workload = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash['pod-template-hash']}`,
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: spec.replicas,
      selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
  replicaSet.metadata.uid = uidOf(replicaSet);
  return { pods: expandReplicas(replicaSet).pods, others: [replicaSet] };
}

function expandReplicas(owner: Workload): Expansion {
  const { template, replicas = 1 } = owner.spec;
  // The name of a Deployment's ReplicaSet ends in its hash already.
  const made = owner.metadata.ownerReferences?.some(({ controller }) => controller);
  const prefix = made ? owner.metadata.name : `${owner.metadata.name}-${templateHash(template)}`;
  return { pods: count(replicas).map((i) => podOf(owner, podName(prefix, String(i)))), others: [] };
}

function expandStatefulSet(owner: Workload): Expansion {
  const { spec, metadata } = owner;
  const start = spec.ordinals?.start ?? 0;
  const expansion: Expansion = { pods: [], others: [] };
  for (const i of count(spec.replicas ?? 1)) {
    const name = `${metadata.name}-${start + i}`;
    const pod = podOf(owner, name, {
      'apps.kubernetes.io/pod-index': String(start + i),
      'controller-revision-hash': `${metadata.name}-${templateHash(spec.template)}`,
      'statefulset.kubernetes.io/pod-name': name,
    });
    const claims = (spec.volumeClaimTemplates ?? []).map((template) => ({
      volume: template.metadata.name,
      claim: {
        ...template,
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          ...template.metadata,
          name: `${template.metadata.name}-${name}`,
          namespace: metadata.namespace,
          labels: { ...template.metadata.labels, ...spec.selector?.matchLabels },
        },
      },
    }));
    const replaced = new Set(claims.map(({ volume }) => volume));
    pod.spec.volumes = [
      ...claims.map(({ volume, claim }) => ({
        name: volume,
        persistentVolumeClaim: { claimName: claim.metadata.name },
      })),
      ...(pod.spec.volumes ?? []).filter((volume) => !replaced.has(volume.name)),
    ];
    expansion.pods.push(pod);
    expansion.others.push(...claims.map(({ claim }) => claim));
  }
  return expansion;
}

/** As many pods as may run at first; a suspended or finished Job has none. */
function expandJob(owner: Workload): Expansion {
  const { parallelism = 1, completions = parallelism, suspend, template } = owner.spec;
  const over = owner.status?.conditions?.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  if (suspend || over) return { pods: [], others: [] };
  const { name } = owner.metadata;
  const labels = { 'batch.kubernetes.io/job-name': name, 'job-name': name };
  const prefix = `${name}-${templateHash(template)}`;
  const pods = count(Math.min(parallelism, completions)).map((i) => podOf(owner, podName(prefix, String(i)), labels));
  return { pods, others: [] };
}

/** Too many are the reader's to report, and none are made. */
function count(wanted: number): number[] {
  return Array.from({ length: wanted > MOST_PODS ? 0 : Math.max(0, wanted) }, (_, i) => i);
}
