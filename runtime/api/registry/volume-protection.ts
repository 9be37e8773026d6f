/**
 * Lets claims and volumes that are being deleted go once nobody uses them, by taking away the finalizer that admission gave
 * them. Source: Kubernetes v1.36, pkg/controller/volume/{pvcprotection,pvprotection}.
 */
import type { ApiClient, ResourceName } from '../client.ts';
import { ApiError } from '../http/status.ts';
import { type ApiObject, isMap, shownText, valueAt } from '../object.ts';
import type { Cache } from './cache.ts';

const CLAIMS: ResourceName = { group: '', resource: 'persistentvolumeclaims' };
const VOLUMES: ResourceName = { group: '', resource: 'persistentvolumes' };

const PROTECTED: readonly {
  resource: ResourceName;
  finalizer: string;
  isUsed(cache: Cache, object: ApiObject): boolean;
}[] = [
  { resource: CLAIMS, finalizer: 'kubernetes.io/pvc-protection', isUsed: (cache, claim) => usesOf(cache, claim) },
  {
    resource: VOLUMES,
    finalizer: 'kubernetes.io/pv-protection',
    isUsed: (_, volume) => valueAt(volume, 'status.phase') === 'Bound',
  },
];
const WATCHED: ReadonlySet<string> = new Set(['core/persistentvolumeclaims', 'core/persistentvolumes', 'core/pods']);

export interface VolumeProtectionOptions {
  cache: Cache;
  client: ApiClient;
  problem(error: Error): void;
}

export class VolumeProtection {
  readonly #options: VolumeProtectionOptions;
  #looking = false;
  #again = false;
  readonly #onChange = (collection: string): void => {
    if (WATCHED.has(collection)) this.#look();
  };
  readonly #onReset = (): void => this.#look();

  constructor(options: VolumeProtectionOptions) {
    this.#options = options;
    options.cache.listeners.add(this.#onChange);
    options.cache.resets.add(this.#onReset);
    this.#look();
  }

  stop(): void {
    this.#options.cache.listeners.delete(this.#onChange);
    this.#options.cache.resets.delete(this.#onReset);
  }

  /** One look at a time: what changes meanwhile is looked at after it. */
  #look(): void {
    if (!this.#looking) void this.#work();
    else this.#again = true;
  }

  async #work(): Promise<void> {
    this.#looking = true;
    do {
      this.#again = false;
      await this.#releaseUnused().catch((error: unknown) =>
        this.#options.problem(new Error('volumes that are being deleted cannot be let go', { cause: error })),
      );
    } while (this.#again);
    this.#looking = false;
  }

  async #releaseUnused(): Promise<void> {
    const { cache } = this.#options;
    for (const { resource, finalizer, isUsed } of PROTECTED) {
      const going = [...cache.list(resource.group, resource.resource)].filter(
        ({ metadata }) => metadata.deletionTimestamp && metadata.finalizers?.includes(finalizer),
      );
      for (const object of going) {
        if (!isUsed(cache, object)) await this.#release(resource, object, finalizer);
      }
    }
  }

  async #release(resource: ResourceName, { metadata, ...rest }: ApiObject, finalizer: string): Promise<void> {
    const finalizers = metadata.finalizers?.filter((other) => other !== finalizer);
    const next = { ...rest, metadata: { ...metadata, finalizers } } as ApiObject;
    try {
      await this.#options.client.update(resource, next, { fieldManager: 'kube-apiserver' });
    } catch (error) {
      // What another has taken away or changed meanwhile is looked at again.
      if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error;
    }
  }
}

/** Pods that have a node and are not over keep their claims. */
function usesOf(cache: Cache, { metadata }: ApiObject): boolean {
  for (const pod of cache.list('', 'pods', metadata.namespace)) {
    const phase = valueAt(pod, 'status.phase');
    if (!valueAt(pod, 'spec.nodeName') || phase === 'Succeeded' || phase === 'Failed') continue;
    const volumes = valueAt(pod, 'spec.volumes');
    if (!Array.isArray(volumes)) continue;
    const named = (volume: unknown): boolean =>
      isMap(volume) &&
      (valueAt(volume, 'persistentVolumeClaim.claimName') === metadata.name ||
        (isMap(volume.ephemeral) && `${pod.metadata.name}-${shownText(volume.name)}` === metadata.name));
    if (volumes.some(named)) return true;
  }
  return false;
}
