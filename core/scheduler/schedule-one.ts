/**
 * One pod from snapshot to decision: PreFilter, the nominated node, the walk, scores, the choice; or the failure, in
 * words, and preemption. It knows deciders by their interface only, so never how or on how many threads they work.
 * Source: Kubernetes v1.36, pkg/scheduler/schedule_one.go.
 */
import { assert } from '../assert.ts';
import type { Listers } from '../cluster/listers.ts';
import { type Pod, priorityOf } from '../objects/types.ts';
import { hashAgain, hashText } from '../random.ts';
import type { Decision, TieRule } from './decision.ts';
import { type Cycle, type CycleError, type Decider, podKey, type Tie } from './framework.ts';
import { diagnose, failureText, NO_NODES_AVAILABLE, unschedulablePlugins } from './message.ts';
import { runPostFilter } from './preemption/post-filter.ts';
import { type Profile, schedulerNameOf } from './profile.ts';
import type { Nominator } from './queue/nominator.ts';
import { HostSelector } from './select-node.ts';
import { nodeSet, numFeasibleNodesToFind } from './walk.ts';

const NO_PLUGINS: readonly string[] = [];

export interface ScheduleOneOptions {
  decider: Decider;
  profiles: readonly Profile[];
  /** Read for PodDisruptionBudgets. */
  listers: Listers;
  /** Kept in step with the decisions; the same one that the decider reads. */
  nominated: Nominator;
  tieRule?: TieRule;
  seed?: number;
  /** Milliseconds; preemption asks it for pods without a start time. */
  now?: () => number;
  /**
   * False: a pod that fits nowhere is refused without a message, plugins to blame, or PostFilter. For simulations that
   * only count, where the words for thousands of nodes cost more than the decision.
   */
  sayWhy?: boolean;
  /** Where another one stood: this one decides on from there. */
  progress?: Progress;
}

/** What one decision leaves to the next. */
export interface Progress {
  decisions: number;
  /** Where the next walk begins. */
  nextStart: number;
}

export class ScheduleOne {
  readonly #decider: Decider;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #listers: Listers;
  readonly #nominated: Nominator;
  readonly #selector: HostSelector;
  readonly #now: () => number;
  readonly #offsetHash: number;
  readonly #sayWhy: boolean;

  /** Where the next walk begins, over all pods and profiles. Moves only when part of the nodes is enough. */
  #nextStart: number;
  #decisions: number;
  readonly #tie: Tie;
  #lastProfile: Profile | undefined;
  /** Feasible nodes of the current cycle: the first `found` entries. Kept from cycle to cycle, only grown. */
  #feasible = new Int32Array(128);
  #evaluated = 0;

  constructor(options: ScheduleOneOptions) {
    const {
      decider,
      profiles,
      listers,
      nominated,
      tieRule = 'order',
      seed = 0,
      now = () => 0,
      sayWhy = true,
      progress = { decisions: 0, nextStart: 0 },
    } = options;
    this.#decider = decider;
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#listers = listers;
    this.#nominated = nominated;
    this.#selector = new HostSelector(tieRule, seed);
    this.#now = now;
    this.#sayWhy = sayWhy;
    this.#decisions = progress.decisions;
    this.#nextStart = progress.nextStart;
    this.#tie = { rule: tieRule, seed, decision: 0, start: 0 };
    this.#offsetHash = hashText(seed, 'preemption offset');
  }

  get progress(): Progress {
    return { decisions: this.#decisions, nextStart: this.#nextStart };
  }

  /** Whether this scheduler is the one the pod asks for. */
  isResponsibleFor(pod: Pod): boolean {
    return this.#profiles.has(schedulerNameOf(pod));
  }

  /** These pods, all of which some profile is responsible for, come next. Nothing depends on it but the time it takes. */
  expect(pods: readonly Pod[]): void {
    this.#decider.expect?.(pods);
  }

  /**
   * Decides for a pod that some profile is responsible for. The chosen node is reserved; to assume the pod there, the
   * caller gives the decider the pod with spec.nodeName. Nominations follow the decision.
   */
  schedule(pod: Pod): Decision {
    const profile = this.#profileOf(pod);
    this.#decisions++;
    const decision = this.#chooseAtOnce(pod) ?? this.#decide(this.#decider.begin(pod), profile);
    this.#followNomination(decision);
    return decision;
  }

  /** Where the decider knows the host without a walk over the nodes. All of them count as evaluated. */
  #chooseAtOnce(pod: Pod): Decision | undefined {
    this.#tie.decision = this.#decisions;
    this.#tie.start = this.#nextStart;
    const choice = this.#decider.choose?.(pod, this.#tie, this.#sayWhy);
    if (!choice) return undefined;
    const { host, feasible, evaluated } = choice;
    this.#nextStart %= evaluated;
    if (host === undefined) return unexplained(pod, evaluated);
    return { pod, result: 'scheduled', host, evaluated, feasible, unschedulablePlugins: NO_PLUGINS };
  }

  /** Pods of one scheduler come in a row. */
  #profileOf(pod: Pod): Profile {
    const name = schedulerNameOf(pod);
    if (this.#lastProfile?.schedulerName === name) return this.#lastProfile;
    const profile = this.#profiles.get(name);
    assert(profile, () => `no profile for pod ${podKey(pod)} of scheduler ${name}`);
    return (this.#lastProfile = profile);
  }

  #decide(cycle: Cycle, profile: Profile): Decision {
    const { error, rejection } = cycle.preFilter;
    if (cycle.order.length === 0) return noNodes(cycle.pod);
    if (error) return failed(cycle.pod, error);
    if (rejection) return this.#refuse(cycle, profile, -1);

    const nominated = nominatedIndex(cycle);
    if (nominated >= 0 && cycle.fits(nominated)) return this.#place(cycle, nominated, 1, 1);

    const found = cycle.nothingFits?.() ? this.#walkInVain(cycle) : this.#walk(cycle, profile, nominated);
    if (found === 0) return this.#refuse(cycle, profile, nominated);
    if (found === 1) return this.#place(cycle, this.#feasible[0], this.#evaluated, 1);

    const feasible = this.#feasible.subarray(0, found);
    const scores = cycle.score(feasible);
    if ('error' in scores) return failed(cycle.pod, scores.error);
    const k = this.#selector.select(cycle, feasible, scores.totals, this.#decisions);
    return this.#place(cycle, feasible[k], this.#evaluated, found);
  }

  /**
   * Filters nodes from where the last walk stopped until enough of them fit; returns how many. The walk goes on to the
   * feasible node after the last one wanted, which it leaves for the next pod: those that fail in between count as evaluated.
   * @param nominated the nominated node, which was found not to fit, or -1.
   */
  #walk(cycle: Cycle, profile: Profile, nominated: number): number {
    const set = nodeSet(cycle);
    const count = set.length;
    const wanted = profile.score.length > 0 ? numFeasibleNodesToFind(count, profile.percentageOfNodesToScore) : 1;
    if (this.#feasible.length < count) this.#feasible = new Int32Array(count * 2);
    const feasible = this.#feasible;
    let found = 0;
    let rejected = nominated >= 0 ? 1 : 0;
    let at = count > 0 ? this.#nextStart % count : 0;
    for (let i = 0; i < count; i++) {
      const n = set[at];
      if (++at === count) at = 0;
      if (cycle.fits(n)) {
        if (found === wanted) break;
        feasible[found++] = n;
      } else if (n !== nominated) {
        rejected++;
      }
    }
    this.#evaluated = found + rejected;
    this.#nextStart = (this.#nextStart + this.#evaluated) % cycle.order.length;
    return found;
  }

  /** What a walk over nodes that all refuse the pod comes to. */
  #walkInVain({ order }: Cycle): number {
    this.#evaluated = order.length;
    this.#nextStart %= order.length;
    return 0;
  }

  #place(cycle: Cycle, n: number, evaluated: number, feasible: number): Decision {
    cycle.reserve(n);
    const host = cycle.nodeName(n);
    return { pod: cycle.pod, result: 'scheduled', host, evaluated, feasible, unschedulablePlugins: [] };
  }

  #refuse(cycle: Cycle, profile: Profile, nominated: number): Decision {
    if (!this.#sayWhy) return unexplained(cycle.pod, cycle.preFilter.rejection ? 0 : this.#evaluated);
    const diagnosis = diagnose(cycle, nominated);
    const { text, preemption } = runPostFilter(cycle, profile, diagnosis, {
      budgets: this.#listers.all('PodDisruptionBudget'),
      now: this.#now(),
      // Like the real offset only where ties are random too; otherwise the answer stays the same from pod to pod.
      offset: (count) => (this.#selector.rule === 'random' ? hashAgain(this.#offsetHash, this.#decisions) % count : 0),
    });
    return {
      pod: cycle.pod,
      result: 'unschedulable',
      evaluated: diagnosis.rejections.size,
      feasible: 0,
      message: failureText(diagnosis, text),
      unschedulablePlugins: unschedulablePlugins(diagnosis),
      preemption,
    };
  }

  /** A placed pod needs its nomination no more; a failed one may have won a node, or have lost the one it had. */
  #followNomination({ pod, result, preemption }: Decision): void {
    if (preemption?.nominatedNode !== undefined) {
      const cleared = this.#nominated.lowerPriority(preemption.nominatedNode, priorityOf(pod));
      for (const other of cleared) this.#nominated.delete(podKey(other));
      preemption.clearedNominations = cleared;
      this.#nominated.add(pod, preemption.nominatedNode);
    } else if (result !== 'unschedulable' || preemption?.eligible) {
      if (this.#nominated.size > 0) this.#nominated.delete(podKey(pod));
    }
  }
}

function nominatedIndex(cycle: Cycle): number {
  const { nominatedNodeName } = cycle.pod.status ?? {};
  return nominatedNodeName ? cycle.nodeIndex(nominatedNodeName) : -1;
}

function noNodes(pod: Pod): Decision {
  return {
    pod,
    result: 'unschedulable',
    evaluated: 0,
    feasible: 0,
    message: NO_NODES_AVAILABLE,
    unschedulablePlugins: [],
  };
}

function unexplained(pod: Pod, evaluated: number): Decision {
  return { pod, result: 'unschedulable', evaluated, feasible: 0, unschedulablePlugins: [] };
}

function failed(pod: Pod, error: CycleError): Decision {
  return { pod, result: 'error', evaluated: 0, feasible: 0, message: error.message, error, unschedulablePlugins: [] };
}
