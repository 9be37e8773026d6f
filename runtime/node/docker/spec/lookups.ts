/** What of a pod's spec is found elsewhere: in the API, on the node, in the pod's own status. */
import type { V1ConfigMap, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';

export interface Lookups {
  configMap(name: string): V1ConfigMap | undefined;
  secret(name: string): V1Secret | undefined;
  /** Of the pod's namespace, and those of the API itself in `default`. */
  services(): readonly V1Service[];
  nodeName: string;
  hostIP: string;
  podIP: string;
  /** Of the node: what a container without limits may use. */
  allocatable: Readonly<Record<string, string>>;
}

/** A pod that cannot be started as it is written: shown as a waiting reason, and tried again. */
export class SpecProblem extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

export function configProblem(message: string): SpecProblem {
  return new SpecProblem('CreateContainerConfigError', message);
}

export const namespaceOf = ({ metadata }: V1Pod): string => metadata?.namespace ?? 'default';
