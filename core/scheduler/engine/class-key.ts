/**
 * Which class a pod is of: a text that is equal for pods that every plugin of ours treats alike. Fields that no plugin
 * reads (environment, volumes without a claim, ports without a host port) are left out.
 */
import { canonicalPairs } from '../../cluster/intern.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Container, Pod, Volume } from '../../objects/types.ts';

const keys = new WeakMap<Pod, string>();

export function classKeyOf(request: PodRequest): string {
  let key = keys.get(request.pod);
  if (key === undefined) keys.set(request.pod, (key = makeKey(request)));
  return key;
}

function makeKey({ pod, namespace, requests, scoreRequests, exact, hostPorts, priority }: PodRequest): string {
  const { metadata, spec } = pod;
  const amounts = exact
    ? [exact.requests.map(String), exact.scoreRequests.map(String)]
    : [[...requests], [...scoreRequests]];
  return JSON.stringify([
    spec.schedulerName ?? '',
    namespace,
    canonicalPairs(metadata.labels),
    priority,
    amounts,
    spec.nodeName ?? '',
    spec.nodeSelector,
    spec.affinity,
    spec.tolerations,
    spec.topologySpreadConstraints,
    hostPorts,
    images(spec.initContainers),
    images(spec.containers),
    (spec.volumes ?? []).filter(isRead),
    // Ephemeral claims are named after the pod.
    (spec.volumes ?? []).some(({ ephemeral }) => ephemeral) ? metadata.name : '',
    spec.resourceClaims?.length ?? 0,
    metadata.ownerReferences?.find(({ controller }) => controller),
    [spec.hostNetwork, spec.hostUsers, restartRules(spec.containers), restartRules(spec.initContainers)],
  ]);
}

function images(containers: readonly Container[] | undefined): string[] {
  return (containers ?? []).map(({ image }) => image ?? '');
}

/** NodeDeclaredFeatures looks at them. */
function restartRules(containers: readonly Container[] | undefined): unknown[] {
  return (containers ?? []).map(({ restartPolicyRules }) => restartPolicyRules).filter((rules) => rules !== undefined);
}

/** Volumes that some plugin looks at; a volume's own name means nothing. */
function isRead(volume: Volume): boolean {
  const { persistentVolumeClaim, ephemeral, gcePersistentDisk, awsElasticBlockStore, iscsi, rbd, azureDisk, image } =
    volume;
  return Boolean(
    persistentVolumeClaim ||
      ephemeral ||
      gcePersistentDisk ||
      awsElasticBlockStore ||
      iscsi ||
      rbd ||
      azureDisk ||
      image,
  );
}
