/** All rows that are attempted, by area. */
import type { Row } from '../row.ts';
import { AUTH } from './auth.ts';
import { DISCOVERY } from './discovery.ts';
import { EVENTS } from './events.ts';
import { GARBAGE } from './garbage.ts';
import { KUBECTL } from './kubectl.ts';
import { LISTS } from './lists.ts';
import { NAMESPACES } from './namespaces.ts';
import { NETWORK } from './network.ts';
import { OBJECTS } from './objects.ts';
import { PODS } from './pods.ts';
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
].sort((a, b) => (a.id < b.id ? -1 : 1));
