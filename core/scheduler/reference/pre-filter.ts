/**
 * PreFilter: every plugin looks at the pod once, and may skip itself, narrow the nodes, or refuse the pod.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/runtime/framework.go (RunPreFilterPlugins).
 */
import type { PreFilterOutcome, Rejection } from '../framework.ts';
import { type AnyReferencePlugin, type Context, SKIP } from './plugin.ts';

export interface PreFilterRun {
  outcome: PreFilterOutcome;
  /** Of the plugins that did not skip themselves, by name. */
  states: Map<string, unknown>;
  skipped: Set<string>;
}

/**
 * UnschedulableAndUnresolvable and errors stop at once; after Unschedulable the others still run, and the last such answer
 * stands. Narrowed sets of names are intersected.
 */
export function runPreFilter(plugins: readonly AnyReferencePlugin[], context: Context): PreFilterRun {
  const states = new Map<string, unknown>();
  const skipped = new Set<string>();
  const narrowedBy: string[] = [];
  let nodeNames: Set<string> | undefined;
  let rejection: Rejection | undefined;
  const stop = (outcome: PreFilterOutcome): PreFilterRun => ({ outcome, states, skipped });

  for (const { name: plugin, preFilter } of plugins) {
    const result = preFilter?.(context);
    if (result === undefined) continue;
    if (result === SKIP) {
      skipped.add(plugin);
    } else if ('error' in result) {
      return stop({ error: { plugin, message: `running PreFilter plugin "${plugin}": ${result.error}` } });
    } else if ('refusal' in result) {
      rejection = { plugin, ...result.refusal };
      if (rejection.code === 'UnschedulableAndUnresolvable') return stop({ rejection });
    } else {
      states.set(plugin, result.state);
      if (!result.nodeNames) continue;
      narrowedBy.push(plugin);
      nodeNames = nodeNames ? nodeNames.intersection(result.nodeNames) : result.nodeNames;
      if (nodeNames.size === 0) return stop({ rejection: nothingLeft(plugin, narrowedBy), nodeNames, narrowedBy });
    }
  }
  if (rejection) return stop({ rejection });
  return stop(nodeNames ? { nodeNames, narrowedBy } : {});
}

function nothingLeft(plugin: string, narrowedBy: readonly string[]): Rejection {
  const names = [...narrowedBy].sort();
  const reason =
    names.length === 1
      ? `node(s) didn't satisfy plugin ${names[0]}`
      : `node(s) didn't satisfy plugin(s) [${names.join(' ')}] simultaneously`;
  return { plugin, code: 'UnschedulableAndUnresolvable', reasons: [reason] };
}
