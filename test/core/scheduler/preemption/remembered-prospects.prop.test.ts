/**
 * Preemptors of one make are answered from memory; the scan tries node by node for each. Under churn of pods, nodes,
 * nominations and time both say the same, and the memory is what it would be if it were made anew.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import type { TieRule } from '../../../../core/scheduler/decision.ts';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { FULL_CLUSTER_NOW, type FullCluster, type FullClusterEvent, fullClusters } from '../../../support/saturated.ts';

interface Options {
  tieRule: TieRule;
  minCandidateNodesAbsolute: number;
}

let seen = { fromMemory: 0, nominated: 0, refused: 0, retried: 0 };

class World {
  readonly listers = new Listers();
  readonly nominated = new Nominator();
  readonly decider: ScanDecider | EngineDecider;
  readonly scheduler: ScheduleOne;
  now = FULL_CLUSTER_NOW;

  constructor(kind: 'scan' | 'engine', { nodes, pods }: FullCluster, { tieRule, minCandidateNodesAbsolute }: Options) {
    const { listers, nominated } = this;
    const profile = defaultProfile();
    profile.args.defaultPreemption = { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute };
    const profiles = [profile];
    const options = { listers, nominated, profiles };
    this.decider =
      kind === 'scan' ? new ScanDecider(options) : new EngineDecider({ ...options, limits: { buildFrom: 1 } });
    this.scheduler = new ScheduleOne({ decider: this.decider, ...options, tieRule, seed: 7, now: () => this.now });
    for (const node of nodes) this.decider.addNode(node);
    for (const pod of pods) this.decider.addPod(pod);
  }

  apply(event: Exclude<FullClusterEvent, { op: 'preemptor' }>): void {
    const { decider, listers } = this;
    if (event.op === 'place') decider.addPod({ ...event.pod, spec: { ...event.pod.spec, nodeName: event.node } });
    else if (event.op === 'nominate') this.nominated.add(event.pod, event.node);
    else if (event.op === 'delete') decider.removePod({ metadata: { name: event.name, uid: event.name } } as Pod);
    else if (event.op === 'node') decider.addNode(event.node);
    else if (event.op === 'nodeGone') decider.removeNode(event.name);
    else if (event.op === 'wait') this.now += event.ms;
    else {
      for (const app of ['db', 'web']) listers.delete('PodDisruptionBudget', `default/${app}`);
      for (const budget of event.budgets) listers.set(budget);
    }
  }

  /** The whole answer, with pods by key. The pod, if it found a node, is assumed there. */
  schedule(pod: Pod) {
    const { host, preemption, pod: _, ...rest } = this.scheduler.schedule(pod);
    if (host !== undefined) this.decider.assume(pod, host);
    const { victims = [], clearedNominations = [], ...more } = preemption ?? {};
    return { ...rest, host, ...more, victims: victims.map(podKey), cleared: clearedNominations.map(podKey) };
  }
}

function law(full: FullCluster, options: Options, evictsFrom: number): void {
  const scan = new World('scan', full, options);
  const engine = new World('engine', full, options);
  const waiting: Pod[] = [];
  let count = 0;
  for (const event of full.events) {
    if (event.op !== 'preemptor') {
      scan.apply(event);
      engine.apply(event);
      continue;
    }
    const name = `${event.pod.metadata.name}-${count++}`;
    const pod = { ...event.pod, metadata: { ...event.pod.metadata, name, uid: name } };
    checkMemory(engine, { ...pod, metadata: { ...pod.metadata, name: 'other', uid: 'other' } });
    const expected = scan.schedule(pod);
    assert.equal(engine.schedule(pod), expected);
    if (expected.nominatedNode === undefined) continue;
    for (const key of count < evictsFrom ? [] : expected.victims) {
      for (const world of [scan, engine]) world.apply({ op: 'delete', name: key });
    }
    // Its status may not have arrived yet.
    const nominatedNodeName = count % 2 > 0 ? expected.nominatedNode : undefined;
    waiting.push({ ...pod, status: { ...pod.status, nominatedNodeName } });
    if (waiting.length < 3) continue;
    seen.retried++;
    const again = waiting.shift() as Pod;
    assert.equal(engine.schedule(again), scan.schedule(again));
  }
}

/** Where the make is known to fit nowhere, what is known is what every node would say now. */
function checkMemory({ decider, now }: World, pod: Pod): void {
  const cycle = decider.begin(pod);
  if (!cycle.nothingFits?.()) return;
  seen.refused++;
  const prospects = cycle.prospects?.(now);
  if (prospects) seen.fromMemory++;
  if (prospects?.pick(0, 1)) seen.nominated++;
  assert.equal((decider as EngineDecider).check(now), []);
}

const options = fc.record({
  tieRule: fc.constantFrom<TieRule>('order', 'random'),
  minCandidateNodesAbsolute: fc.constantFrom(1, 2, 3, 100),
});

for (const { name, alone, wide } of [
  { name: 'the same as by dry runs under churn, and as made anew', alone: true, wide: false },
  { name: 'the same where other filters have a say at times', alone: false, wide: false },
  { name: 'the same for amounts that doubles cannot hold', alone: true, wide: true },
]) {
  test(`remembered prospects: ${name}`, () => {
    seen = { fromMemory: 0, nominated: 0, refused: 0, retried: 0 };
    const full = fullClusters({ alone, wide, nodesGo: true, events: 60 });
    fc.assert(fc.property(full, options, fc.nat(12), law), { numRuns: 120 });
    const { fromMemory, nominated, refused, retried } = seen;
    if (!wide) assert.ok(fromMemory > 100 && nominated > 50 && refused > 100, JSON.stringify(seen));
    assert.ok(retried > 20, JSON.stringify(seen));
  });
}

test.run();
