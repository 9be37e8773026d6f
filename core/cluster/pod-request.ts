/** A pod in the flat form that columns and kernels take. Made by Cluster.request(pod). */
import type { Pod } from '../objects/types.ts';
import type { ExactAmounts, HostPort, PodMeasures } from './pod-measures.ts';
import type { PodTemplate } from './pod-template.ts';

/** What it measures stands in its template, which pods of one make share. */
export class PodRequest implements PodMeasures {
  readonly pod: Pod;
  readonly key: string;
  readonly template: PodTemplate;

  constructor(pod: Pod, key: string, template: PodTemplate) {
    this.pod = pod;
    this.key = key;
    this.template = template;
  }

  get namespace(): string {
    return this.template.namespace;
  }

  get priority(): number {
    return this.template.priority;
  }

  get terminating(): boolean {
    return this.template.terminating;
  }

  get requests(): Float64Array {
    return this.template.requests;
  }

  get accounted(): Float64Array {
    return this.template.accounted;
  }

  get nonZero(): Float64Array {
    return this.template.nonZero;
  }

  get scoreRequests(): Float64Array {
    return this.template.scoreRequests;
  }

  get exact(): ExactAmounts | undefined {
    return this.template.exact;
  }

  get hostPorts(): readonly HostPort[] {
    return this.template.hostPorts;
  }

  get hasVolumes(): boolean {
    return this.template.hasVolumes;
  }
}

export { exactAmountsOf, type HostPort, hostPortsOf } from './pod-measures.ts';
