/**
 * The reference decider: the rules of the default profile written over plain objects and bigints, slow and plain. It is the
 * oracle that the other deciders are compared with; its own oracle are the decisions recorded from kube-scheduler.
 */
import { assert } from '../../assert.ts';
import type { Listers } from '../../cluster/listers.ts';
import type { KubeObject, Node, Pod } from '../../objects/types.ts';
import {
  type Cycle,
  type Decider,
  type DeciderOptions,
  type NominatedPods,
  podKey,
  type Savable,
  type SavedDecider,
} from '../framework.ts';
import type { Profile } from '../profile.ts';
import { Reservations } from '../reservations.ts';
import { ClusterState } from './cluster-state.ts';
import { ReferenceCycle } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';

export class ReferenceDecider implements Decider, Savable {
  readonly kind = 'reference';
  readonly #listers: Listers;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #nominated: NominatedPods;
  readonly #state = new ClusterState();
  readonly #reserved = new Reservations();

  constructor({ listers, profiles, nominated }: DeciderOptions) {
    this.#listers = listers;
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#nominated = nominated;
  }

  addNode(node: Node): void {
    this.#state.setNode(node);
  }

  updateNode(node: Node): void {
    this.#state.setNode(node);
  }

  removeNode(name: string): void {
    this.#state.removeNode(name);
  }

  addPod(pod: Pod): void {
    this.#state.setPod(pod);
  }

  updatePod(pod: Pod): void {
    this.#state.setPod(pod);
  }

  removePod(pod: Pod): void {
    this.#state.removePod(pod);
    this.#reserved.delete(podKey(pod));
  }

  /** Listers are read afresh in every cycle. */
  objectChanged(_object: KubeObject): void {}

  begin(pod: Pod): Cycle {
    const schedulerName = pod.spec.schedulerName || 'default-scheduler';
    const profile = this.#profiles.get(schedulerName);
    assert(profile, `no profile for scheduler '${schedulerName}'`);
    const nodes = this.#state.snapshot();
    const context = { pod, nodes, listers: this.#listers, args: profile.args };
    this.#reserved.delete(podKey(pod));
    return new ReferenceCycle(context, profile, this.#nominated, indexByName(nodes), (undo) => {
      this.#reserved.add(podKey(pod), undo);
    });
  }

  placedPod(key: string): Pod | undefined {
    return this.#state.pod(key);
  }

  save(): SavedDecider {
    return { ...this.#state.save(), reserved: this.#reserved.save() };
  }

  load(saved: SavedDecider): void {
    this.#state.load(saved);
    this.#reserved.restore(saved.reserved, this.#listers);
  }

  /** Takes back what the pod's last cycle reserved, when it will not be bound after all. */
  unreserve(pod: Pod): void {
    this.#reserved.takeBack(podKey(pod));
  }
}

function indexByName(nodes: readonly NodeInfo[]): Map<string, number> {
  return new Map(nodes.map((node, n) => [node.name, n]));
}
