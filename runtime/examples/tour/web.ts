/** The Deployment and the Service of ../rollout, brought to a cluster of this process and changed there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Deployment, V1Pod, V1Service } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient, ResourceName } from '../../api/client.ts';
import type { LoadTarget } from './load.ts';

const DEPLOYMENTS: ResourceName = { group: 'apps', resource: 'deployments' };
const SERVICES: ResourceName = { group: '', resource: 'services' };
const NAMESPACE = 'default';
const NAME = 'web';
const LOOK_MS = 10;

export class Web {
  readonly #client: ApiClient;
  readonly #signal: AbortSignal;

  /** @param signal waiting for anything ends with its reason. */
  constructor(client: ApiClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  async apply(): Promise<void> {
    const text = readFileSync(join(import.meta.dirname, '..', 'rollout', 'web.yaml'), 'utf8');
    for (const document of parseAllDocuments(text)) {
      const { metadata, ...rest } = document.toJS() as KubeObject;
      const object = { ...rest, metadata: { ...metadata, namespace: NAMESPACE } };
      await this.#client.create(object.kind === 'Service' ? SERVICES : DEPLOYMENTS, object);
    }
  }

  /** Its pods are replaced by such that say another version. */
  async roll(version: string): Promise<void> {
    const env = [{ name: 'VERSION', value: version }];
    const patch = { spec: { template: { spec: { containers: [{ name: NAME, env }] } } } };
    await this.#client.patch(DEPLOYMENTS, NAMESPACE, NAME, patch, { type: 'strategic' });
  }

  /** Where this machine serves the Service. */
  target(): LoadTarget {
    const service = this.#client.view.get('', 'services', NAMESPACE, NAME) as unknown as V1Service;
    return { host: '127.0.0.1', port: service.spec?.ports?.[0].nodePort ?? 0 };
  }

  /** All that it wants are there, of its present template, and ready. */
  rolledOut(limitMs: number): Promise<void> {
    return this.until('the Deployment is rolled out', limitMs, () => {
      const found = this.#client.view.get('apps', 'deployments', NAMESPACE, NAME) as unknown as V1Deployment;
      const { metadata, spec, status } = found;
      const wanted = spec?.replicas;
      const { updatedReplicas, replicas, availableReplicas } = status ?? {};
      const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
      return seen && [updatedReplicas, replicas, availableReplicas].every((count) => count === wanted);
    });
  }

  /** No pod is on its way out. */
  async settled(limitMs: number): Promise<void> {
    await this.until('the replaced pods have gone', limitMs, () => this.#pods().every((pod) => !isLeaving(pod)));
  }

  /** Whatever of it is there; resolves, whatever the signal says, when none of it is in the API any more. */
  async remove(limitMs: number): Promise<void> {
    const { view } = this.#client;
    const end = Date.now() + limitMs;
    if (view.get('apps', 'deployments', NAMESPACE, NAME)) {
      await this.#client.delete(DEPLOYMENTS, NAMESPACE, NAME, { propagationPolicy: 'Background' });
    }
    if (view.get('', 'services', NAMESPACE, NAME)) await this.#client.delete(SERVICES, NAMESPACE, NAME);
    const isLeft = (): boolean =>
      [...view.list('apps', 'replicasets', NAMESPACE), ...view.list('', 'pods', NAMESPACE)].length > 0;
    while (isLeft() && Date.now() < end) await new Promise((next) => setTimeout(next, LOOK_MS));
  }

  /** @throws Error when it has not come about in time, with what the pods say. */
  async until(what: string, limitMs: number, holds: () => unknown | Promise<unknown>): Promise<void> {
    const end = Date.now() + limitMs;
    while (!(await holds())) {
      this.#signal.throwIfAborted();
      if (Date.now() > end) throw new Error(`after ${limitMs / 1000} s it is not so that ${what}: ${this.#words()}`);
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  }

  #pods(): V1Pod[] {
    return [...this.#client.view.list('', 'pods', NAMESPACE)] as unknown as V1Pod[];
  }

  #words(): string {
    const { status } = this.#client.view.get('apps', 'deployments', NAMESPACE, NAME) as unknown as V1Deployment;
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
    const counts = `of ${replicas} pods ${updatedReplicas} are up to date and ${availableReplicas} available`;
    return [counts, ...this.#pods().map(wordsOf)].join('; ');
  }
}

function wordsOf({ metadata, status }: V1Pod): string {
  const container = status?.containerStatuses?.[0];
  const { reason = '', message = '' } = container?.state?.waiting ?? {};
  return `${metadata?.name} ${status?.phase}${container?.ready ? '' : ', not ready'} ${reason} ${message}`.trim();
}

function isLeaving({ metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp !== undefined;
}
