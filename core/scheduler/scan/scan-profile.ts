/** A profile with its plugins made: what the scan runs, in order. */
import { assert } from '../../assert.ts';
import { type AnyPackedPlugin, createPlugin } from '../plugins/registry.ts';
import type { PluginArgs, Profile } from '../profile.ts';

export interface ScanProfile {
  filters: readonly AnyPackedPlugin[];
  scores: readonly { plugin: AnyPackedPlugin; weight: number }[];
  args: PluginArgs;
  percentageOfNodesToScore: number;
  /** Plugins that only this thread knows. */
  outside: ReadonlySet<AnyPackedPlugin>;
  /** Some plugin from outside in this profile looks at more than one node. */
  sharedFromOutside: boolean;
}

/** @param extra plugins besides the built-in ones, by name; they win over a built-in one of the same name. */
export function makeProfile(
  { filter, score, args, percentageOfNodesToScore }: Profile,
  extra: ReadonlyMap<string, AnyPackedPlugin>,
): ScanProfile {
  const made = new Map<string, AnyPackedPlugin>();
  const make = (name: string): AnyPackedPlugin => {
    const plugin = made.get(name) ?? extra.get(name) ?? createPlugin(name, args);
    assert(plugin, `the profile names plugin ${name}, which nobody brought`);
    made.set(name, plugin);
    return plugin;
  };
  const filters = filter.map(make);
  const scores = score.map(({ name, weight }) => ({ plugin: make(name), weight })).filter(({ plugin }) => plugin.score);
  const outside = new Set(extra.values());
  const all = [...filters, ...scores.map(({ plugin }) => plugin)];
  const sharedFromOutside = all.some((plugin) => outside.has(plugin) && plugin.scope === 'shared');
  return { filters, scores, args, percentageOfNodesToScore, outside, sharedFromOutside };
}
