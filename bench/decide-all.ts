/**
 * The loop that is measured, in one place: take the next pod, decide, assume it on its node. A pod that wins a node by
 * preemption has its victims deleted at once and is tried again when no other pod waits, since its backoff of a second
 * is longer than a run; one that fits nowhere stays unschedulable.
 */
import { createHash } from 'node:crypto';
import { type Decision, type Pod, podKey } from '../core/index.ts';
import type { World } from './world.ts';

export interface Answers {
  /** Node per attempt, in order; '' where the pod was refused. */
  hosts: string[];
  /** The refusals, in order. */
  refused: Decision[];
}

/** @param decided is called after each attempt. */
export function decideAll({ scheduler, cluster, pods, events }: World, decided?: () => void): Answers {
  const hosts: string[] = [];
  const refused: Decision[] = [];
  const retries: Pod[] = [];
  let event = 0;
  for (let i = 0; i < pods.length + retries.length; i++) {
    while (event < events.length && events[event].at === i) events[event++].happen();
    const pod = i < pods.length ? pods[i] : retries[i - pods.length];
    const decision = scheduler.schedule(pod);
    const { host } = decision;
    if (host !== undefined) {
      if (cluster.assume) cluster.assume(pod, host);
      else cluster.addPod({ ...pod, spec: { ...pod.spec, nodeName: host } });
      hosts.push(host);
    } else {
      hosts.push('');
      refused.push(decision);
      const { nominatedNode: nominatedNodeName, victims = [] } = decision.preemption ?? {};
      for (const victim of victims) cluster.removePod(victim);
      if (nominatedNodeName) retries.push({ ...pod, status: { ...pod.status, nominatedNodeName } });
    }
    decided?.();
  }
  return { hosts, refused };
}

/** Sixteen hexadecimal digits over the first so many answers: nodes, and for refusals what was nominated and evicted. */
export function hashOf({ hosts, refused }: Answers, attempts = hosts.length): string {
  const hash = createHash('sha256');
  let next = 0;
  for (const host of hosts.slice(0, attempts)) hash.update(`${host || refusalText(refused[next++])}\n`);
  return hash.digest('hex').slice(0, 16);
}

function refusalText({ message, preemption }: Decision): string {
  const { nominatedNode = '', victims = [] } = preemption ?? {};
  return `!${message} ${nominatedNode} ${victims.map(podKey).join(' ')}`;
}
