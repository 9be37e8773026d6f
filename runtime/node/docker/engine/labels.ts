/** Names and labels of the engine's containers, as kubelets on Docker wrote them: what is adopted is known by them alone. */
import type { V1Pod } from '@kubernetes/client-node';

export const UID_LABEL = 'io.kubernetes.pod.uid';
export const POD_LABEL = 'io.kubernetes.pod.name';
export const NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const CONTAINER_LABEL = 'io.kubernetes.container.name';
export const ATTEMPT_LABEL = 'io.kubernetes.container.restartCount';
export const SANDBOX_LABEL = 'io.kubernetes.sandbox.id';
export const MESSAGE_FILE_LABEL = 'io.kubernetes.container.terminationMessageFile';
/** Whose containers they are: two clusters on one engine leave each other's alone. */
export const OWNER_LABEL = 'keelson.dev/owner';

export interface ContainerPlace {
  owner: string;
  container: string;
  attempt: number;
  /** '' for a sandbox, whose id is not known yet. */
  sandbox: string;
  messageFile: string;
}

export function containerName({ metadata }: V1Pod, container: string, attempt: number): string {
  return `k8s_${container}_${metadata?.name}_${metadata?.namespace}_${metadata?.uid}_${attempt}`;
}

export function containerLabels({ metadata }: V1Pod, place: ContainerPlace): Record<string, string> {
  return {
    [OWNER_LABEL]: place.owner,
    [UID_LABEL]: metadata?.uid ?? '',
    [POD_LABEL]: metadata?.name ?? '',
    [NAMESPACE_LABEL]: metadata?.namespace ?? '',
    [CONTAINER_LABEL]: place.container,
    [ATTEMPT_LABEL]: String(place.attempt),
    ...(place.sandbox && { [SANDBOX_LABEL]: place.sandbox }),
    ...(place.messageFile && { [MESSAGE_FILE_LABEL]: place.messageFile }),
  };
}
