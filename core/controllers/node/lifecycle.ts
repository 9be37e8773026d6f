/**
 * Nodes whose agent is not heard from: their conditions turn Unknown, their pods are not ready, and taints keep new pods
 * away and send the others off. A node that is well again loses the taints.
 * Source: Kubernetes v1.36, pkg/controller/nodelifecycle/node_lifecycle_controller.go.
 */
import type { KubeObject, Node, Pod } from '../../objects/types.ts';
import { conditionOf } from '../conditions.ts';
import {
  type Action,
  type Controller,
  must,
  NOT_FOUND,
  type Part,
  RefusedError,
  type Sync,
  unlessGone,
  type World,
} from '../controller.ts';
import { podConditionPatch } from '../pod-conditions.ts';
import { isReady } from '../pod-state.ts';
import { PodsByNode } from '../pods-by-node.ts';
import { LEASES, NODES, PODS } from '../resources.ts';
import { conditionsOf, type Lease, lostConditions, NodeHealth } from './health.ts';
import { taintsOf, wantsEviction } from './taints.ts';
import { EvictionPace, zoneOf } from './zones.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LOOK_AGAIN_MS = 5000;

interface Memory {
  health: NodeHealth;
  pace: EvictionPace;
  pods: PodsByNode;
  /** Nodes whose pods have been told not to be ready. */
  dismissed: Set<string>;
}

export function nodeLifecycleController(): Controller {
  const memory: Memory = {
    health: new NodeHealth(),
    pace: new EvictionPace(),
    pods: new PodsByNode(),
    dismissed: new Set(),
  };
  return {
    name: 'node-controller',
    watches: [
      { resource: NODES, keys: ({ object }) => [object.metadata.name] },
      {
        resource: LEASES,
        keys: ({ object: { metadata } }) => (metadata.namespace === LEASE_NAMESPACE ? [metadata.name] : []),
      },
      {
        resource: PODS,
        keys(change) {
          memory.pods.take(change);
          return [];
        },
      },
    ],
    *sync(name, world) {
      const node = world.observed.get(NODES, '', name) as Node | undefined;
      if (!node) {
        memory.health.forget(name);
        memory.dismissed.delete(name);
        return undefined;
      }
      return yield* syncNode(node, memory, world);
    },
  };
}

function* syncNode(observedNode: Node, memory: Memory, world: World): Sync {
  const { nowMs, observed } = world;
  let node: Node | undefined = observedNode;
  const lease = observed.get(LEASES, LEASE_NAMESPACE, node.metadata.name) as Lease | undefined;
  const left = memory.health.graceLeft(node, lease, nowMs);
  const isLost = conditionOf(conditionsOf(node), 'Ready')?.status === 'Unknown';
  if (left <= 0 && !isLost) node = yield* giveUp(node, nowMs);
  if (!node) return undefined;
  yield* dismissPods(node, memory, world);
  const again = yield* putTaints(node, memory, world);
  const waits = [again, left > 0 ? left + 1 : undefined].filter((ms) => ms !== undefined);
  return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
}

function* giveUp(node: Node, nowMs: number): Part<Node | undefined> {
  const object = { ...node, status: { ...node.status, conditions: lostConditions(node, nowMs) } } as Node;
  const written = yield* unlessGone({ type: 'update', resource: NODES, object, subresource: 'status' });
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  yield [{ type: 'event', about: node, severity: 'Normal', reason: 'NodeNotReady', message }];
  return written as Node | undefined;
}

/** The pods of a node that is not ready are not either: endpoints must not wait for an agent that is silent. */
function* dismissPods(node: Node, { pods, dismissed }: Memory, { observed, nowMs }: World): Part<void> {
  const { name } = node.metadata;
  const ready = conditionOf(conditionsOf(node), 'Ready');
  if (!ready || ready.status === 'True') {
    dismissed.delete(name);
    return;
  }
  if (dismissed.has(name)) return;
  const actions: Action[] = [];
  for (const key of pods.on(name)) {
    const slash = key.indexOf('/');
    const pod = observed.get(PODS, key.slice(0, slash), key.slice(slash + 1)) as Pod | undefined;
    if (!pod || !isReady(pod)) continue;
    const patch = podConditionPatch(pod, { type: 'Ready', status: 'False' }, nowMs);
    if (patch) actions.push(patch);
  }
  const outcomes = actions.length > 0 ? yield actions : [];
  const refusal = outcomes.find((outcome) => outcome.refusal && outcome.refusal.code !== NOT_FOUND)?.refusal;
  if (refusal) throw new RefusedError(refusal);
  dismissed.add(name);
}

/** Milliseconds after which the node may be evicted from, where it may not be yet. */
function* putTaints(node: Node, { pace }: Memory, { observed, nowMs }: World): Part<number | undefined> {
  const nodes = observed.list(NODES) as Iterable<Node>;
  const wait = wantsEviction(node) ? pace.take(zoneOf(node), nodes, nowMs) : 0;
  const taints = taintsOf(node, nowMs, wait === 0);
  if (taints) {
    const object: KubeObject = { ...node, spec: { ...node.spec, taints } } as Node;
    yield* must({ type: 'update', resource: NODES, object });
  }
  if (wait === 0) return undefined;
  return wait ?? LOOK_AGAIN_MS;
}
