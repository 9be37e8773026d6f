/**
 * What stands in front of a Service's policy: ejection of endpoints that fail, probes, slow start, zones, priorities,
 * subsets. Asked for by annotations, and placed on the node that is served for, whose zone and number count.
 */
import {
  type BackendEndpoint,
  type Node,
  type NodePlace,
  namespaceOf,
  type OutlierOptions,
  type Problem,
  placeOf,
  type Service,
  type ServiceTable,
} from '../../core/index.ts';
import { choice, duration, type Reader, whole } from './annotation-values.ts';

/** Plain data, compared as text. What is absent is not done. */
export interface Balance {
  readonly outlier?: OutlierOptions;
  readonly probe?: Probe;
  readonly slowStart?: NonNullable<ServiceTable['slowStart']>;
  readonly zones?: NonNullable<ServiceTable['zones']>;
  /** The levels of endpoints, from 0: by 'zone' here, elsewhere; by 'node' here, in this zone, elsewhere. */
  readonly levels?: { readonly by: 'zone' | 'node'; readonly node: string; readonly zone: string };
  /** Percent of endpoints that must be able, or all are used; 0: never. */
  readonly panicThreshold?: number;
  readonly subset?: NonNullable<ServiceTable['subset']>;
}

export interface Probe {
  /** Connects, or asks with GET for this path: 200 to 399 is well. */
  readonly path: string | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many in a row, and the endpoint is out; one that succeeds brings it back. */
  readonly failures: number;
}

/** As annotations say it. */
interface Asked {
  ejectAfter?: number;
  ejectForSeconds?: number;
  ejectMaxPercent?: number;
  probe?: { path: string | undefined };
  probeIntervalMs?: number;
  probeTimeoutMs?: number;
  probeFailures?: number;
  slowStartMs?: number;
  slowStartPercent?: number;
  zoneClients?: 'nodes' | Readonly<Record<string, number>>;
  zoneMinEndpoints?: number;
  levelsBy?: 'zone' | 'node';
  panicThreshold?: number;
  subsetSize?: number;
}

const DEFAULT_PROBE = { intervalMs: 5_000, timeoutMs: 1_000, failures: 3 };
/** Tables of endpoints in slow start are written anew once a second. */
const MIN_SLOW_START_MS = 5_000;
const MIN_PROBE_INTERVAL_MS = 100;

/** By annotation, without its prefix. */
export const BALANCE_READERS: Readonly<Record<string, Reader<Asked>>> = {
  'eject-after': whole(1, 1000, (asked, value) => (asked.ejectAfter = value)),
  'eject-for': duration(1, (asked, ms) => (asked.ejectForSeconds = ms / 1000)),
  'eject-max-percent': whole(1, 100, (asked, value) => (asked.ejectMaxPercent = value)),
  probe: readProbe,
  'probe-interval': duration(MIN_PROBE_INTERVAL_MS, (asked, ms) => (asked.probeIntervalMs = ms)),
  'probe-timeout': duration(1, (asked, ms) => (asked.probeTimeoutMs = ms)),
  'probe-failures': whole(1, 100, (asked, value) => (asked.probeFailures = value)),
  'slow-start': duration(MIN_SLOW_START_MS, (asked, ms) => (asked.slowStartMs = ms)),
  'slow-start-percent': whole(1, 100, (asked, value) => (asked.slowStartPercent = value)),
  'zone-clients': readZoneClients,
  'zone-min-endpoints': whole(1, 65_535, (asked, value) => (asked.zoneMinEndpoints = value)),
  'priority-by': choice(['zone', 'node'], (asked, value) => (asked.levelsBy = value)),
  'panic-threshold': whole(0, 100, (asked, value) => (asked.panicThreshold = value)),
  subset: whole(1, 65_535, (asked, value) => (asked.subsetSize = value)),
};

/** Annotations that say more of another one, and mean nothing without it. */
const NEEDS: Readonly<Record<string, string>> = {
  'eject-for': 'eject-after',
  'eject-max-percent': 'eject-after',
  'probe-interval': 'probe',
  'probe-timeout': 'probe',
  'probe-failures': 'probe',
  'slow-start-percent': 'slow-start',
  'zone-min-endpoints': 'zone-clients',
};

/** Where it is balanced, and the fleet of nodes that it is one of; these are read only where a Service asks for it. */
export interface Fleet {
  readonly place: NodePlace;
  readonly nodes: readonly Node[];
}

/** @param prefix of the annotations. */
export function balanceOf(service: Service, prefix: string, fleet: Fleet): { balance: Balance; problems: Problem[] } {
  const asked: Asked = {};
  const problems: Problem[] = [];
  const given = service.metadata.annotations ?? {};
  const tell = (name: string, message: string, severity: Problem['severity'] = 'error'): void => {
    const object = `service ${namespaceOf(service)}/${service.metadata.name}`;
    problems.push({ object, path: `metadata.annotations[${prefix}${name}]`, message, severity });
  };
  for (const [name, read] of Object.entries(BALANCE_READERS)) {
    if (!Object.hasOwn(given, prefix + name)) continue;
    const wrong = read(given[prefix + name], asked);
    if (wrong !== undefined) tell(name, wrong);
    const needed = NEEDS[name];
    if (needed && !Object.hasOwn(given, prefix + needed)) tell(name, `means nothing without ${prefix}${needed}`);
  }
  return { balance: place(asked, fleet, tell), problems };
}

/** A service's table as pickers are to have it. */
export function serviceTableOf(
  { policy, affinitySeconds, balance = {} }: { policy: string; affinitySeconds: number; balance?: Balance },
  endpoints: readonly BackendEndpoint[],
): ServiceTable {
  const { slowStart, zones, levels, panicThreshold, subset } = balance;
  return {
    policy,
    endpoints,
    affinitySeconds,
    ...(slowStart && { slowStart }),
    ...(zones && { zones }),
    ...(levels && { priorityOf: levelOf(levels) }),
    ...(panicThreshold !== undefined && { priorities: { panicThreshold } }),
    ...(subset && { subset }),
  };
}

type Tell = (name: string, message: string, severity?: Problem['severity']) => void;

function place(asked: Asked, fleet: Fleet, tell: Tell): Balance {
  const { name, zone } = fleet.place;
  const { ejectAfter, ejectForSeconds, ejectMaxPercent, slowStartMs, slowStartPercent, levelsBy, panicThreshold } =
    asked;
  if (zone === undefined && asked.zoneClients !== undefined) tell('zone-clients', UNPLACED_ZONE, 'warning');
  if (zone === undefined && levelsBy === 'zone') tell('priority-by', UNPLACED_ZONE, 'warning');
  if (name === '' && levelsBy === 'node') tell('priority-by', UNPLACED, 'warning');
  const zones = zone === undefined ? undefined : zonesOf(asked, zone, fleet);
  const subset = asked.subsetSize === undefined ? undefined : subsetOf(asked.subsetSize, name, fleet, tell);
  return {
    ...(ejectAfter !== undefined && {
      outlier: {
        consecutiveFailures: ejectAfter,
        ...(ejectForSeconds !== undefined && {
          baseEjectionSeconds: ejectForSeconds,
          maxEjectionSeconds: Math.max(300, ejectForSeconds),
          intervalSeconds: Math.min(10, ejectForSeconds),
        }),
        ...(ejectMaxPercent !== undefined && { maxEjectedPercent: ejectMaxPercent }),
      },
    }),
    ...(asked.probe && {
      probe: {
        path: asked.probe.path,
        intervalMs: asked.probeIntervalMs ?? DEFAULT_PROBE.intervalMs,
        timeoutMs: asked.probeTimeoutMs ?? DEFAULT_PROBE.timeoutMs,
        failures: asked.probeFailures ?? DEFAULT_PROBE.failures,
      },
    }),
    ...(slowStartMs !== undefined && {
      slowStart: {
        windowSeconds: slowStartMs / 1000,
        ...(slowStartPercent !== undefined && { minWeight: slowStartPercent / 100 }),
      },
    }),
    ...(zones && { zones }),
    ...(levelsBy && { levels: { by: levelsBy, node: name, zone: zone ?? '' } }),
    ...(panicThreshold !== undefined && { panicThreshold }),
    ...(subset && { subset }),
  };
}

const UNPLACED_ZONE = 'the node that is served for has no zone in this file, so zones are not looked at';
const UNPLACED = 'no node is named that is served for, so none is near';

function zonesOf({ zoneClients, zoneMinEndpoints }: Asked, local: string, fleet: Fleet): Balance['zones'] | undefined {
  if (zoneClients === undefined) return undefined;
  const clients = zoneClients === 'nodes' ? nodesByZone(fleet.nodes) : zoneClients;
  return { local, clients, ...(zoneMinEndpoints !== undefined && { minEndpoints: zoneMinEndpoints }) };
}

function nodesByZone(nodes: readonly Node[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { zone } of nodes.map(placeOf)) if (zone !== undefined) counts[zone] = (counts[zone] ?? 0) + 1;
  return counts;
}

/** Nodes have numbers by name, so that all of a fleet agree on them. */
function subsetOf(size: number, name: string, fleet: Fleet, tell: Tell): Balance['subset'] | undefined {
  const client = fleet.nodes
    .map(({ metadata }) => metadata.name)
    .sort()
    .indexOf(name);
  if (client >= 0) return { client, size };
  tell(
    'subset',
    'the node that is served for is not in this file, so it has no number, and uses all endpoints',
    'warning',
  );
  return undefined;
}

function levelOf({ by, node, zone }: NonNullable<Balance['levels']>): (endpoint: BackendEndpoint) => number {
  const near = (endpoint: BackendEndpoint): boolean => zone !== '' && endpoint.zone === zone;
  if (by === 'zone') return (endpoint) => (near(endpoint) ? 0 : 1);
  return (endpoint) => (node !== '' && endpoint.nodeName === node ? 0 : near(endpoint) ? 1 : 2);
}

/** 'tcp', or the path that is asked for. */
function readProbe(text: string, asked: Asked): string | undefined {
  if (text === 'tcp') asked.probe = { path: undefined };
  else if (/^\/[\x21-\x7e]*$/.test(text)) asked.probe = { path: text };
  else return `'${text}' is neither tcp nor a path as /healthz`;
  return undefined;
}

/** 'nodes', or 'a=3,b=1'. */
function readZoneClients(text: string, asked: Asked): string | undefined {
  if (text === 'nodes') {
    asked.zoneClients = 'nodes';
    return undefined;
  }
  const clients: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [, zone, count] = /^\s*([^=\s]+)=(\d{1,9})\s*$/.exec(part) ?? [];
    if (zone === undefined) return `'${text}' is neither nodes nor clients by zone as a=3,b=1`;
    if (Object.hasOwn(clients, zone)) return `zone '${zone}' is there twice`;
    clients[zone] = Number(count);
  }
  asked.zoneClients = clients;
  return undefined;
}
