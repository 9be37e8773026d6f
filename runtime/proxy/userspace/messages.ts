/** What the main thread and its workers say to each other. Every message has a number and is answered by it. */
import type { Cidr, SharedTables } from '../../../core/index.ts';
import type { PortSettings } from '../settings.ts';

/** One address that every worker listens on. */
export interface ListenerSpec {
  /** 'FRONTEND@HOST:PORT', the port as it was asked for. */
  readonly id: string;
  /** frontendKey */
  readonly frontend: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Numbers for picks, by where the client is; NO_SERVICE turns it away. */
  readonly fromNode: number;
  readonly fromOutside: number;
  /** Clients outside all of them are turned away; none: all may come. */
  readonly sourceRanges: readonly Cidr[];
  /** Picks look at the client: it is to stay with its endpoint. */
  readonly affinity: boolean;
  readonly settings: PortSettings;
}

export const NO_SERVICE = -1;

/** Given to a worker when it starts. */
export interface WorkerStart {
  readonly shared: SharedTables;
  /** Its place in the tables, and its row of counters. */
  readonly place: number;
  readonly seed: number;
  readonly counters: SharedArrayBuffer;
  /** Over all workers. */
  readonly maxConnections: number;
  readonly maxSessions: number;
  /** HTTP: for the head of a request to arrive. */
  readonly headerTimeoutMs: number;
  /** Several threads may listen on one address. */
  readonly reusePort: boolean;
}

export type Order =
  /** Those there already take the new settings for what comes next; what goes on is left alone. */
  | { readonly type: 'listen'; readonly set: readonly ListenerSpec[]; readonly close: readonly string[] }
  /** Say that nothing of old tables is held any more; UDP sessions with these endpoints end. */
  | { readonly type: 'pass'; readonly cut: readonly number[] }
  /** Close every listener and answer when the last connection has ended. */
  | { readonly type: 'stop' };

export interface Call {
  readonly call: number;
  readonly order: Order;
}

export interface Reply {
  readonly call: number;
  readonly failures: readonly ListenFailure[];
}

export interface ListenFailure {
  readonly id: string;
  readonly message: string;
}
