/**
 * PreFilter over all filter plugins (semantics 3, General): who is skipped, who narrows the nodes, who refuses the pod.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import {
  type Narrowed,
  type PluginError,
  type PodRejected,
  type PreFilterOutcome,
  type Rejection,
  SKIP,
  type View,
} from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';

/** A filter plugin that is not skipped in this cycle, with what it learned of the pod. */
export interface ActiveFilter {
  plugin: AnyPackedPlugin;
  facts: unknown;
  /** What its filter writes for a node that it refuses: 1 to 254. */
  self: number;
}

export function runPreFilter(
  filters: readonly AnyPackedPlugin[],
  pod: PodRequest,
  view: View,
): { outcome: PreFilterOutcome; active: ActiveFilter[] } {
  const active: ActiveFilter[] = [];
  let nodeNames: Set<string> | undefined;
  const narrowedBy: string[] = [];
  let rejection: Rejection | undefined;
  for (let i = 0; i < filters.length; i++) {
    const plugin = filters[i];
    const found = plugin.preFilter?.(pod, view);
    if (found === SKIP) continue;
    if (isObject(found)) {
      if ('error' in found) {
        const message = `running PreFilter plugin "${plugin.name}": ${(found as unknown as PluginError).error}`;
        return { outcome: { error: { plugin: plugin.name, message } }, active };
      }
      if ('rejected' in found) {
        const { rejected } = found as unknown as PodRejected;
        const refusal = { plugin: plugin.name, ...rejected };
        if (rejected.code === 'UnschedulableAndUnresolvable') return { outcome: { rejection: refusal }, active };
        rejection ??= refusal;
        continue;
      }
    }
    let facts: unknown = found;
    if (isObject(found) && 'nodeNames' in found) {
      const narrowed = found as unknown as Narrowed<unknown>;
      facts = narrowed.facts;
      nodeNames = nodeNames ? nodeNames.intersection(narrowed.nodeNames) : narrowed.nodeNames;
      narrowedBy.push(plugin.name);
      if (nodeNames.size === 0) return { outcome: { rejection: emptyRejection(narrowedBy) }, active };
    }
    if (facts !== SKIP) active.push({ plugin, facts, self: i + 1 });
  }
  if (rejection) return { outcome: { rejection }, active };
  return { outcome: nodeNames ? { nodeNames, narrowedBy } : {}, active };
}

function isObject(found: unknown): found is object {
  return typeof found === 'object' && found !== null;
}

/** Each narrowed the nodes, and together they leave none. */
function emptyRejection(narrowedBy: readonly string[]): Rejection {
  const plugins = narrowedBy.join(', ');
  const reason = `node(s) didn't satisfy plugin(s) [${plugins}] simultaneously`;
  return { plugin: narrowedBy[narrowedBy.length - 1], code: 'UnschedulableAndUnresolvable', reasons: [reason] };
}
