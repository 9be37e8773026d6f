/**
 * What exec and attach speak, whatever carries it: up to five channels and a Status at the end. ws-command.ts and
 * spdy-command.ts bring it over the wire. Source: Kubernetes v1.36, apimachinery/pkg/util/remotecommand.
 */
import type { Readable, Writable } from 'node:stream';
import type { Status } from '../http/status.ts';

export interface TerminalSize {
  width: number;
  height: number;
}

/** Which channels the client asked for. */
export interface CommandChannels {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export interface RemoteCommand {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  /** Absent with a terminal, which has one screen for both. */
  readonly stderr?: Writable;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  onResize(listener: (size: TerminalSize) => void): void;
  /** Sends the Status behind all output and ends the connection. */
  finish(status: Status): Promise<void>;
}

/** '{"Width":100,"Height":30}', or undefined for anything else. */
export function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text);
    return Number.isInteger(width) && Number.isInteger(height) ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

/** How a command ended, as kubectl reads it: an exit code other than 0 becomes its own. */
export function exitStatus(code: number): Status {
  if (code === 0) return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 200 };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    code: 500,
  };
}
