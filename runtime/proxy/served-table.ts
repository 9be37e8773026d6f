/** Services with their slices → all that one node serves: addresses, how connections are handled, whom they go to. */
import {
  type EndpointSlice,
  frontendKey,
  frontendTable,
  isUnproxied,
  namespaceOf,
  type Problem,
  type Service,
} from '../../core/index.ts';
import { type Balance, balanceOf, type Fleet } from './balance.ts';
import type { ServedTable } from './changes.ts';
import { ANNOTATION_PREFIX, type PortSettings, settingsOf } from './settings.ts';

/**
 * What is wrong with an annotation is a problem, and counts as not asked for.
 * @param policy for Services whose annotations name none.
 */
export function servedTable(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  fleet: Fleet,
  policy?: string,
): { served: ServedTable; problems: Problem[] } {
  const table = frontendTable(services, slices, fleet.place);
  const problems = [...table.problems];
  const settings = new Map<string, PortSettings>();
  const balances = new Map<string, Balance>();
  const frontendsOf = Map.groupBy(table.frontends.values(), ({ service }) => service);
  for (const service of services) {
    if (isUnproxied(service)) continue;
    const asked = settingsOf(service, policy);
    const { balance, problems: unbalanced } = balanceOf(service, ANNOTATION_PREFIX, fleet);
    problems.push(...asked.problems, ...unbalanced);
    const name = `${namespaceOf(service)}/${service.metadata.name}`;
    const frontends = frontendsOf.get(name) ?? [];
    if (Object.keys(balance).length > 0) balances.set(name, balance);
    for (const frontend of frontends) settings.set(frontendKey(frontend), asked.of(frontend));
  }
  return { served: { table, settings, balances }, problems };
}
