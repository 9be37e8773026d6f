/** Docker Engine through its API: the only file that speaks to dockerode. */
import { type Duplex, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import Docker, { type ContainerInspectInfo } from 'dockerode';
import { formatIp, parseCidr } from '../../../../core/index.ts';
import type { CommandStreams } from '../../pod-streams.ts';
import { FrameReader, passOutput } from './demux.ts';
import {
  type CreateOptions,
  type Engine,
  type EngineFacts,
  EngineGone,
  type EngineLogOptions,
  type ImageFacts,
  type MemoryVolume,
  type Observed,
  type RegistryLogin,
  SANDBOX,
} from './engine.ts';
import {
  ATTEMPT_LABEL,
  CONTAINER_LABEL,
  MESSAGE_FILE_LABEL,
  NAMESPACE_LABEL,
  POD_LABEL,
  SANDBOX_LABEL,
  UID_LABEL,
} from './labels.ts';
import { StartFailure } from './start-failure.ts';

/** Exit code of a container whose command could not be started, as containerd reports it. */
const START_ERROR = 128;
/** Exit code of a command whose client has gone. */
const KILLED = 137;
const EXIT_POLL_MS = 10;
const GONE_CODES = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EACCES']);

/** @param host 'unix:///var/run/docker.sock', 'tcp://HOST:PORT' or a path. */
export function dockerAt(host: string): Docker {
  if (!/^[a-z]+:\/\//.test(host)) return new Docker({ socketPath: host });
  const url = new URL(host);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname });
  return new Docker({ protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.hostname, port: url.port });
}

export class DockerEngine implements Engine {
  readonly #docker: Docker;

  constructor(host: string) {
    this.#docker = dockerAt(host);
  }

  async facts(): Promise<EngineFacts> {
    const info = await asked(this.#docker.info());
    return {
      version: info.ServerVersion,
      kernelVersion: info.KernelVersion,
      osImage: info.OperatingSystem,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      architecture: info.Architecture,
      rootDir: info.DockerRootDir,
    };
  }

  /** Its network for containers that name none; undefined: it has none. */
  async bridge(): Promise<{ name: string; subnets: string[]; gateway: string } | undefined> {
    const info = await missingAs(undefined, this.#docker.getNetwork('bridge').inspect());
    if (!info) return undefined;
    const ranges: { Subnet?: string; Gateway?: string }[] = info.IPAM?.Config ?? [];
    const name: string = info.Options?.['com.docker.network.bridge.name'] ?? 'docker0';
    const subnets = ranges.flatMap(({ Subnet }) => Subnet ?? []);
    const gateway = ranges.flatMap(({ Gateway }) => Gateway ?? [])[0] ?? subnets.flatMap(firstAddress)[0];
    return gateway === undefined ? undefined : { name, subnets, gateway };
  }

  async containers(labels: readonly string[]): Promise<Observed[]> {
    const listed = await asked(this.#docker.listContainers({ all: true, filters: { label: [...labels] } }));
    const found = await Promise.all(
      listed.map(({ Id }) => missingAs(undefined, this.#docker.getContainer(Id).inspect())),
    );
    return found.filter((info) => info !== undefined).map(observedOf);
  }

  async image(name: string): Promise<ImageFacts | undefined> {
    const info = await missingAs(undefined, this.#docker.getImage(name).inspect());
    if (!info) return undefined;
    return { id: info.Id, digest: info.RepoDigests?.[0] ?? '', sizeBytes: info.Size, user: info.Config?.User ?? '' };
  }

  async pull(name: string, login?: RegistryLogin): Promise<void> {
    const progress = await asked(this.#docker.pull(withTag(name), login ? { authconfig: login } : {}));
    await this.#followed(progress);
  }

  async importImage(archive: NodeJS.ReadableStream, name: string, changes: readonly string[]): Promise<void> {
    const [repo, tag] = name.split(':');
    // The types know only a path, and a single change.
    const options = { repo, tag, changes: [...changes] } as unknown as object;
    const source = archive as unknown as string;
    await this.#followed(await asked(this.#docker.importImage(source, options)));
  }

  /** Unless a container is made of it, or it is not there. */
  async removeImage(name: string): Promise<void> {
    try {
      await missingAs(undefined, this.#docker.getImage(name).remove());
    } catch (error) {
      if (codeOf(error) !== 409) throw error;
    }
  }

  async create(options: CreateOptions): Promise<string> {
    return (await asked(this.#docker.createContainer(options))).id;
  }

  async start(id: string): Promise<void> {
    await asked(this.#docker.getContainer(id).start());
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    await endedAlready(this.#docker.getContainer(id).stop({ t: Math.max(0, Math.ceil(graceSeconds)) }));
  }

  async kill(id: string): Promise<void> {
    await endedAlready(this.#docker.getContainer(id).kill());
  }

  async remove(id: string): Promise<void> {
    await missingAs(undefined, this.#docker.getContainer(id).remove({ force: true, v: true }));
  }

  async createMemoryVolume(name: string, { sizeBytes, group }: MemoryVolume, labels: Record<string, string>) {
    const mode = group === undefined ? ['mode=0777'] : ['mode=2777', `gid=${group}`];
    const o = [...mode, ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])].join(',');
    const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o };
    await asked(this.#docker.createVolume({ Name: name, Driver: 'local', DriverOpts, Labels: labels }));
  }

  async removeVolumes(label: string): Promise<void> {
    const { Volumes } = await asked(this.#docker.listVolumes({ filters: { label: [label] } }));
    for (const { Name } of Volumes ?? []) await missingAs(undefined, this.#docker.getVolume(Name).remove());
  }

  async logs(
    id: string,
    { follow, tailLines, sinceMs, timestamps }: EngineLogOptions,
    gone: AbortSignal,
  ): Promise<Readable> {
    const container = this.#docker.getContainer(id);
    const info = await asked(container.inspect());
    const query = {
      stdout: true,
      stderr: true,
      timestamps,
      tail: tailLines,
      // The engine takes fractions of a second; the types do not.
      since: sinceMs === undefined ? undefined : ((sinceMs / 1000).toFixed(3) as unknown as number),
    };
    const source = follow
      ? ((await asked(container.logs({ ...query, follow: true, abortSignal: gone }))) as Readable)
      : Readable.from([await asked(container.logs({ ...query, follow: false }))]);
    return info.Config.Tty ? source : withoutFrames(source);
  }

  async exec(id: string, command: readonly string[], streams: CommandStreams): Promise<number> {
    const { stdin, stdout, stderr, tty, gone } = streams;
    const exec = await asked(
      this.#docker.getContainer(id).exec({
        Cmd: [...command],
        AttachStdin: stdin !== undefined,
        AttachStdout: stdout !== undefined || tty,
        AttachStderr: stderr !== undefined,
        Tty: tty,
      }),
    );
    const wire = await asked(exec.start({ hijack: true, stdin: true, Tty: tty }));
    streams.onResize(({ width, height }) => {
      exec.resize({ w: width, h: height }).catch(ended);
    });
    const failure = new StartFailure(stdout);
    await carry(wire, { ...streams, stdout: failure.stdout });
    while (!gone.aborted) {
      const { Running, ExitCode } = await asked(exec.inspect());
      if (!Running) {
        await failure.end(ExitCode ?? 0);
        return ExitCode ?? 0;
      }
      // Its outputs are closed, and the engine has not yet heard of its end.
      await setTimeout(EXIT_POLL_MS);
    }
    return KILLED;
  }

  async attach(id: string, streams: CommandStreams): Promise<number> {
    const container = this.#docker.getContainer(id);
    const { Config } = await asked(container.inspect());
    const query = { stream: true, hijack: true, stdin: streams.stdin !== undefined, stdout: true, stderr: true };
    const wire = (await asked(container.attach(query))) as Duplex;
    streams.onResize(({ width, height }) => {
      container.resize({ w: width, h: height }).catch(ended);
    });
    // Whether there are frames is the container's matter, whatever the client asked for.
    // The engine would close its outputs with its input, where others may still come with input.
    await carry(wire, { ...streams, tty: Config.Tty }, Config.StdinOnce);
    if (streams.gone.aborted) return KILLED;
    const { State } = await asked(container.inspect());
    return State.Running ? 0 : State.ExitCode;
  }

  async follow(label: string, changed: (podUid: string) => void, lost: (error: Error) => void) {
    const filters = { type: ['container' as const], label: [label], event: ['die', 'destroy', 'oom', 'start'] };
    const stream = (await asked(this.#docker.getEvents({ filters }))) as Readable & { destroy(): void };
    let stopped = false;
    let rest = '';
    stream.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim()) changed(JSON.parse(line).Actor?.Attributes?.[UID_LABEL] ?? '');
    });
    const over = (error?: Error): void => {
      if (stopped) return;
      stopped = true;
      lost(new EngineGone('the container engine has closed its events', { cause: error }));
    };
    stream
      .on('error', over)
      .on('close', () => over())
      .on('end', () => over());
    return {
      stop() {
        stopped = true;
        stream.destroy();
      },
    };
  }

  #followed(progress: NodeJS.ReadableStream): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function observedOf(info: ContainerInspectInfo): Observed {
  const { State, Config, NetworkSettings, Id } = info;
  const labels = Config.Labels ?? {};
  const failedToStart = State.Status === 'created' && State.Error !== '';
  const container = labels[CONTAINER_LABEL] ?? '';
  const running = State.Running || State.Paused || State.Restarting;
  return {
    id: Id,
    podUid: labels[UID_LABEL] ?? '',
    podName: labels[POD_LABEL] ?? '',
    podNamespace: labels[NAMESPACE_LABEL] ?? '',
    container,
    attempt: Number(labels[ATTEMPT_LABEL] ?? 0),
    sandbox: container === SANDBOX ? Id : (labels[SANDBOX_LABEL] ?? ''),
    image: Config.Image,
    imageId: info.Image,
    state: running ? 'running' : State.Status === 'created' && !failedToStart ? 'created' : 'exited',
    exitCode: failedToStart ? START_ERROR : State.ExitCode,
    oomKilled: State.OOMKilled,
    error: State.Error,
    startedMs: timeMs(State.StartedAt),
    finishedMs: timeMs(State.FinishedAt) || (failedToStart ? timeMs(info.Created) : 0),
    ip: Object.values(NetworkSettings?.Networks ?? {}).find(({ IPAddress }) => IPAddress)?.IPAddress ?? '',
    messageFile: labels[MESSAGE_FILE_LABEL] ?? '',
  };
}

/** 0 for Go's zero time. */
function timeMs(text: string): number {
  const ms = Date.parse(text);
  return Math.max(ms, 0);
}

/** Both ways, until the engine's end of the wire closes or the client has gone. */
async function carry(
  wire: Duplex,
  { stdin, stdout, stderr, tty, gone }: CommandStreams,
  passesEnd = true,
): Promise<void> {
  const leave = (): void => void wire.destroy();
  gone.addEventListener('abort', leave, { once: true });
  if (gone.aborted) leave();
  stdin?.on('data', (bytes: Buffer) => {
    if (wire.destroyed || wire.write(bytes)) return;
    stdin.pause();
    wire.once('drain', () => stdin.resume());
  });
  if (passesEnd) stdin?.once('end', () => wire.end());
  try {
    await passOutput(wire, { stdout, stderr, tty, gone });
  } catch (error) {
    if (!gone.aborted) throw error;
  } finally {
    gone.removeEventListener('abort', leave);
    wire.destroy();
  }
}

function withoutFrames(source: Readable): Readable {
  const frames = new FrameReader();
  const plain = new Transform({
    transform(piece: Buffer, _encoding, done) {
      for (const { bytes } of frames.read(piece)) this.push(bytes);
      done();
    },
  });
  // A source that breaks off breaks the log off: the reader of `plain` is told.
  pipeline(source, plain).catch((error: Error) => plain.destroy(error));
  return plain;
}

/** 'busybox' is 'busybox:latest': without a tag the engine would pull all of them. */
function withTag(name: string): string {
  return /[:@][^/]+$/.test(name) ? name : `${name}:latest`;
}

const codeOf = (error: unknown): number | undefined => (error as { statusCode?: number }).statusCode;

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (GONE_CODES.has(code) || message === 'socket hang up') {
      throw new EngineGone(`the container engine does not answer: ${message}`, { cause: error });
    }
    if (codeOf(error) === undefined) throw error;
    // The library puts the code before the engine's own words.
    const words = message.replace(/^\(HTTP code \d+\) .*? - /, '');
    throw Object.assign(new Error(words.trim(), { cause: error }), { statusCode: codeOf(error) });
  }
}

async function missingAs<T, U>(otherwise: U, answer: Promise<T>): Promise<T | U> {
  try {
    return await asked(answer);
  } catch (error) {
    if (codeOf(error) === 404) return otherwise;
    throw error;
  }
}

/** 304: has ended before; 404: has gone; 409: is not running. */
async function endedAlready(answer: Promise<unknown>): Promise<void> {
  try {
    await asked(answer);
  } catch (error) {
    if (![304, 404, 409].includes(codeOf(error) ?? 0)) throw error;
  }
}

/** A screen that is resized while its command ends. */
function ended(): void {}

/** Which the engine takes for itself, and does not always tell. */
function firstAddress(subnet: string): string[] {
  const range = parseCidr(subnet);
  return range ? [formatIp({ family: range.family, value: range.base + 1n })] : [];
}
