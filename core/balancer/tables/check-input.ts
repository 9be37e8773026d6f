/** Whether a service's table can be written: every problem at once, with its path. */
import type { Problem } from '../../errors.ts';
import type { ServiceTable } from '../pick/arrange.ts';
import { POLICIES, policyCode } from '../policies/registry.ts';
import { writeAddress } from './address.ts';

/** As many as a Maglev table can name. */
export const MAX_SERVICE_ENDPOINTS = 65_535;
const MAX_AFFINITY_SECONDS = 86_400;

const scratch = new Int32Array(4);

/** @param keys of the endpoints, in their order. @param isKnown whether an endpoint of this key was checked before. */
export function checkServiceTable(
  name: string,
  table: ServiceTable,
  keys: readonly string[],
  isKnown: (key: string) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  const wrong = (path: string, message: string): void => {
    problems.push({ object: `service ${name}`, path, message, severity: 'error' });
  };
  checkPolicy(table, wrong);
  const { affinitySeconds: affinity = 0, slowStart, subset, endpoints } = table;
  if (!(Number.isInteger(affinity) && affinity >= 0 && affinity <= MAX_AFFINITY_SECONDS)) {
    wrong('affinitySeconds', `${affinity} is not a whole number from 1 to ${MAX_AFFINITY_SECONDS}`);
  }
  if (
    slowStart &&
    !(slowStart.windowSeconds > 0 && (slowStart.aggression ?? 1) > 0 && inUnit(slowStart.minWeight ?? 0))
  ) {
    wrong('slowStart', 'windowSeconds and aggression are above 0, minWeight is from 0 to 1');
  }
  if (
    subset &&
    !(Number.isInteger(subset.size) && subset.size > 0 && Number.isInteger(subset.client) && subset.client >= 0)
  ) {
    wrong('subset', 'size is a whole number from 1 on, client one from 0 on');
  }
  if (endpoints.length > MAX_SERVICE_ENDPOINTS) {
    wrong('endpoints', `${endpoints.length} endpoints; a service has at most ${MAX_SERVICE_ENDPOINTS}`);
  }
  checkEndpoints(table, keys, isKnown, wrong);
  return problems;
}

function checkPolicy({ policy, parameters = {} }: ServiceTable, wrong: (path: string, message: string) => void): void {
  const found = POLICIES[policyCode(policy)];
  if (found === undefined) {
    wrong('policy', `'${policy}' is none of ${POLICIES.map(({ name }) => name).join(', ')}`);
    return;
  }
  for (const [name, value] of Object.entries(parameters)) {
    const parameter = found.parameters.find((each) => each.name === name);
    if (parameter === undefined) wrong(`parameters.${name}`, `${policy} has no such parameter`);
    else if (!(value >= parameter.min && value <= parameter.max)) {
      wrong(`parameters.${name}`, `${value} is not from ${parameter.min} to ${parameter.max}`);
    }
  }
}

function checkEndpoints(
  { endpoints, priorityOf }: ServiceTable,
  keys: readonly string[],
  isKnown: (key: string) => boolean,
  wrong: (path: string, message: string) => void,
): void {
  const seen = new Set<string>();
  endpoints.forEach((endpoint, i) => {
    const { address, port, weight = 1 } = endpoint;
    const key = keys[i];
    if (seen.has(key)) wrong(`endpoints[${i}]`, `${key} is there twice`);
    seen.add(key);
    if (!(weight >= 0 && weight <= 1e6)) wrong(`endpoints[${i}].weight`, `${weight} is not from 0 to 1000000`);
    const priority = priorityOf?.(endpoint) ?? 0;
    if (!(Number.isInteger(priority) && priority >= 0 && priority <= 127)) {
      wrong(`endpoints[${i}]`, `priority ${priority} is not a whole number from 0 to 127`);
    }
    // A key is address and port: who is known has been found good.
    if (isKnown(key)) return;
    if (!writeAddress(address, scratch, 0)) wrong(`endpoints[${i}].address`, `'${address}' is no IP address`);
    if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
      wrong(`endpoints[${i}].port`, `${port} is not from 1 to 65535`);
    }
  });
}

function inUnit(value: number): boolean {
  return value >= 0 && value <= 1;
}
