/** `keelson up` over an engine, in a process of its own that faults may befall, and what tests ask of it. */
import type { V1Pod } from '@kubernetes/client-node';
import { UpProcess } from '../../api/faults/up-process.ts';

const DEFAULT = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const WAIT_MS = 60_000;

export interface Sample {
  name: string;
  [field: string]: unknown;
}

const started: UpProcess[] = [];

export class FaultCluster {
  readonly up: UpProcess;

  private constructor(up: UpProcess) {
    this.up = up;
  }

  static async start(dataDir: string, args: readonly string[]): Promise<FaultCluster> {
    const up = await UpProcess.start(dataDir, args);
    started.push(up);
    return new FaultCluster(up);
  }

  /** Those of faults that failed on their way: they would keep this process from ending. */
  static async endAll(): Promise<void> {
    for (const up of started.splice(0)) await up.kill('SIGTERM');
  }

  /** @throws Error unless it is made. */
  async createPod(name: string, spec: object, metadata: object = {}): Promise<V1Pod> {
    return this.#must('POST', `${DEFAULT}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, ...metadata },
      spec,
    });
  }

  async create(path: string, object: object): Promise<void> {
    await this.#must('POST', path, object);
  }

  async createDeployment(name: string, replicas: number, podSpec: object): Promise<void> {
    const labels = { app: name };
    const template = { metadata: { labels }, spec: podSpec };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    await this.#must('POST', `${APPS}/deployments`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec,
    });
  }

  async scale(deployment: string, replicas: number): Promise<void> {
    const path = `${APPS}/deployments/${deployment}/scale`;
    const { body } = await this.up.ask('GET', path);
    // Of whatever version, as `kubectl scale` does: controllers write the status meanwhile.
    const metadata = { name: body.metadata.name, namespace: body.metadata.namespace };
    await this.#must('PUT', path, { ...body, metadata, spec: { replicas } });
  }

  async deletePod(name: string, graceSeconds?: number): Promise<void> {
    const options = graceSeconds === undefined ? undefined : { gracePeriodSeconds: graceSeconds };
    await this.#must('DELETE', `${DEFAULT}/pods/${name}`, options);
  }

  async pods(): Promise<V1Pod[]> {
    return (await this.#must('GET', `${DEFAULT}/pods`)).items;
  }

  async pod(name: string): Promise<V1Pod | undefined> {
    const { code, body } = await this.up.ask('GET', `${DEFAULT}/pods/${name}`);
    return code === 200 ? body : undefined;
  }

  /** Reasons and messages of the events about a pod, in no order. */
  async eventsOf(name: string): Promise<{ reason: string; message: string; count: number }[]> {
    const { items } = await this.#must('GET', `${DEFAULT}/events?fieldSelector=involvedObject.name=${name}`);
    return items;
  }

  /** The pod, once it is so. */
  podWhen(name: string, what: string, holds: (pod: V1Pod) => unknown): Promise<V1Pod> {
    return until(`${name} ${what}`, async () => {
      const pod = await this.pod(name);
      return pod && holds(pod) ? pod : undefined;
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  async #must(method: string, path: string, object?: object): Promise<any> {
    const { code, body } = await this.up.ask(method, path, object);
    if (code >= 300) throw new Error(`${method} ${path}: ${code} ${body.message}`);
    return body;
  }
}

/** Asks again and again. @throws Error when it does not come about within a minute. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await pause(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: it did not come about`);
}

export const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));
export const nameOf = ({ metadata }: V1Pod): string => metadata?.name ?? '';
export const uidOf = ({ metadata }: V1Pod): string => metadata?.uid ?? '';
