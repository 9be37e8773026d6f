/**
 * What carries a node's connections to endpoints: told of changes, it acknowledges once nobody goes by the old table any
 * more. The userspace one (userspace/plane.ts) needs no privilege; whoever decides what is served knows only this face.
 */
import type { BackendEndpoint, Frontend } from '../../core/index.ts';
import type { Balance } from './balance.ts';
import type { PortSettings } from './settings.ts';

export interface DataPlane {
  /**
   * Serves by the tables with these changes. Resolves once every worker picks by them: from then on no endpoint that was
   * taken out gets anything new. Calls need not wait for each other.
   * @param version greater than that of the call before.
   * @throws ApiError with every problem (an address in use, a limit); what it names stays as it was, the rest is changed.
   */
  apply(version: number, changes: TableChanges): Promise<void>;
  /**
   * Takes the endpoint out of all its services until a change no longer names it there. Resolves when no worker picks it
   * and its work has ended, or the deadline has passed; what is still there then goes on.
   */
  drain(endpoint: EndpointAddress, deadlineMs: number): Promise<DrainResult>;
  stats(): PlaneStats;
  /** Where the present has to be asked for: `stats` tells of it from then on. */
  sample?(): Promise<void>;
  health(): PlaneHealth;
  /** Accepts nothing any more, and ends once all work has, or the time is over. */
  close(graceMs: number): Promise<void>;
}

export type EndpointAddress = Pick<BackendEndpoint, 'address' | 'port'>;

/** From one table to the next; the first is all of it. */
export interface TableChanges {
  /** New, or other than before. */
  readonly frontends: readonly ServedFrontend[];
  /** By frontendKey. */
  readonly frontendsGone: readonly string[];
  /** New, or other than before. */
  readonly backends: readonly ServedBackends[];
  /** By backendsName. */
  readonly backendsGone: readonly string[];
}

/** One address of a Service port, and how its connections are handled. */
export interface ServedFrontend {
  readonly frontend: Frontend;
  readonly settings: PortSettings;
}

/** Whom a Service port is balanced over. */
export interface ServedBackends {
  /** backendsName of the frontends that lead here. */
  readonly name: string;
  readonly protocol: string;
  readonly endpoints: readonly BackendEndpoint[];
  readonly policy: string;
  /** Seconds a client stays with its endpoint; 0: not at all. */
  readonly affinitySeconds: number;
  /** What stands in front of the policy. */
  readonly balance?: Balance;
}

export interface DrainResult {
  /** False: the deadline passed first. */
  readonly ended: boolean;
  /** Connections, requests and sessions still there. */
  readonly inFlight: number;
}

/** Counts since the start, over all workers, also those that were lost; `active…` are now. */
export interface PlaneStats {
  readonly version: number;
  readonly activeConnections: number;
  readonly activeSessions: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly services: readonly { readonly name: string; readonly endpoints: readonly EndpointStats[] }[];
}

export interface EndpointStats extends EndpointAddress {
  readonly inFlight: number;
  /** It is kept out for now. */
  readonly ejected?: true;
}

export interface PlaneHealth {
  /** All workers run and all addresses are served. */
  readonly healthy: boolean;
  /** The last version that every worker picks by. */
  readonly version: number;
  readonly workers: number;
  readonly wantedWorkers: number;
  /** What is wrong, in words. */
  readonly problems: readonly string[];
}
