/** Streams of pods, answered by who runs them: the real node, or those that are made up. */
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../../core/index.ts';
import { objectAt, type PlainObject, textAt } from '../../core/objects/index.ts';
import type { CommandStreams, LogOptions, PodStreams } from './pod-streams.ts';

export class StreamsByNode implements PodStreams {
  readonly #others: PodStreams;
  readonly #nodes = new Map<string, PodStreams>();

  /** @param others for the pods of all nodes that are not named. */
  constructor(others: PodStreams) {
    this.#others = others;
  }

  add(nodeName: string, streams: PodStreams): void {
    this.#nodes.set(nodeName, streams);
  }

  exec(pod: KubeObject, container: string, command: readonly string[], streams: CommandStreams): Promise<number> {
    return this.#of(pod).exec(pod, container, command, streams);
  }

  attach(pod: KubeObject, container: string, streams: CommandStreams): Promise<number> {
    return this.#of(pod).attach(pod, container, streams);
  }

  forward(pod: KubeObject, port: number, client: Duplex): Promise<void> {
    return this.#of(pod).forward(pod, port, client);
  }

  logs(pod: KubeObject, options: LogOptions, gone: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#of(pod).logs(pod, options, gone);
  }

  #of(pod: KubeObject): PodStreams {
    const nodeName = textAt(objectAt(pod as unknown as PlainObject, 'spec') ?? {}, 'nodeName') ?? '';
    return this.#nodes.get(nodeName) ?? this.#others;
  }
}
