/** A plugin from outside, put into a profile: its place at each extension point, and its weight. */
import { ApiError, type Problem } from '../errors.ts';
import type { PackedPlugin } from './framework.ts';
import type { AnyPackedPlugin } from './plugins/registry.ts';
import { EXTENSION_POINTS, type Profile } from './profile.ts';

/** A profile that brings the plugins it names beyond kube-scheduler's own. */
export interface PluggedProfile extends Profile {
  readonly plugins?: readonly AnyPackedPlugin[];
}

/** kube-scheduler's bound on the weight of one plugin. */
const MAX_WEIGHT = 2 ** 31 - 1;

/**
 * A copy of the profile with the plugin as the last one of each extension point that it implements.
 * @param weight of its score; 1 by default, and without meaning for a plugin that only filters.
 * @throws ApiError when the name is taken, the plugin does nothing, or the weight is no whole number from 1 on.
 */
export function withPlugin<FilterFacts, ScoreFacts>(
  profile: PluggedProfile,
  plugin: PackedPlugin<FilterFacts, ScoreFacts>,
  { weight = 1 }: { weight?: number } = {},
): PluggedProfile {
  const problems = problemsOf(profile, plugin as AnyPackedPlugin, weight);
  if (problems.length > 0) throw new ApiError('Invalid', problems);
  const { name, preFilter, filter, reserve, preScore, score } = plugin;
  const also = (names: readonly string[], runs: unknown): readonly string[] => (runs ? [...names, name] : names);
  return {
    ...profile,
    preFilter: also(profile.preFilter, preFilter),
    filter: also(profile.filter, preFilter ?? filter ?? reserve),
    reserve: also(profile.reserve, reserve),
    preScore: also(profile.preScore, preScore),
    score: score ? [...profile.score, { name, weight }] : profile.score,
    plugins: [...(profile.plugins ?? []), plugin as AnyPackedPlugin],
  };
}

function problemsOf(profile: PluggedProfile, plugin: AnyPackedPlugin, weight: number): Problem[] {
  const { name, scope } = plugin;
  const problems: Problem[] = [];
  const report = (path: string, message: string): void => {
    problems.push({ object: `plugin ${name}`, path, message, severity: 'error' });
  };
  if (typeof name !== 'string' || name === '') report('name', 'is required');
  if (Object.hasOwn(EXTENSION_POINTS, name)) report('name', 'is the name of a plugin of kube-scheduler');
  if (profile.plugins?.some((other) => other.name === name)) report('name', 'is in the profile already');
  if (scope !== 'local' && scope !== 'shared') report('scope', "must be 'local' or 'shared'");
  const { preFilter, filter, score, reserve } = plugin;
  if (!preFilter && !filter && !score && !reserve) report('', 'has neither preFilter, filter, score nor reserve');
  if (!Number.isInteger(weight) || weight < 1 || weight > MAX_WEIGHT) {
    report('weight', `${weight} is not a whole number from 1 to ${MAX_WEIGHT}`);
  }
  return problems;
}

/**
 * What all profiles bring, by name once.
 * @throws ApiError when two profiles bring different plugins of one name.
 */
export function pluginsOf(profiles: readonly PluggedProfile[]): AnyPackedPlugin[] {
  const byName = new Map<string, AnyPackedPlugin>();
  for (const { schedulerName, plugins = [] } of profiles) {
    for (const plugin of plugins) {
      if ((byName.get(plugin.name) ?? plugin) !== plugin) {
        const message = 'is another plugin than the one of that name in an earlier profile';
        const object = `profile ${schedulerName}`;
        throw new ApiError('Invalid', [{ object, path: `plugins.${plugin.name}`, message, severity: 'error' }]);
      }
      byName.set(plugin.name, plugin);
    }
  }
  return [...byName.values()];
}
