/** What the node agent asks of a container engine. docker-engine.ts answers it over dockerode, tests by a made-up one. */
import type { Readable } from 'node:stream';
import type { CommandStreams, LogOptions } from '../../pod-streams.ts';

/** As POST /containers/create of the engine takes it, spelled as there. */
export interface CreateOptions {
  name: string;
  Image: string;
  Labels: Record<string, string>;
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  WorkingDir?: string;
  User?: string;
  Hostname?: string;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  Healthcheck?: { Test: string[] };
  StopSignal?: string;
  ExposedPorts?: Record<string, object>;
  HostConfig: HostOptions;
}

export interface HostOptions {
  NetworkMode: string;
  IpcMode: string;
  PidMode?: string;
  PortBindings?: Record<string, { HostIp?: string; HostPort: string }[]>;
  /** 'SOURCE:TARGET:ro' */
  Binds?: string[];
  Mounts?: { Type: 'volume'; Source: string; Target: string }[];
  Dns?: string[];
  DnsSearch?: string[];
  DnsOptions?: string[];
  Sysctls?: Record<string, string>;
  GroupAdd?: string[];
  Privileged?: boolean;
  ReadonlyRootfs?: boolean;
  CapAdd?: string[];
  CapDrop?: string[];
  SecurityOpt?: string[];
  CpuShares?: number;
  CpuPeriod?: number;
  CpuQuota?: number;
  /** Bytes; the second with swap. */
  Memory?: number;
  MemorySwap?: number;
  OomScoreAdj?: number;
  LogConfig?: { Type: string; Config: Record<string, string> };
  RestartPolicy?: { Name: string };
}

/** The container whose namespaces a pod's containers share has this name. */
export const SANDBOX = 'POD';

/** A container of a pod as the engine sees it. */
export interface Observed {
  id: string;
  podUid: string;
  podName: string;
  podNamespace: string;
  /** Of the pod's spec, or SANDBOX. */
  container: string;
  /** 0 for the first of that name in the pod, and so on. */
  attempt: number;
  /** Id of the sandbox it was made for; its own for a sandbox. */
  sandbox: string;
  image: string;
  imageId: string;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  oomKilled: boolean;
  /** Why it could not be started; '' for one that could. */
  error: string;
  /** Milliseconds since the epoch; 0 when it has not been. */
  startedMs: number;
  finishedMs: number;
  /** On the engine's bridge; '' without one. */
  ip: string;
  /** File of this machine that its termination message is in; '' without one. */
  messageFile: string;
}

export interface ImageFacts {
  id: string;
  /** 'name@sha256:…' where it came from a registry. */
  digest: string;
  sizeBytes: number;
  /** As USER of its Dockerfile; '' is root. */
  user: string;
}

export interface RegistryLogin {
  username: string;
  password: string;
  serveraddress: string;
}

export interface EngineFacts {
  version: string;
  kernelVersion: string;
  osImage: string;
  cpus: number;
  memoryBytes: number;
  architecture: string;
  rootDir: string;
}

export interface MemoryVolume {
  /** No limit without it. */
  sizeBytes?: number;
  /** Owns the files in it; everybody may write. */
  group?: number;
}

export type EngineLogOptions = Pick<LogOptions, 'follow' | 'tailLines' | 'sinceMs' | 'timestamps'>;

/** The engine does not answer: everything that is asked of it fails so until it is back. */
export class EngineGone extends Error {}

export interface Engine {
  facts(): Promise<EngineFacts>;
  /** Containers made with these labels, all of them. */
  containers(labels: readonly string[]): Promise<Observed[]>;
  image(name: string): Promise<ImageFacts | undefined>;
  pull(name: string, login?: RegistryLogin): Promise<void>;
  /** @param archive a tar of the whole root file system. */
  importImage(archive: NodeJS.ReadableStream, name: string, changes: readonly string[]): Promise<void>;
  create(options: CreateOptions): Promise<string>;
  start(id: string): Promise<void>;
  /** SIGTERM, and SIGKILL when it has not ended in time. Nothing for one that has gone. */
  stop(id: string, graceSeconds: number): Promise<void>;
  /** At once; nothing for one that has ended or gone. */
  kill(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** A file system in memory, which lives while a container that mounts it does. */
  createMemoryVolume(name: string, options: MemoryVolume, labels: Record<string, string>): Promise<void>;
  /** All that were made with this label. */
  removeVolumes(label: string): Promise<void>;
  /** Plain bytes, the engine's frames taken off. */
  logs(id: string, options: EngineLogOptions, gone: AbortSignal): Promise<Readable>;
  exec(id: string, command: readonly string[], streams: CommandStreams): Promise<number>;
  attach(id: string, streams: CommandStreams): Promise<number>;
  /** Tells whose pod a container changed, until it is stopped or the engine has gone. */
  follow(label: string, changed: (podUid: string) => void, lost: (error: Error) => void): Promise<{ stop(): void }>;
}
