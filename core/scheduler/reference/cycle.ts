/** One pod against one snapshot, by the reference rules. Node index n is the node's place in the walking order. */
import { assert } from '../../assert.ts';
import type { Pod } from '../../objects/types.ts';
import type { Cycle, CycleError, DryRun, NominatedPods, PreFilterOutcome, Rejection, Scores } from '../framework.ts';
import type { Profile } from '../profile.ts';
import { FilterRun } from './filter-run.ts';
import type { NodeInfo } from './node-info.ts';
import type { AnyReferencePlugin, Context } from './plugin.ts';
import { REFERENCE_PLUGINS } from './plugins/registry.ts';
import { runPreFilter } from './pre-filter.ts';
import { runScore } from './score-run.ts';

export class ReferenceCycle implements Cycle {
  readonly pod: Pod;
  readonly preFilter: PreFilterOutcome;
  readonly order: readonly number[];
  readonly #context: Context;
  readonly #profile: Profile;
  readonly #filters: FilterRun;
  readonly #states: ReadonlyMap<string, unknown>;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #onReserve: (undo: () => void) => void;
  /** By node index, once asked. */
  readonly #rejections = new Map<number, Rejection | null>();
  #dryRunIsOpen = false;

  /** @param onReserve is given what undoes each fact that a plugin reserved. */
  constructor(
    context: Context,
    profile: Profile,
    nominated: NominatedPods,
    indices: ReadonlyMap<string, number>,
    onReserve: (undo: () => void) => void,
  ) {
    this.pod = context.pod;
    this.#context = context;
    this.#profile = profile;
    this.#indices = indices;
    this.#onReserve = onReserve;
    this.order = context.nodes.map((_, n) => n);
    const { outcome, states, skipped } = runPreFilter(profile.preFilter.map(pluginOf), context);
    this.preFilter = outcome;
    this.#states = states;
    // After a refusal the filters of plugins that never got their turn have no state to work with.
    const runs = ({ name, preFilter }: AnyReferencePlugin): boolean =>
      preFilter ? states.has(name) : !skipped.has(name);
    this.#filters = new FilterRun(context, nominated, profile.filter.map(pluginOf).filter(runs), states);
  }

  nodeName(n: number): string {
    return this.#context.nodes[n].name;
  }

  nodeIndex(name: string): number {
    return this.#indices.get(name) ?? -1;
  }

  fits(n: number): boolean {
    return this.rejection(n) === null;
  }

  rejection(n: number): Rejection | null {
    if (this.preFilter.rejection) return this.preFilter.rejection;
    let rejection = this.#rejections.get(n);
    if (rejection === undefined) {
      rejection = this.#filters.filter(this.#context.nodes[n]);
      this.#rejections.set(n, rejection);
    }
    return rejection;
  }

  verdicts(n: number): { plugin: string; rejection: Rejection | null }[] {
    return this.#filters.verdicts(this.#context.nodes[n]);
  }

  score(feasible: ArrayLike<number>): Scores | { error: CycleError } {
    const nodes = Array.from(feasible, (n) => this.#context.nodes[n]);
    const plugins = this.#profile.score.map(({ name, weight }) => ({ plugin: pluginOf(name), weight }));
    return runScore(plugins, this.#context, nodes);
  }

  dryRun(n: number): DryRun {
    assert(!this.#dryRunIsOpen, 'only one dry run may be open at a time');
    this.#dryRunIsOpen = true;
    const node = this.#context.nodes[n].clone();
    return openDryRun(node, this.#filters.fork(), () => {
      this.#dryRunIsOpen = false;
    });
  }

  reserve(n: number): void {
    for (const name of this.#profile.reserve) {
      if (!this.#states.has(name)) continue;
      const undo = pluginOf(name).reserve?.(this.#states.get(name), this.#context.nodes[n], this.#context);
      if (undo) this.#onReserve(undo);
    }
  }
}

/** Works on copies, so closing it has nothing to restore. */
function openDryRun(node: NodeInfo, filters: FilterRun, close: () => void): DryRun {
  return {
    pods: node.pods,
    remove: (pod) => filters.remove(pod, node),
    add: (pod) => filters.add(pod, node),
    filter: () => filters.filter(node),
    close,
  };
}

function pluginOf(name: string): AnyReferencePlugin {
  const plugin = REFERENCE_PLUGINS.get(name);
  assert(plugin, `the reference decider has no plugin '${name}'`);
  return plugin;
}
