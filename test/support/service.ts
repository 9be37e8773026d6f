/** Small services for tests of the simulator. */
import type { Scenario, ServicePolicy, ServiceTime } from '../../sim/service/scenario.ts';

export interface ServiceShape {
  requests: number;
  /** Of what the servers can do. */
  load: number;
  work: ServiceTime;
}

export const MEAN_US = 10_000;
export const EXPONENTIAL: ServiceTime = { kind: 'exp', meanUs: MEAN_US, shape: 0 };
export const HEAVY: ServiceTime = { kind: 'lognormal', meanUs: MEAN_US, shape: 1.5 };

/** Ten servers of speed 1, one request at a time, one balancer, nothing that happens. */
export function scenarioOf({ requests, load, work }: ServiceShape, changes: Partial<Scenario> = {}): Scenario {
  const scenario: Scenario = {
    arrivals: { kind: 'synthetic', requests, rate: 1, work },
    servers: 10,
    concurrency: 1,
    speeds: [1],
    weighted: false,
    balancers: 1,
    clients: 1000,
    attempts: 3,
    events: [],
    ...changes,
  };
  const { servers, concurrency, speeds } = scenario;
  let capacity = 0;
  for (let server = 0; server < servers; server++) capacity += concurrency * speeds[server % speeds.length];
  return { ...scenario, arrivals: { kind: 'synthetic', requests, rate: (1e6 * load * capacity) / work.meanUs, work } };
}

export function policyOf(name: string, parameters: Record<string, number> = {}): ServicePolicy {
  return { label: name, name, parameters };
}
