/**
 * Which plugins run where, once a profile's wishes are merged into the default ones: kube-scheduler's own two steps.
 * First every set is merged with its default (a default plugin that is configured again keeps its place), then
 * multiPoint is spread over the extension points (what a point names itself goes first, in its own order).
 * Source: Kubernetes v1.36, pkg/scheduler/apis/config/v1/default_plugins.go (mergePluginSet),
 * pkg/scheduler/framework/runtime/framework.go (expandMultiPointPlugins, getScoreWeights).
 */
import { POINTS, type Point } from './configuration-schema.ts';
import { EXTENSION_POINTS, MULTI_POINT } from './profile.ts';

export interface PluginRef {
  name: string;
  /** 0 stands for 1. */
  weight: number;
}
export interface PluginSet {
  enabled: PluginRef[];
  disabled: string[];
}
export type PluginSets = Partial<Record<Point | 'multiPoint', PluginSet>>;

/** Extension point → plugins in order; weights matter at `score` only and are at least 1. */
export type ExpandedPlugins = Record<Point, PluginRef[]>;

/** `complain` is told of wishes that kube-scheduler would refuse to start with. */
export function expandPlugins(
  wishes: PluginSets,
  complain: (point: Point | 'multiPoint', message: string) => void,
): ExpandedPlugins {
  const multiPoint = mergeIntoDefault(wishes.multiPoint);
  reportDoubles(multiPoint, (message) => complain('multiPoint', message));
  const expanded = {} as ExpandedPlugins;
  for (const point of POINTS) {
    const own = wishes[point] ?? { enabled: [], disabled: [] };
    reportDoubles(own.enabled, (message) => complain(point, message));
    for (const { name } of own.enabled) {
      if (Object.hasOwn(EXTENSION_POINTS, name) && !EXTENSION_POINTS[name].includes(point)) {
        complain(point, `${name} has no part in ${point}`);
      }
    }
    expanded[point] = expandPoint(point, own, multiPoint).map(({ name, weight }) => ({ name, weight: weight || 1 }));
  }
  return expanded;
}

function mergeIntoDefault(custom: PluginSet = { enabled: [], disabled: [] }): PluginRef[] {
  const merged: PluginRef[] = [];
  const replaced = new Set<PluginRef>();
  if (!custom.disabled.includes('*')) {
    for (const plugin of MULTI_POINT) {
      if (custom.disabled.includes(plugin.name)) continue;
      const again = custom.enabled.findLast(({ name }) => name === plugin.name);
      if (again) replaced.add(again);
      merged.push(again ?? plugin);
    }
  }
  merged.push(...custom.enabled.filter((plugin) => !replaced.has(plugin)));
  return merged;
}

function expandPoint(point: Point, own: PluginSet, multiPoint: readonly PluginRef[]): PluginRef[] {
  if (own.disabled.includes('*')) return own.enabled;
  const spread = multiPoint.filter(
    ({ name }) => (EXTENSION_POINTS[name] ?? []).includes(point) && !own.disabled.includes(name),
  );
  const spreadNames = new Set(spread.map(({ name }) => name));
  const ownNames = new Set(own.enabled.map(({ name }) => name));
  return [
    ...own.enabled.filter(({ name }) => spreadNames.has(name)),
    ...spread.filter(({ name }) => !ownNames.has(name)),
    ...own.enabled.filter(({ name }) => !spreadNames.has(name)),
  ];
}

function reportDoubles(plugins: readonly PluginRef[], complain: (message: string) => void): void {
  const seen = new Set<string>();
  for (const { name } of plugins) {
    if (seen.has(name)) complain(`${name} is enabled twice`);
    seen.add(name);
  }
}
