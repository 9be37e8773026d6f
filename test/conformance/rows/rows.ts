/** All rows that are attempted, by area: those for which made-up nodes do, and those that need containers. */
import type { Row } from '../row.ts';
import { AUTH } from './auth.ts';
import { ENVIRONMENT } from './containers/environment.ts';
import { LIFECYCLE } from './containers/lifecycle.ts';
import { POD_NETWORK } from './containers/network.ts';
import { PROBES } from './containers/probes.ts';
import { SECURITY } from './containers/security.ts';
import { SERVICE_NETWORK } from './containers/services.ts';
import { STATUSES } from './containers/statuses.ts';
import { STREAMS } from './containers/streams.ts';
import { VOLUMES } from './containers/volumes.ts';
import { DISCOVERY } from './discovery.ts';
import { DISRUPTION } from './disruption.ts';
import { ENDPOINTS } from './endpoints.ts';
import { EVENTS } from './events.ts';
import { GARBAGE } from './garbage.ts';
import { JOBS } from './jobs.ts';
import { KUBECTL } from './kubectl.ts';
import { KUBECTL_WITH_CONTROLLERS } from './kubectl-controllers.ts';
import { LISTS } from './lists.ts';
import { NAMESPACES } from './namespaces.ts';
import { NETWORK } from './network.ts';
import { OBJECTS } from './objects.ts';
import { PODS } from './pods.ts';
import { QUOTAS } from './quota.ts';
import { REPLICAS } from './replicas.ts';
import { SCHEDULING } from './scheduling.ts';
import { STORAGE } from './storage.ts';
import { WATCH } from './watch.ts';
import { WORKLOADS } from './workloads.ts';

export const ROWS: readonly Row[] = [
  ...DISCOVERY,
  ...LISTS,
  ...WATCH,
  ...NAMESPACES,
  ...WORKLOADS,
  ...AUTH,
  ...EVENTS,
  ...NETWORK,
  ...OBJECTS,
  ...PODS,
  ...STORAGE,
  ...KUBECTL,
  ...REPLICAS,
  ...GARBAGE,
  ...SCHEDULING,
  ...QUOTAS,
  ...JOBS,
  ...ENDPOINTS,
  ...DISRUPTION,
  ...KUBECTL_WITH_CONTROLLERS,
].sort(byId);

export const CONTAINER_ROWS: readonly Row[] = [
  ...ENVIRONMENT,
  ...VOLUMES,
  ...PROBES,
  ...LIFECYCLE,
  ...STATUSES,
  ...SECURITY,
  ...POD_NETWORK,
  ...SERVICE_NETWORK,
  ...STREAMS,
].sort(byId);

function byId(a: Row, b: Row): number {
  return a.id < b.id ? -1 : 1;
}
