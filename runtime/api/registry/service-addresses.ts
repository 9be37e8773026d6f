/** Gives Services their cluster addresses and node ports, and takes them back; what is given out follows the cache. */
import { type Random, type Service, ServiceAllocator, ApiError as WrongInput } from '../../../core/index.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import { invalid } from '../http/status.ts';
import type { Cache } from './cache.ts';

/**
 * @param cache loaded: what its Services have is taken.
 * @returns a plugin that fills Services in, after defaults and before they are checked.
 */
export function serviceAddresses(cache: Cache, random: Random): AdmissionPlugin {
  let allocator = restored(cache, random);
  let known = new Map<string, Service>();
  let fresh = false;
  const catchUp = (): void => {
    if (fresh) return;
    fresh = true;
    const now = new Map([...cache.list('', 'services')].map((service) => [keyOf(service), service as Service]));
    for (const [key, service] of known) if (!now.has(key)) allocator.release(service);
    known = now;
  };
  cache.listeners.add((collection) => {
    if (collection === 'core/services') fresh = false;
  });
  cache.resets.add(() => {
    allocator = restored(cache, random);
    fresh = false;
  });
  catchUp();
  return {
    name: 'ServiceAddresses',
    mutate({ kind, subresource, object, old, dryRun }) {
      if (object === undefined) throw new Error('mutate is called with an object');
      if (kind.group !== '' || kind.kind !== 'Service' || subresource !== '') return object;
      catchUp();
      // What a dry run takes is given back: nothing will hold it.
      if (dryRun) return assign(restored(cache, random), object as Service, old as Service | undefined);
      try {
        return allocator.assign(object as Service, old as Service | undefined);
      } catch {
        // Perhaps it is held by a Service that was refused later on: only what is stored counts.
        allocator = restored(cache, random);
        return assign(allocator, object as Service, old as Service | undefined);
      }
    },
  };
}

/** Throws the 422 that names every problem. */
function assign(allocator: ServiceAllocator, service: Service, previous: Service | undefined): Service {
  try {
    return allocator.assign(service, previous);
  } catch (error) {
    if (!(error instanceof WrongInput)) throw error;
    const causes = error.problems.map(({ path, message }) => ({
      reason: 'FieldValueInvalid',
      ...inKubernetesWords(path, message),
    }));
    throw invalid('', 'Service', service.metadata.name, causes);
  }
}

const TAKEN = /^(\S+) is already allocated to /;

function inKubernetesWords(path: string, message: string): { field: string; message: string } {
  const taken = TAKEN.exec(message)?.[1];
  if (taken === undefined) return { field: path, message: `Invalid value: ${message}` };
  if (/port$/i.test(path))
    return { field: path, message: `Invalid value: ${taken}: provided port is already allocated` };
  const why = `failed to allocate IP ${taken}: provided IP is already allocated`;
  return { field: 'spec.clusterIPs', message: `Invalid value: ${JSON.stringify([taken])}: ${why}` };
}

function restored(cache: Cache, random: Random): ServiceAllocator {
  const allocator = new ServiceAllocator({ random });
  allocator.restore(cache.list('', 'services') as Iterable<Service>);
  return allocator;
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace}/${metadata.name}`;
}
