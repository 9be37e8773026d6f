/**
 * Events as components write them: what happened to an object, counted when it happens again. They are a service to who
 * reads them, never a burden: what cannot be written in time is dropped and counted. Source: client-go/tools/record.
 */
import type { KubeObject } from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';

const EVENTS = { group: '', resource: 'events', version: 'v1' };

/** Waiting to be written; beyond it events are dropped, as client-go does. */
export const QUEUE_LIMIT = 1000;
/** Written at once. */
const IN_FLIGHT_LIMIT = 8;
/** Different events whose counts are remembered; the oldest go first. */
const REMEMBERED_LIMIT = 4096;

interface Pending {
  object: KubeObject;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  atMs: number;
}

interface Remembered {
  name: string;
  count: number;
}

export interface RecorderOptions {
  client: ApiClient;
  /** 'default-scheduler', 'kubelet' */
  component: string;
  now(): number;
}

export class EventRecorder {
  readonly #options: RecorderOptions;
  readonly #queue: Pending[] = [];
  readonly #remembered = new Map<string, Remembered>();
  #inFlight = 0;
  #dropped = 0;
  #serial = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Events that were not written: the queue was full, or the write was refused. */
  get dropped(): number {
    return this.#dropped;
  }

  record(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (this.#queue.length >= QUEUE_LIMIT) {
      this.#dropped++;
      return;
    }
    this.#queue.push({ object, type, reason, message, atMs: this.#options.now() });
    this.#write();
  }

  #write(): void {
    while (this.#inFlight < IN_FLIGHT_LIMIT) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#inFlight++;
      this.#send(next)
        .catch(() => {
          this.#dropped++;
        })
        .finally(() => {
          this.#inFlight--;
          this.#write();
        });
    }
  }

  async #send(event: Pending): Promise<void> {
    const { client } = this.#options;
    const { object, type, reason, message } = event;
    const key = [object.metadata.uid, type, reason, message].join('\n');
    const namespace = object.metadata.namespace || 'default';
    const before = this.#remembered.get(key);
    if (before) {
      before.count++;
      const patch = { count: before.count, lastTimestamp: timeOf(event.atMs) };
      await client.patch(EVENTS, namespace, before.name, patch, { type: 'merge' });
      return;
    }
    const name = `${object.metadata.name}.${(event.atMs * 4096 + (this.#serial++ % 4096)).toString(16)}`;
    this.#remembered.set(key, { name, count: 1 });
    if (this.#remembered.size > REMEMBERED_LIMIT) this.#remembered.delete(this.#remembered.keys().next().value ?? '');
    await client.create(EVENTS, this.#document(event, name, namespace));
  }

  #document({ object, type, reason, message, atMs }: Pending, name: string, namespace: string): KubeObject {
    const { component } = this.#options;
    const time = timeOf(atMs);
    const { apiVersion, kind, metadata } = object;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: {
        apiVersion,
        kind,
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
      type,
      reason,
      message,
      source: { component },
      reportingComponent: component,
      reportingInstance: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    } as KubeObject;
  }
}

/** As Kubernetes writes times: whole seconds. */
export function timeOf(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** It is asked for many times a second. */
let lastSecond = Number.NaN;
let lastText = '';
