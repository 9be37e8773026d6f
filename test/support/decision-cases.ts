/**
 * Tables of decisions: objects and a pod, and what a decider must say of every node. One table serves all deciders.
 * `runCases` makes a uvu test of each row for each of them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../core/cluster/listers.ts';
import type { KubeObject, Node, Pod } from '../../core/objects/types.ts';
import {
  type Cycle,
  type Decider,
  type NominatedPods,
  podKey,
  type Rejection,
} from '../../core/scheduler/framework.ts';
import { defaultProfile, type PluginArgs, type Profile } from '../../core/scheduler/profile.ts';
import { DECIDERS, type DeciderFactory } from './deciders.ts';

export interface DecisionCase {
  /** A sentence. */
  name: string;
  nodes: Node[];
  /** Pods on nodes. */
  pods?: Pod[];
  /** Pods nominated to a node, by its name. */
  nominated?: Record<string, Pod[]>;
  /** Anything that is neither a node nor a pod. */
  objects?: KubeObject[];
  args?: Partial<PluginArgs>;
  pod: Pod;
  expect: Expectation;
}

export interface Expectation {
  /** PreFilter refuses the pod, in these words: 'Plugin code: reason'. */
  refused?: string;
  /** The cycle fails: a part of what it says. */
  error?: RegExp;
  /** Names that PreFilter left. */
  narrowed?: string[];
  /** Node → 'Plugin code: reason; reason'. Every node that is left and not named here fits. */
  rejected?: Record<string, string>;
  /** Plugin → node → normalised score, among the nodes that fit. A plugin given as 'skipped' must not score. */
  scores?: Record<string, Record<string, number> | 'skipped'>;
  /** After these pods (by name) went from the node and those came: the rejection, or 'fits'. */
  whatIf?: { on: string; remove?: string[]; add?: Pod[]; says: string };
}

/** `Unschedulable` is 'U', `UnschedulableAndUnresolvable` is 'UAU', to keep rows short. */
export function inWords({ plugin, code, reasons }: Rejection): string {
  return `${plugin} ${code === 'Unschedulable' ? 'U' : 'UAU'}: ${[...reasons].sort().join('; ')}`;
}

export function runCases(title: string, cases: readonly DecisionCase[]): void {
  for (const factory of DECIDERS) {
    for (const row of cases) test(`${title}, ${factory.kind}: ${row.name}`, () => check(factory, row));
  }
}

/** A decider that knows the objects, and the listers it reads. */
export function prepare(
  factory: DeciderFactory,
  { nodes, pods = [], nominated = {}, objects = [], args = {} }: Omit<DecisionCase, 'name' | 'pod' | 'expect'>,
): { decider: Decider; listers: Listers } {
  const listers = new Listers();
  const profile: Profile = defaultProfile();
  const profiles = [{ ...profile, args: { ...profile.args, ...args } }];
  const decider = factory.create({ listers, profiles, nominated: nominatedPods(nominated) });
  for (const object of objects) {
    listers.set(object);
    decider.objectChanged(object);
  }
  for (const node of nodes) decider.addNode(node);
  for (const pod of pods) decider.addPod(pod);
  return { decider, listers };
}

function nominatedPods(byNode: Record<string, Pod[]>): NominatedPods {
  return {
    size: Object.values(byNode).flat().length,
    changes: 0,
    changedSince: () => [],
    nodeOf: (key) => Object.keys(byNode).find((name) => byNode[name].some((pod) => podKey(pod) === key)),
    onNode: (name) => byNode[name] ?? [],
    nodeNames: () => Object.keys(byNode),
    byNode: () => Object.entries(byNode),
  };
}

function check(factory: DeciderFactory, row: DecisionCase): void {
  const { expect } = row;
  const cycle = prepare(factory, row).decider.begin(row.pod);
  const { rejection, error, nodeNames } = cycle.preFilter;
  assert.is(rejection && inWords(rejection), expect.refused);
  if (expect.refused !== undefined) return;
  assert.equal(nodeNames && [...nodeNames].sort(), expect.narrowed);
  if (error) {
    assert.match(error.message, expect.error ?? 'no error');
    return;
  }
  assert.equal(rejections(cycle), expect.rejected ?? {});
  if (expect.scores || expect.error) checkScores(cycle, expect);
  if (expect.whatIf) checkWhatIf(cycle, expect.whatIf);
}

/** Node → why not, for every node that PreFilter left and that does not fit. */
export function rejections(cycle: Cycle): Record<string, string> {
  const found: Record<string, string> = {};
  for (const n of Array.from(cycle.order)) {
    if (cycle.preFilter.nodeNames && !cycle.preFilter.nodeNames.has(cycle.nodeName(n))) continue;
    const rejection = cycle.rejection(n);
    assert.is(cycle.fits(n), rejection === null);
    if (rejection) found[cycle.nodeName(n)] = inWords(rejection);
  }
  return found;
}

/** Plugin → node → normalised score, of the plugins that scored. */
export function scoresOf(cycle: Cycle): Record<string, Record<string, number>> | { error: string } {
  const feasible = Array.from(cycle.order).filter((n) => cycle.fits(n));
  const scores = cycle.score(feasible);
  if ('error' in scores) return { error: scores.error.message };
  const table: Record<string, Record<string, number>> = {};
  scores.plugins.forEach((plugin, i) => {
    table[plugin] = Object.fromEntries(feasible.map((n, k) => [cycle.nodeName(n), scores.normalized[i][k]]));
  });
  feasible.forEach((_, k) => {
    const sum = scores.weights.reduce((total, weight, i) => total + weight * scores.normalized[i][k], 0);
    assert.is(scores.totals[k], sum, 'a total is the weighted sum');
  });
  return table;
}

function checkScores(cycle: Cycle, expect: Expectation): void {
  const table = scoresOf(cycle);
  if (typeof table.error === 'string') {
    assert.match(table.error, expect.error ?? 'no error');
    return;
  }
  assert.not(expect.error, 'the cycle should have failed');
  for (const [plugin, scores] of Object.entries(expect.scores ?? {})) {
    assert.equal((table as Record<string, Record<string, number>>)[plugin] ?? 'skipped', scores, plugin);
  }
}

function checkWhatIf(cycle: Cycle, { on, remove = [], add = [], says }: NonNullable<Expectation['whatIf']>): void {
  const before = rejections(cycle);
  const dryRun = cycle.dryRun(cycle.nodeIndex(on));
  const leaving = dryRun.pods.filter(({ metadata }) => remove.includes(metadata.name));
  assert.is(leaving.length, remove.length);
  for (const pod of leaving) dryRun.remove(pod);
  for (const pod of add) dryRun.add(pod);
  const rejection = dryRun.filter();
  assert.is(rejection ? inWords(rejection) : 'fits', says);
  dryRun.close();
  assert.equal(rejections(cycle), before, 'closing a dry run restores the node');
}
