/** exec, attach, port-forward and logs of pods on Docker Engine. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { V1Pod } from '@kubernetes/client-node';
import type { KubeObject } from '../../../core/index.ts';
import type { CommandStreams, LogOptions, PodStreams } from '../pod-streams.ts';
import type { Engine, Observed } from './engine/engine.ts';
import { CONTAINER_LABEL, OWNER_LABEL, UID_LABEL } from './engine/labels.ts';
import { attemptsOf } from './pod/containers-of-pod.ts';

export class DockerStreams implements PodStreams {
  readonly #engine: Engine;
  readonly #owner: string;

  /** @param owner as the agent labels its containers. */
  constructor(engine: Engine, owner: string) {
    this.#engine = engine;
    this.#owner = owner;
  }

  async exec(pod: KubeObject, container: string, command: readonly string[], streams: CommandStreams): Promise<number> {
    const { id } = await this.#running(pod, container);
    return this.#engine.exec(id, command, streams);
  }

  async attach(pod: KubeObject, container: string, streams: CommandStreams): Promise<number> {
    const { id } = await this.#running(pod, container);
    return this.#engine.attach(id, streams);
  }

  /** To the pod's address: what listens on loopback alone is not reached. */
  async forward(pod: KubeObject, port: number, client: Duplex): Promise<void> {
    const { status, spec } = pod as unknown as V1Pod;
    const host = spec?.hostNetwork ? '127.0.0.1' : (status?.podIP ?? '');
    const { name, uid } = pod.metadata;
    const socket = connect({ host, port, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', ({ message, code }: NodeJS.ErrnoException) => {
        const why = code === 'ECONNREFUSED' ? `dial tcp ${host}:${port}: connect: connection refused` : message;
        reject(new Error(`error forwarding port ${port} to pod ${name}, uid ${uid}: ${why}`));
      });
    });
    await new Promise<void>((resolve) => {
      const end = (): void => {
        socket.destroy();
        resolve();
      };
      socket.once('close', end).once('error', end);
      client.once('close', end).once('error', end);
      client.pipe(socket);
      socket.pipe(client);
    });
  }

  async *logs(pod: KubeObject, options: LogOptions, gone: AbortSignal): AsyncGenerator<Uint8Array> {
    const { container, previous } = options;
    const { name } = pod.metadata;
    const attempts = (await this.#containers(pod, container)).filter(({ state }) => state !== 'created');
    const target = attempts[previous ? 1 : 0];
    if (!target && previous) {
      throw new Error(`previous terminated container "${container}" in pod "${name}" not found`);
    }
    if (!target)
      throw new Error(`container "${container}" in pod "${name}" is waiting to start: ${waitingFor(pod, container)}`);
    const log = await this.#engine.logs(target.id, options, gone);
    let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    try {
      if (options.follow) yield new Uint8Array();
      for await (const piece of log as AsyncIterable<Buffer>) {
        const bytes = piece.subarray(0, left);
        left -= bytes.length;
        if (bytes.length > 0) yield bytes;
        if (left <= 0) return;
      }
    } catch (error) {
      if (!gone.aborted) throw error;
    } finally {
      log.destroy();
    }
  }

  /** Newest first. */
  async #containers(pod: KubeObject, container: string): Promise<Observed[]> {
    const labels = [
      `${UID_LABEL}=${pod.metadata.uid}`,
      `${OWNER_LABEL}=${this.#owner}`,
      `${CONTAINER_LABEL}=${container}`,
    ];
    return attemptsOf(await this.#engine.containers(labels), container);
  }

  async #running(pod: KubeObject, container: string): Promise<Observed> {
    const found = (await this.#containers(pod, container)).find(({ state }) => state === 'running');
    if (!found) throw new Error(`unable to upgrade connection: container not found ("${container}")`);
    return found;
  }
}

function waitingFor(pod: KubeObject, container: string): string {
  const { status } = pod as unknown as V1Pod;
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const state = all.find(({ name }) => name === container)?.state;
  return state?.waiting?.message ?? state?.waiting?.reason ?? 'ContainerCreating';
}
