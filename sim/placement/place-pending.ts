/** Schedules the pending pods of manifests on their nodes, and says of each where it went or why it went nowhere. */
import { createHash } from 'node:crypto';
import { namespaceOf, type Pod, podKey, schedulerNameOf } from '../../core/index.ts';
import type { Manifests } from '../traces/manifests.ts';
import { makeWorld, type PlacementOptions, type World } from './world.ts';

export interface PlacedPod {
  /** 'namespace/name' */
  pod: string;
  /** 'evicted' had a node, by itself or from this run, and lost it to a pod of higher priority. */
  result: 'scheduled' | 'unschedulable' | 'gated' | 'evicted' | 'ignored';
  node?: string;
  /** Why it has no node, in the scheduler's words. */
  message?: string;
  /** The node that preemption has made room on, when it still waits. */
  nominatedNode?: string;
  attempts: number;
}

export interface Placement {
  seed: number;
  /** SHA-256 of the decision log: one line for each attempt. */
  hash: string;
  nodes: number;
  /** Pods that had a node from the beginning. */
  running: number;
  scheduled: number;
  unschedulable: number;
  evicted: number;
  attempts: number;
  /** Pods that had no node, in the order of the input; then running ones that were evicted. */
  pods: PlacedPod[];
}

export async function placePending({ nodes, pods, others }: Manifests, options: PlacementOptions): Promise<Placement> {
  const hash = createHash('sha256');
  const placed = new Map<string, { node?: string; attempts: number }>();
  let attempts = 0;
  const world = makeWorld(options, ({ pod, result, host, message }, attempt) => {
    attempts++;
    hash.update(`${nameOf(pod)} ${result} ${host ?? message ?? ''}\n`);
    placed.set(podKey(pod), { node: host, attempts: attempt.number });
  });
  for (const node of nodes) world.scheduler.nodeAdded(node);
  for (const object of others) world.scheduler.objectAdded(object);
  const running = pods.filter((pod) => pod.spec.nodeName);
  const pending = pods.filter((pod) => !pod.spec.nodeName);
  for (const pod of [...running, ...pending]) world.scheduler.podAdded(pod);
  await world.settle();

  const rows = rowsOf(world, pending, placed);
  const count = (result: PlacedPod['result']): number => rows.filter((row) => row.result === result).length;
  return {
    seed: options.seed,
    hash: hash.digest('hex'),
    nodes: nodes.length,
    running: running.length,
    scheduled: count('scheduled'),
    unschedulable: count('unschedulable') + count('gated') + count('ignored'),
    evicted: count('evicted'),
    attempts,
    pods: rows,
  };
}

function rowsOf(world: World, pending: Pod[], placed: Map<string, { node?: string; attempts: number }>): PlacedPod[] {
  const waiting = new Map([...world.scheduler.pending()].map((entry) => [podKey(entry.pod), entry]));
  const evictedBy = new Map(world.evicted.map(({ victim, preemptor }) => [podKey(victim), preemptor]));
  const evictedRow = (pod: Pod, attempts: number): PlacedPod => {
    const message = `evicted for ${nameOf(evictedBy.get(podKey(pod))!)}`;
    return { pod: nameOf(pod), result: 'evicted', node: pod.spec.nodeName, message, attempts };
  };
  const rows = pending.map((pod): PlacedPod => {
    const name = nameOf(pod);
    const key = podKey(pod);
    const { node, attempts = 0 } = placed.get(key) ?? {};
    if (evictedBy.has(key)) return evictedRow({ ...pod, spec: { ...pod.spec, nodeName: node } }, attempts);
    const entry = waiting.get(key);
    if (entry?.place === 'gated') return { pod: name, result: 'gated', message: gateText(pod), attempts };
    if (entry) {
      const { message, pod: latest } = entry;
      const nominatedNode = latest.status?.nominatedNodeName;
      return { pod: name, result: 'unschedulable', message, ...(nominatedNode ? { nominatedNode } : {}), attempts };
    }
    if (node !== undefined) return { pod: name, result: 'scheduled', node, attempts };
    return { pod: name, result: 'ignored', message: ignoredText(pod, world), attempts };
  });
  const wasPending = new Set(pending.map(podKey));
  const lost = world.evicted.filter(({ victim }) => !wasPending.has(podKey(victim)));
  return [...rows, ...lost.map(({ victim }) => evictedRow(victim, 0))];
}

function nameOf(pod: Pod): string {
  return `${namespaceOf(pod)}/${pod.metadata.name}`;
}

function gateText(pod: Pod): string {
  return `waits for scheduling gates: ${(pod.spec.schedulingGates ?? []).map(({ name }) => name).join(', ')}`;
}

function ignoredText(pod: Pod, { profiles }: World): string {
  const ours = profiles.map(({ schedulerName }) => schedulerName);
  const asks = schedulerNameOf(pod);
  return ours.includes(asks)
    ? 'is being deleted'
    : `asks for scheduler ${asks}, and the profiles are ${ours.join(', ')}`;
}
