/**
 * The agent of the real node: it brings the containers of Docker Engine to what the API says of the pods bound to it. It
 * keeps nothing that the engine's labels do not tell it again after a restart.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1ConfigMap, V1Pod, V1Secret, V1Service } from '@kubernetes/client-node';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../api/client.ts';
import { EventRecorder } from '../../events/recorder.ts';
import { Informer } from '../../schedule/informer.ts';
import type { Engine } from './engine/engine.ts';
import { EngineLink } from './engine/engine-link.ts';
import { OWNER_LABEL } from './engine/labels.ts';
import { ensurePauseImage } from './engine/pause-image.ts';
import { capacityOf, hostAddress, type NodeFacts } from './node-object.ts';
import type { NodeParts, PodServices, PodToken } from './pod/parts.ts';
import { PodWorker } from './pod/pod-worker.ts';
import { Registration } from './registration.ts';
import { type Lookups, namespaceOf } from './spec/lookups.ts';
import { pullSecretsOf } from './spec/pull-secrets.ts';

const PODS = { group: '', resource: 'pods' };
/** Of which files of volumes are made. */
const FILLING = ['configmaps', 'secrets'].map((resource) => ({ group: '', resource }));
/** Everything is looked at this often, should an event have been lost; files of volumes are brought up to date. */
const RESYNC_MS = 15_000;

export interface DockerAgentOptions {
  engine: Engine;
  client: ApiClient;
  nodeName: string;
  /** As kubelets of this version report themselves. */
  version: string;
  /** For the files of volumes; its path is also what this cluster's containers are known by. */
  dataDir: string;
  allowPrivileged: boolean;
  issueToken: PodToken;
  /** Where its pods reach the API, told to them by variables; that of its Service where left out. */
  apiAddress?: { host: string; port: number };
  /** Absent: nobody carries connections to Services. */
  services?: PodServices;
  now(): number;
  problem(error: Error): void;
}

export class DockerAgent {
  readonly #options: DockerAgentOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #informer: Informer;
  readonly #link: EngineLink;
  readonly #fillings: readonly Informer[];
  #registration: Registration | undefined;
  #node: NodeParts | undefined;
  #resync: NodeJS.Timeout | undefined;

  constructor(options: DockerAgentOptions) {
    this.#options = options;
    const { engine, dataDir, now, problem } = options;
    this.#link = new EngineLink({
      engine,
      label: `${OWNER_LABEL}=${dataDir}`,
      now,
      changed: (uid) => this.#workers.get(uid)?.wake(),
      back: () => this.#back(),
      usable: (yes) => void this.#registration?.usable(yes).catch(problem),
      problem,
    });
    this.#informer = new Informer(options.client, PODS, {
      changed: (pod) => this.#changed(pod),
      gone: (pod) => this.#workers.get(pod.metadata.uid ?? '')?.gone(),
    });
    const changed = (object: KubeObject): void => this.#filledAnew(object);
    this.#fillings = FILLING.map((kind) => new Informer(options.client, kind, { changed, gone: changed }));
  }

  /** Registers the node, takes over the containers of pods that are on it, and removes those of pods that have gone. */
  async start(): Promise<void> {
    const { engine, client, nodeName, version, now, problem } = this.#options;
    const facts = { name: nodeName, hostIP: hostAddress(), version, engine: await engine.facts() };
    await ensurePauseImage(engine, facts.engine.architecture);
    this.#node = this.#partsOf(facts);
    await mkdir(this.#node.directory, { recursive: true, mode: 0o711 });
    this.#registration = new Registration({ client, facts, now, problem });
    await this.#registration.start();
    await this.#link.follow();
    await this.#informer.start();
    await Promise.all(this.#fillings.map((informer) => informer.start()));
    await this.#removeOrphans();
    this.#resync = setInterval(() => this.#lookAtAll(), RESYNC_MS).unref();
  }

  /** Containers run on: the next start takes them over. */
  async stop(): Promise<void> {
    for (const informer of [this.#informer, ...this.#fillings]) informer.stop();
    this.#link.stop();
    this.#registration?.stop();
    clearInterval(this.#resync);
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
  }

  #partsOf({ hostIP, name, engine: facts }: NodeFacts): NodeParts {
    const { engine, client, dataDir, allowPrivileged, issueToken, services, apiAddress, now, problem } = this.#options;
    const recorder = new EventRecorder({ client, component: 'kubelet', now });
    const { view } = client;
    const allocatable = capacityOf(facts);
    return {
      engine,
      client,
      owner: dataDir,
      directory: join(dataDir, 'pods'),
      hostIP,
      allowPrivileged,
      lookups(pod: V1Pod, podIP: string): Lookups {
        const namespace = namespaceOf(pod);
        return {
          configMap: (of) => view.get('', 'configmaps', namespace, of) as unknown as V1ConfigMap | undefined,
          secret: (of) => view.get('', 'secrets', namespace, of) as unknown as V1Secret | undefined,
          services: () => {
            const own = [...view.list('', 'services', namespace)];
            const api = reachedAt(
              apiAddress,
              view.get('', 'services', 'default', 'kubernetes') as V1Service | undefined,
            );
            return [...(api ? [api] : []), ...(own as unknown as V1Service[])];
          },
          nodeName: name,
          hostIP,
          podIP,
          allocatable,
        };
      },
      pullSecrets: (pod) =>
        pullSecretsOf(pod, (of) => view.get('', 'secrets', namespaceOf(pod), of) as unknown as V1Secret | undefined),
      issueToken,
      services: services ?? { joined() {}, withdraw: async () => undefined },
      tell: (pod, type, reason, message) => recorder.record(pod, type, reason, message),
      now,
      engineGone: (error) => this.#link.lost(error),
      problem,
    };
  }

  #changed(pod: KubeObject): void {
    const { uid = '' } = pod.metadata;
    if ((pod as unknown as V1Pod).spec?.nodeName !== this.#options.nodeName || !this.#node) return;
    const known = this.#workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    const worker = new PodWorker(pod, this.#node, () => this.#workers.delete(uid));
    this.#workers.set(uid, worker);
    worker.wake();
  }

  #filledAnew({ metadata: { namespace } }: KubeObject): void {
    for (const worker of this.#workers.values()) if (worker.namespace === namespace) worker.refresh();
  }

  /** Containers and files of pods that are no longer in the API, or not on this node. */
  async #removeOrphans(): Promise<void> {
    const { engine, dataDir } = this.#options;
    const node = this.#node;
    if (!node) return;
    const containers = await engine.containers([`${OWNER_LABEL}=${dataDir}`]);
    const orphans = new Map<string, object>();
    for (const uid of await readdir(node.directory)) orphans.set(uid, { name: '', namespace: '', uid });
    for (const { podUid: uid, podName: name, podNamespace: namespace } of containers) {
      orphans.set(uid, { name, namespace, uid });
    }
    for (const [uid, metadata] of orphans) {
      if (this.#workers.has(uid)) continue;
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [] } } as unknown as KubeObject;
      const worker = new PodWorker(pod, node, () => this.#workers.delete(uid));
      this.#workers.set(uid, worker);
      worker.gone();
    }
  }

  #lookAtAll(): void {
    if (this.#link.isDown) return;
    for (const worker of this.#workers.values()) worker.refresh();
  }

  #back(): void {
    this.#lookAtAll();
    this.#removeOrphans().catch(this.#options.problem);
  }
}

function reachedAt(address: DockerAgentOptions['apiAddress'], api: V1Service | undefined): V1Service | undefined {
  if (!address || !api) return api;
  const { host: clusterIP, port } = address;
  return { ...api, spec: { ...api.spec, clusterIP, ports: api.spec?.ports?.map((one) => ({ ...one, port })) } };
}
