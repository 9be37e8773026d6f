/** A pool thread of simulated services: the scenario comes once, with the thread; a task is one policy and one seed. */
import { workerData } from 'piscina';
import { makeRequests, type Requests } from './requests.ts';
import type { ServiceRun } from './result.ts';
import { runService } from './run.ts';
import type { Scenario, ServicePolicy } from './scenario.ts';

export interface ServiceTask {
  policy: ServicePolicy;
  seed: number;
}

/** The requests of the seed that was asked for last: tasks of one seed follow each other. */
let latest: { seed: number; requests: Requests } | undefined;

export default function run({ policy, seed }: ServiceTask): ServiceRun {
  const scenario = workerData as Scenario;
  if (latest?.seed !== seed) latest = { seed, requests: makeRequests(scenario, seed) };
  return runService(scenario, policy, seed, latest.requests);
}
