/** Victims by sums are those of the dry run, on every node, whatever was remembered from preemptors before. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { type Cycle, podKey } from '../../../../core/scheduler/framework.ts';
import { type Diagnosis, diagnose } from '../../../../core/scheduler/message.ts';
import { ByAmounts } from '../../../../core/scheduler/preemption/by-amounts.ts';
import { findCandidates, potentialNodes } from '../../../../core/scheduler/preemption/candidates.ts';
import { type Budget, compileBudgets } from '../../../../core/scheduler/preemption/disruption.ts';
import { DryRuns } from '../../../../core/scheduler/preemption/dry-runs.ts';
import { costOf } from '../../../../core/scheduler/preemption/pick-node.ts';
import type { Candidate } from '../../../../core/scheduler/preemption/victim-finder.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScanDecider } from '../../../../core/scheduler/scan/decider.ts';
import { FULL_CLUSTER_NOW, type FullCluster, type FullClusterEvent, fullClusters } from '../../../support/saturated.ts';

let seen = { preemptions: 0, bySums: 0, candidates: 0 };

class World {
  readonly nominated = new Nominator();
  readonly decider = new ScanDecider({
    listers: new Listers(),
    profiles: [defaultProfile()],
    nominated: this.nominated,
  });
  budgets: Budget[] = [];
  now = FULL_CLUSTER_NOW;

  constructor({ nodes, pods }: FullCluster) {
    for (const node of nodes) this.decider.addNode(node);
    for (const pod of pods) this.decider.addPod(pod);
  }

  apply(event: Exclude<FullClusterEvent, { op: 'preemptor' }>): void {
    const { decider } = this;
    if (event.op === 'place') decider.addPod({ ...event.pod, spec: { ...event.pod.spec, nodeName: event.node } });
    else if (event.op === 'nominate') this.nominated.add(event.pod, event.node);
    else if (event.op === 'delete') decider.removePod({ metadata: { name: event.name, uid: event.name } } as Pod);
    else if (event.op === 'node') decider.updateNode(event.node);
    else if (event.op === 'nodeGone') decider.removeNode(event.name);
    else if (event.op === 'budgets') this.budgets = compileBudgets(event.budgets);
    else this.now += event.ms;
  }
}

function agree({ budgets, now, decider }: World, pod: Pod): void {
  const cycle = decider.begin(pod);
  if (Array.from(cycle.order).some((n) => cycle.fits(n))) return;
  const diagnosis = diagnose(cycle, -1);
  statusesAgree(cycle, diagnosis);
  const potential = potentialNodes(cycle, diagnosis);
  const circumstances = { budgets, now };
  const dryRuns = new DryRuns(cycle, circumstances);
  const sums = cycle.evictionSums();
  seen.preemptions++;
  if (sums) {
    const fast = new ByAmounts(sums, circumstances, dryRuns);
    for (const n of potential) {
      if (sums.decidedByAmounts(n)) seen.bySums++;
      const [found, expected] = [fast.find(n), dryRuns.find(n)];
      assert.equal(found && plain(found), expected && plain(expected));
      if (!found || !expected) assert.equal(fast.whyNot(n), dryRuns.whyNot(n));
      else {
        seen.candidates++;
        if (found.cost) assert.equal(found.cost, costOf(expected, now));
      }
    }
  }
  for (const enough of [1, 2, 99]) {
    const search = { ...circumstances, offset: potential.length >> 1, enough };
    const [quick, slow] = [findCandidates(cycle, potential, search), findCandidates(without(cycle), potential, search)];
    assert.equal(quick.candidates.map(plain), slow.candidates.map(plain));
    assert.equal(quick.rejected, slow.rejected);
  }
}

function plain({ n, nodeName, victims, pdbViolations }: Candidate) {
  return { n, nodeName, victims: victims.map(podKey), pdbViolations };
}

/** The same cycle as one that has nothing but dry runs and rejections one by one. */
function without(cycle: Cycle): Cycle {
  return {
    pod: cycle.pod,
    preFilter: cycle.preFilter,
    order: cycle.order,
    nodeName: (n) => cycle.nodeName(n),
    nodeIndex: (name) => cycle.nodeIndex(name),
    fits: (n) => cycle.fits(n),
    rejection: (n) => cycle.rejection(n),
    verdicts: (n) => cycle.verdicts(n),
    score: (feasible) => cycle.score(feasible),
    dryRun: (n) => cycle.dryRun(n),
    reserve: (n) => cycle.reserve(n),
  };
}

function statusesAgree(cycle: Cycle, diagnosis: Diagnosis): void {
  const slow = diagnose(without(cycle), -1);
  assert.is(diagnosis.rejections.size, slow.rejections.size);
  for (const n of Array.from(cycle.order)) assert.equal(diagnosis.rejections.get(n), slow.rejections.get(n));
  for (const n of Array.from(cycle.order)) {
    const node = cycle.dryRun(n);
    assert.equal(node.filter(), cycle.rejection(n));
    node.close();
  }
  assert.equal(diagnosis.rejections.kinds, slow.rejections.kinds);
}

function law(full: FullCluster): void {
  const world = new World(full);
  for (const event of full.events) {
    if (event.op === 'preemptor') agree(world, event.pod);
    else world.apply(event);
  }
}

for (const { name, wide } of [
  { name: 'the same as by dry runs, and remembered only while they hold', wide: false },
  { name: 'the same for amounts that doubles cannot hold', wide: true },
]) {
  test(`victims by sums: ${name}`, () => {
    seen = { preemptions: 0, bySums: 0, candidates: 0 };
    fc.assert(fc.property(fullClusters({ wide }), law), { numRuns: 400 });
    const { preemptions, bySums, candidates } = seen;
    assert.ok(preemptions > 200 && bySums > 200 && candidates > 200, JSON.stringify(seen));
  });
}

test.run();
