/**
 * exec, attach, port-forward and logs of pods that are made up: the real protocols end here, in a small shell, in
 * generated lines and in an echo, so that every client can be tried without a container.
 */
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../../../core/index.ts';
import { isPlainObject, listAt, objectAt, type PlainObject, textAt } from '../../../core/objects/index.ts';
import type { CommandStreams, LogOptions, PodStreams } from '../pod-streams.ts';
import { MadeUpFiles } from './files.ts';
import { generatedLog } from './generated-log.ts';
import { runCommand, type Surroundings } from './shell.ts';

/** Pods whose files are kept; those of the one used longest ago go first. */
const PODS_WITH_FILES = 64;

const plain = (pod: KubeObject): PlainObject => pod as unknown as PlainObject;
const specOf = (pod: KubeObject): PlainObject => objectAt(plain(pod), 'spec') ?? {};

function containerOf(pod: KubeObject, name: string): PlainObject {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'];
  const all = lists.flatMap((field) => listAt(specOf(pod), field));
  return all.find((container) => container.name === name) ?? {};
}

/** The state of a container: running, terminated, or waiting with its reason. */
function stateOf(pod: KubeObject, name: string): PlainObject {
  const status = objectAt(plain(pod), 'status') ?? {};
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'];
  const found = lists.flatMap((field) => listAt(status, field)).find((one) => one.name === name);
  return (found && objectAt(found, 'state')) ?? {};
}

export class MadeUpStreams implements PodStreams {
  /** Told of containers that ended because who was attached closed their input. */
  ended: ((pod: KubeObject, container: string, exitCode: number) => void) | undefined;
  /** The pod as it is by now, for what follows it; undefined once it has gone. Without it: as it was. */
  look: (pod: KubeObject) => KubeObject | undefined = (pod) => pod;
  private readonly now: () => number;
  private readonly files = new Map<string, MadeUpFiles>();
  private readonly pages: Server;

  constructor(now: () => number = Date.now) {
    this.now = now;
    this.pages = createServer((request, response) => {
      response.end(`made-up pod: ${request.method} ${request.url}\n`);
    });
  }

  async exec(pod: KubeObject, container: string, command: readonly string[], streams: CommandStreams): Promise<number> {
    this.requireRunning(pod, container);
    return runCommand(command, this.surroundings(pod, container), streams);
  }

  /** The made-up process repeats what it is told, and ends with its input. */
  async attach(pod: KubeObject, container: string, streams: CommandStreams): Promise<number> {
    this.requireRunning(pod, container);
    const { stdin, stdout, gone } = streams;
    if (stdin) {
      const code = await runCommand(['cat'], this.surroundings(pod, container), streams);
      // Its input is opened once: there is nothing more to come.
      if (containerOf(pod, container).stdinOnce === true) this.ended?.(pod, container, code);
      return code;
    }
    const log = this.logs(pod, { container, follow: true, previous: false, timestamps: false, tailLines: 1 }, gone);
    for await (const line of log) stdout?.write(line);
    return 0;
  }

  /** HTTP is answered with a page, anything else is echoed; only ports that a container declares are open. */
  async forward(pod: KubeObject, port: number, client: Duplex): Promise<void> {
    const ports = listAt(specOf(pod), 'containers').flatMap((container) => listAt(container, 'ports'));
    if (!ports.some(({ containerPort }) => containerPort === port)) {
      const { name, uid } = pod.metadata;
      throw new Error(`error forwarding port ${port} to pod ${name}, uid ${uid}: connect: connection refused`);
    }
    const first = await firstBytes(client);
    if (first === undefined) return;
    if (/^[A-Z]{3,7} \S+ HTTP\/1/.test(first.toString('latin1', 0, 2048))) {
      client.unshift(first);
      this.pages.emit('connection', client);
      client.resume();
      await new Promise<void>((resolve) => client.once('finish', resolve).once('close', resolve));
      return;
    }
    client.write(first);
    for await (const bytes of client) client.write(bytes);
  }

  async *logs(pod: KubeObject, options: LogOptions, gone: AbortSignal): AsyncGenerator<Uint8Array> {
    const { container } = options;
    const { name } = pod.metadata;
    if (options.previous) throw new Error(`previous terminated container "${container}" in pod "${name}" not found`);
    const state = stateOf(pod, container);
    const ended = objectAt(state, 'terminated');
    const started = ended ?? objectAt(state, 'running');
    if (!started) {
      const reason = textAt(objectAt(state, 'waiting') ?? {}, 'reason') ?? 'ContainerCreating';
      throw new Error(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
    }
    const startedMs =
      Date.parse(textAt(started, 'startedAt') ?? '') || Date.parse(String(pod.metadata.creationTimestamp));
    const endedMs = (): number | undefined => {
      const now = this.look(pod);
      if (!now) return this.now();
      const over = objectAt(stateOf(now, container), 'terminated');
      return over && (Date.parse(textAt(over, 'finishedAt') ?? '') || startedMs);
    };
    const log = { name: `${name}/${container}`, startedMs, endedMs };
    if (options.follow) yield new Uint8Array();
    yield* generatedLog(log, options, this.now, gone);
  }

  private requireRunning(pod: KubeObject, container: string): void {
    if (isPlainObject(stateOf(pod, container).running)) return;
    throw new Error(`unable to upgrade connection: container not found ("${container}")`);
  }

  private surroundings(pod: KubeObject, container: string): Surroundings {
    const { name, uid = '' } = pod.metadata;
    const files = this.files.get(uid) ?? new MadeUpFiles();
    this.files.delete(uid);
    this.files.set(uid, files);
    if (this.files.size > PODS_WITH_FILES) this.files.delete(this.files.keys().next().value ?? '');
    const variables: Record<string, string> = { HOSTNAME: name, PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root' };
    for (const variable of listAt(containerOf(pod, container), 'env')) {
      const value = textAt(variable, 'value');
      if (typeof variable.name === 'string' && value !== undefined) variables[variable.name] = value;
    }
    const hostname = textAt(specOf(pod), 'hostname') || name;
    return { hostname, variables, files };
  }
}

function firstBytes(client: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (bytes?: Buffer): void => {
      client.off('data', done);
      client.off('end', gone);
      client.off('close', gone);
      client.pause();
      resolve(bytes);
    };
    const gone = (): void => done();
    client.on('data', done);
    client.on('end', gone);
    client.on('close', gone);
  });
}
