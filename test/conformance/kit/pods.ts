/** Pods and their owners, as rows that need controllers make them, and what they wait for. */
import type { Check } from '../row.ts';
import { type Body, eventually, labelled, type Resource } from './resource.ts';

export function podOf(name: string, labels: Record<string, string> = {}, spec: object = {}): Body {
  return { metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'agnhost' }], ...spec } };
}

/** Of apps/v1, or a ReplicationController of v1. */
export function ownerOf(kind: string, name: string, replicas: number, spec: object = {}): Body {
  const labels = { name };
  const selector = kind === 'ReplicationController' ? labels : { matchLabels: labels };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'httpd' }] } };
  return { metadata: { name, labels }, spec: { replicas, selector, template, ...spec } };
}

export async function podsOf(check: Check, name: string): Promise<Body[]> {
  return (await check.namespaced('v1', 'pods').list(labelled({ name }))).items;
}

/** So many pods of that label are there, all run and are ready. */
export function running(check: Check, name: string, count: number): Promise<void> {
  return eventually(`${count} pods of ${name} run`, async () => {
    const pods = await podsOf(check, name);
    return pods.length === count && pods.every(isReady);
  });
}

export function isReady({ metadata, status }: Body): boolean {
  const ready = status.conditions?.some(({ type, status: is }: Body) => type === 'Ready' && is === 'True');
  return status.phase === 'Running' && ready === true && !metadata.deletionTimestamp;
}

/** Waits until the object is as wanted. @returns it */
export async function turned(own: Resource, name: string, into: string, is: (object: Body) => boolean): Promise<Body> {
  let object: Body;
  const looked = eventually(`${own.path}/${name} ${into}`, async () => {
    object = await own.get(name);
    return is(object);
  });
  await looked.catch((error: Error) => {
    throw new Error(`${error.message}; its status is ${JSON.stringify(object?.status).slice(0, 1500)}`);
  });
  return object;
}

export function controllerOf({ metadata }: Body): Body | undefined {
  return metadata.ownerReferences?.find(({ controller }: Body) => controller);
}
