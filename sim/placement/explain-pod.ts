/** Explains one pod of manifests: against the cluster as it is, or when the other pending pods have been placed. */
import { ApiError, type Explanation, explain, namespaceOf, type Pod, schedulerNameOf } from '../../core/index.ts';
import type { Manifests } from '../traces/manifests.ts';
import { makeWorld, type PlacementOptions } from './world.ts';

export interface ExplainOptions extends PlacementOptions {
  /** Place the other pending pods first. */
  after: boolean;
}

/**
 * A pod that has a node is taken off it first.
 * @param name 'namespace/name', or a name in namespace default or that only one pod has.
 * @throws ApiError when no pod has it, or no profile is responsible.
 */
export async function explainPod(
  { nodes, pods, others }: Manifests,
  name: string,
  options: ExplainOptions,
): Promise<Explanation> {
  const pod = findPod(pods, name);
  const world = makeWorld(options);
  const { scheduler, decider, profiles } = world;
  if (!profiles.some(({ schedulerName }) => schedulerName === schedulerNameOf(pod))) {
    const names = profiles.map(({ schedulerName }) => schedulerName).join(', ');
    throw refusal(nameOf(pod), `asks for scheduler ${schedulerNameOf(pod)}, the profiles are ${names}`);
  }
  for (const node of nodes) scheduler.nodeAdded(node);
  for (const object of others) scheduler.objectAdded(object);
  const rest = pods.filter((other) => other !== pod && (other.spec.nodeName || options.after));
  for (const other of rest) scheduler.podAdded(other);
  if (options.after) await world.settle();
  const { nodeName: _, ...spec } = pod.spec;
  return explain(decider.begin({ ...pod, spec }), options.tieRule, options.seed);
}

function findPod(pods: readonly Pod[], name: string): Pod {
  const exact = pods.find((pod) => nameOf(pod) === (name.includes('/') ? name : `default/${name}`));
  if (exact) return exact;
  const named = name.includes('/') ? [] : pods.filter((pod) => pod.metadata.name === name);
  if (named.length === 1) return named[0];
  if (named.length > 1) {
    throw refusal(name, `there are several, say which: ${named.slice(0, 8).map(nameOf).join(', ')}`);
  }
  throw new NoSuchPod(name, pods.map(nameOf));
}

/** Carries the names that there are, so that the nearest can be offered. */
export class NoSuchPod extends ApiError {
  readonly names: readonly string[];

  constructor(name: string, names: readonly string[]) {
    super('NotFound', [{ object: `pod ${name}`, path: '', message: 'there is no such pod', severity: 'error' }]);
    this.names = names;
  }
}

function refusal(name: string, message: string): ApiError {
  return new ApiError('Invalid', [{ object: `pod ${name}`, path: '', message, severity: 'error' }]);
}

function nameOf(pod: Pod): string {
  return `${namespaceOf(pod)}/${pod.metadata.name}`;
}
