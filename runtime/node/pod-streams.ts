/**
 * What a node's container runtime does for exec, attach, port-forward and logs. The made-up runtime of simulated nodes
 * and the one over Docker Engine both have this face; the API server knows nothing else of them.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { KubeObject } from '../../core/index.ts';

export interface CommandStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  readonly tty: boolean;
  /** Aborted when the client has gone; the command then ends. */
  readonly gone: AbortSignal;
  onResize(listener: (size: { width: number; height: number }) => void): void;
}

export interface LogOptions {
  container: string;
  follow: boolean;
  previous: boolean;
  timestamps: boolean;
  /** Lines from the end; undefined for all. */
  tailLines?: number;
  /** Milliseconds since the epoch; older lines are left out. */
  sinceMs?: number;
  /** Bytes after which it ends. */
  limitBytes?: number;
}

/** Failures are thrown as errors whose message the user of kubectl reads. */
export interface PodStreams {
  /** Resolves with the exit code once all output has been written. */
  exec(pod: KubeObject, container: string, command: readonly string[], streams: CommandStreams): Promise<number>;
  /** As exec, on the container's own process. */
  attach(pod: KubeObject, container: string, streams: CommandStreams): Promise<number>;
  /** Resolves when either side has ended. */
  forward(pod: KubeObject, port: number, client: Duplex): Promise<void>;
  /**
   * Ends with the log or, when following, with the container or the signal. When following, an empty piece comes first,
   * as soon as it is open.
   */
  logs(pod: KubeObject, options: LogOptions, gone: AbortSignal): AsyncIterable<Uint8Array>;
}
