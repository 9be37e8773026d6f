/**
 * Filters of one cycle: the plugins that PreFilter did not skip, with their states, over nodes as they are or might be.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/runtime/framework.go (section 5.5 of the semantics).
 */
import { type Pod, priorityOf } from '../../objects/types.ts';
import { type NominatedPods, podKey, type Rejection } from '../framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { AnyReferencePlugin, Context } from './plugin.ts';

export class FilterRun {
  readonly #context: Context;
  readonly #nominated: NominatedPods;
  readonly #plugins: readonly AnyReferencePlugin[];
  /** By plugin name; plugins without a PreFilter have none. */
  readonly #states: Map<string, unknown>;

  constructor(
    context: Context,
    nominated: NominatedPods,
    plugins: readonly AnyReferencePlugin[],
    states: Map<string, unknown>,
  ) {
    this.#context = context;
    this.#nominated = nominated;
    this.#plugins = plugins;
    this.#states = states;
  }

  /** The same filters with states of their own, which may be shifted. */
  fork(): FilterRun {
    const states = new Map(this.#states);
    for (const plugin of this.#plugins) {
      if (plugin.clone && states.has(plugin.name)) states.set(plugin.name, plugin.clone(states.get(plugin.name)));
    }
    return new FilterRun(this.#context, this.#nominated, this.#plugins, states);
  }

  /** Once with the pods nominated to the node, if there are any, and once without: both must pass. */
  filter(node: NodeInfo): Rejection | null {
    const nominated = this.#nominatedTo(node);
    if (nominated.length === 0) return this.#filterOnce(node);
    const withNominated = node.clone();
    const run = this.fork();
    for (const pod of nominated) run.add(pod, withNominated);
    return run.#filterOnce(withNominated) ?? this.#filterOnce(node);
  }

  /** Every plugin's answer, whatever the others say; nominated pods are left out. */
  verdicts(node: NodeInfo): { plugin: string; rejection: Rejection | null }[] {
    return this.#plugins.map((plugin) => ({ plugin: plugin.name, rejection: this.#ask(plugin, node) }));
  }

  /** Puts a pod on the node, and tells the plugins. */
  add(pod: Pod, node: NodeInfo): void {
    node.add(pod);
    this.#shift(pod, node, 1);
  }

  remove(pod: Pod, node: NodeInfo): void {
    node.remove(pod);
    this.#shift(pod, node, -1);
  }

  #shift(pod: Pod, node: NodeInfo, by: 1 | -1): void {
    for (const plugin of this.#plugins) plugin.shift?.(this.#states.get(plugin.name), pod, node, by, this.#context);
  }

  /** Not of lower priority, and not the pod itself. */
  #nominatedTo(node: NodeInfo): Pod[] {
    if (this.#nominated.size === 0) return [];
    const { pod } = this.#context;
    return this.#nominated
      .onNode(node.name)
      .filter((other) => priorityOf(other) >= priorityOf(pod) && podKey(other) !== podKey(pod));
  }

  #filterOnce(node: NodeInfo): Rejection | null {
    for (const plugin of this.#plugins) {
      const rejection = this.#ask(plugin, node);
      if (rejection) return rejection;
    }
    return null;
  }

  #ask(plugin: AnyReferencePlugin, node: NodeInfo): Rejection | null {
    const refusal = plugin.filter?.(this.#states.get(plugin.name), node, this.#context);
    return refusal ? { plugin: plugin.name, ...refusal } : null;
  }
}
