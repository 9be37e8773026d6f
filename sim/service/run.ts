/** One policy, one seed, from the first request to the last answer. */
import { makeRequests, type Requests } from './requests.ts';
import { resultOf, type ServiceRun } from './result.ts';
import type { Scenario, ServicePolicy } from './scenario.ts';
import { Simulation } from './simulation.ts';

/** Events between two looks of the loop: what is called often is compiled well, one long loop is not. */
const BURST = 4096;

/** @param requests of this scenario and seed, where they are made already. */
export function runService(
  scenario: Scenario,
  policy: ServicePolicy,
  seed: number,
  requests: Requests = makeRequests(scenario, seed),
): ServiceRun {
  const simulation = new Simulation(scenario, policy, seed, requests);
  while (simulation.advance(BURST));
  return resultOf(simulation);
}
