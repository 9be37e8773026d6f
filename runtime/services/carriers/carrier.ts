/** What carries connections to Services on this machine, however it does. */
import type { DataPlane } from '../../proxy/data-plane.ts';

export interface CarrierOptions {
  /** The node of this machine; '' for none. */
  nodeName: string;
  /** '0.0.0.0' is all addresses of this machine. */
  nodePortAddress: string;
  /** '10.96.0.0/12' */
  clusterRange: string;
  /** The network that the pods of this machine are in; undefined: there are none. */
  bridge: PodBridge | undefined;
  problem(error: Error): void;
}

export interface PodBridge {
  /** Its interface: 'docker0'. */
  name: string;
  /** Addresses of its pods. */
  subnets: readonly string[];
  /** The address of this machine that its pods reach. */
  gateway: string;
}

export interface Carrier {
  readonly plane: DataPlane;
  /** Whether cluster addresses are served, from this machine and its pods; else only node ports are. */
  readonly clusterAddresses: boolean;
  /** Where health check node ports are served; undefined: at all addresses. */
  readonly healthHost: string | undefined;
  /** For the user: who carries what. */
  readonly words: string;
  /** A pod has come into the bridge. */
  podJoined?(): void;
  /** Nothing new is accepted, connections have a moment to end, and what was changed on the machine is as before. */
  close(): Promise<void>;
}

/** Connections under way have so long to end. */
export const CLOSE_GRACE_MS = 500;

/** It cannot be carried so, for a reason in words. */
export class CannotCarry extends Error {
  override name = 'CannotCarry';
}
