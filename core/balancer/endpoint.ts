/** One place that may answer for a Service port: what eligibility hands to policies and tables. */

export interface BackendEndpoint {
  /** An IP address in its canonical spelling. */
  readonly address: string;
  /** 1 to 65,535. */
  readonly port: number;
  readonly nodeName?: string;
  readonly zone?: string;
  /** May receive traffic; never true while terminating, unless the Service publishes what is not ready. */
  readonly ready: boolean;
  /** Ready, whether or not it is terminating. */
  readonly serving: boolean;
  readonly terminating: boolean;
  /** 1 when absent; 0 receives nothing new. */
  readonly weight?: number;
}
