/** Whose requests they are, and what all of a worker's share. */
import type { Agent } from 'node:http';
import type { ProxiedAddresses } from '../proxy-protocol.ts';
import type { PortSettings } from '../settings.ts';
import type { HttpConnections } from './http-connection.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Thread } from './thread.ts';

/** One connection of a client. */
export interface HttpClient {
  readonly service: number;
  /** What picks take for the client. */
  readonly client: number;
  readonly settings: PortSettings;
  readonly addresses: ProxiedAddresses;
}

/** What all exchanges of a worker share. */
export interface HttpShared {
  readonly thread: Thread;
  /** Of requests. */
  readonly connections: HttpConnections;
  /** Of upgrades. */
  readonly agent: Agent;
  readonly budget: RetryBudget;
}
