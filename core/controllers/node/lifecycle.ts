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
import { NODE_LIFECYCLE_DEFAULTS, type NodeLifecycleSettings } from './settings.ts';
import { type Eviction, taintsOf, wantsEviction } from './taints.ts';
import { Zones } from './zones.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const WORKERS = 8;

interface Memory {
  settings: NodeLifecycleSettings;
  health: NodeHealth;
  zones: Zones;
  pods: PodsByNode;
  /** Nodes whose pods have been told not to be ready. */
  dismissed: Set<string>;
}

/** @param changed settings other than the defaults. */
export function nodeLifecycleController(changed: Partial<NodeLifecycleSettings> = {}): Controller {
  const settings = { ...NODE_LIFECYCLE_DEFAULTS, ...changed };
  const memory: Memory = {
    settings,
    health: new NodeHealth(settings),
    zones: new Zones(settings),
    pods: new PodsByNode(),
    dismissed: new Set(),
  };
  return {
    name: 'node-controller',
    workers: WORKERS,
    watches: [
      {
        resource: NODES,
        keys(change) {
          memory.zones.take(change);
          return [change.object.metadata.name];
        },
      },
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
  const { health, zones } = memory;
  const turn = zones.turn(nowMs);
  if (turn === 'found-some') health.renewAll(nowMs);
  let node: Node | undefined = observedNode;
  const lease = observed.get(LEASES, LEASE_NAMESPACE, node.metadata.name) as Lease | undefined;
  const left = health.graceLeft(node, lease, nowMs);
  const isLost = conditionOf(conditionsOf(node), 'Ready')?.status === 'Unknown';
  if (left <= 0 && !isLost) node = yield* giveUp(node, nowMs);
  if (!node) return undefined;
  yield* dismissPods(node, memory, world);
  const again = yield* putTaints(node, memory, world);
  const waits = [again, left > 0 ? left + 1 : undefined].filter((ms) => ms !== undefined);
  return {
    ...(waits.length > 0 && { afterMs: Math.min(...waits) }),
    // Their taints are of another kind now, or they may wait for less.
    ...(turn && { also: [...observed.list(NODES)].map(({ metadata }) => metadata.name) }),
  };
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
  const told: Action[] = [];
  for (const key of pods.on(name)) {
    const slash = key.indexOf('/');
    const pod = observed.get(PODS, key.slice(0, slash), key.slice(slash + 1)) as Pod | undefined;
    if (!pod || !isReady(pod)) continue;
    const patch = podConditionPatch(pod, { type: 'Ready', status: 'False' }, nowMs);
    if (patch) actions.push(patch);
    told.push({ type: 'event', about: pod, severity: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }
  const outcomes = actions.length > 0 ? yield actions : [];
  const refusal = outcomes.find((outcome) => outcome.refusal && outcome.refusal.code !== NOT_FOUND)?.refusal;
  if (refusal) throw new RefusedError(refusal);
  dismissed.add(name);
  if (told.length > 0) yield told;
}

/** Milliseconds after which the node may be evicted from, where it may not be yet. */
function* putTaints(node: Node, { settings, zones }: Memory, { nowMs }: World): Part<number | undefined> {
  const wants = wantsEviction(node) && !zones.areAllLost;
  const wait = wants ? zones.giveUp(node, nowMs) : 0;
  if (!wants) zones.release(node.metadata.name);
  const eviction: Eviction = zones.areAllLost ? 'never' : wait === 0 ? 'now' : 'later';
  const taints = taintsOf(node, nowMs, eviction);
  if (taints) {
    const object: KubeObject = { ...node, spec: { ...node.spec, taints } } as Node;
    yield* must({ type: 'update', resource: NODES, object });
  }
  // What happens to the other nodes of its zone may make it wait for less.
  return wait === 0 ? undefined : Math.min(wait ?? settings.monitorPeriodMs, settings.monitorPeriodMs);
}
