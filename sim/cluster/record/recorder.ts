/** Follows the world and keeps what a report tells of it. */
import { controllerOf, type Decision, type KubeObject, keyOf, type Pod } from '../../../core/index.ts';
import { BudgetChecker } from '../../checkers/budgets.ts';
import { RolloutChecker } from '../../checkers/rollouts.ts';
import type { Agenda } from '../world/agenda.ts';
import type { Commit, MadeUpApi } from '../world/api.ts';
import { checkedBudgets, checkedRollouts } from './checked-objects.ts';
import { DecisionLog } from './decision-log.ts';
import { type Counts, POD_STATES, PodTally, type Workload } from './pod-tally.ts';
import { Reschedules } from './reschedules.ts';
import { Series } from './series.ts';
import { Rollouts, Wholeness } from './wholeness.ts';

export const COUNTED = [...POD_STATES, 'serving'] as const;
const OF_WORKLOAD = ['desired', 'pods', 'ready', 'serving'] as const;
export type WorkloadCount = (typeof OF_WORKLOAD)[number];

export interface RecorderOptions {
  agenda: Agenda;
  api: MadeUpApi;
  startMs: number;
  isUp(node: string): boolean;
  /** Who evicts, as writes name them. */
  evictors: readonly string[];
}

export class Recorder {
  readonly log: DecisionLog;
  readonly tally: PodTally;
  readonly reschedules: Reschedules;
  readonly rollouts: Rollouts;
  readonly wholeness: Wholeness;
  readonly rolloutChecker: RolloutChecker;
  readonly budgetChecker: BudgetChecker;
  readonly totals = new Series(COUNTED);
  readonly byWorkload = new Map<Workload, Series<WorkloadCount>>();
  restarts = 0;
  readonly #now: () => number;
  readonly #lacking = new Set<Workload>();

  constructor({ agenda, api, startMs, isUp, evictors }: RecorderOptions) {
    const now = (): number => agenda.nowMs - startMs;
    this.#now = now;
    this.log = new DecisionLog(now);
    this.rollouts = new Rollouts(now);
    this.wholeness = new Wholeness(now);
    this.tally = new PodTally({ api, isUp, changed: (workload) => this.#counted(workload) });
    this.reschedules = new Reschedules(this.tally, agenda.clock);
    this.rolloutChecker = new RolloutChecker(checkedRollouts(api));
    this.budgetChecker = new BudgetChecker(checkedBudgets(api), agenda.clock, evictors);
    api.follow((commit) => this.#take(commit));
  }

  get counts(): Readonly<Counts> {
    return this.tally.counts;
  }

  /** What the scheduler has decided; the same words about a pod again are told once. */
  decided({ pod, result, host, message = '', evaluated, feasible, preemption }: Decision): void {
    if (result === 'scheduled') {
      this.log.add('scheduler', pod, 'Scheduled', `${host}: ${feasible} of ${evaluated} nodes fit`);
      return;
    }
    const room = preemption?.nominatedNode ? `; preempts on ${preemption.nominatedNode}` : '';
    this.log.add('scheduler', pod, 'FailedScheduling', message + room);
  }

  preempted(victim: Pod, preemptor: Pod): void {
    this.reschedules.taken(victim, 'preemption');
    const why = `pod ${keyOf(preemptor)} of priority ${preemptor.spec.priority ?? 0} needs the room`;
    this.log.add('scheduler', victim, 'Preempted', why);
  }

  restarted(pod: Pod): void {
    this.restarts++;
    this.log.add('kubelet', pod, 'Restarted', 'its containers have ended');
  }

  #counted(workload?: Workload): void {
    this.totals.record(this.#now(), this.tally.counts);
    if (!workload) return;
    let series = this.byWorkload.get(workload);
    if (!series) this.byWorkload.set(workload, (series = new Series(OF_WORKLOAD)));
    series.record(this.#now(), workload);
    if (workload.serving < workload.desired) this.#lacking.add(workload);
    else this.#lacking.delete(workload);
    this.#turn();
  }

  #turn(): void {
    this.wholeness.turn(this.#lacking.size === 0 && !this.rollouts.isUnderWay);
  }

  #take(commit: Commit): void {
    this.rolloutChecker.take(commit);
    this.budgetChecker.take(commit);
    if (commit.kind.kind === 'Deployment') {
      this.rollouts.take(commit);
      this.#turn();
    } else if (commit.kind.kind === 'Pod') this.#takePod(commit);
    else if (commit.kind.kind === 'Node' && commit.by === 'node-controller') this.#takeNode(commit);
    if (commit.gone && commit.by === 'garbage-collector-controller') {
      this.log.add(commit.by, commit.object, 'Deleted', `its owner is gone: ${ownersText(commit.object)}`);
    }
  }

  #takePod({ object, old, gone, by }: Commit): void {
    const pod = object as Pod;
    const isGoing = gone || (pod.metadata.deletionTimestamp && !old?.metadata.deletionTimestamp);
    if (isGoing && by === 'taint-eviction-controller') this.reschedules.taken(pod, 'taint');
    if (isGoing && by === 'pod-garbage-collector') {
      this.reschedules.taken(pod, 'podGarbage');
      this.log.add(by, pod, 'Deleted', `node ${pod.spec.nodeName} is gone, or the pod was never bound`);
    }
    if (!gone && isReady(pod) && !(old && isReady(old as Pod))) this.reschedules.becameReady(pod);
  }

  #takeNode({ object, old, by }: Commit): void {
    const taints = (node?: KubeObject): string[] =>
      ((node as { spec?: { taints?: { key: string; effect: string }[] } })?.spec?.taints ?? []).map(
        ({ key, effect }) => `${key}:${effect}`,
      );
    const [before, after] = [taints(old), taints(object)];
    const added = after.filter((one) => !before.includes(one));
    const gone = before.filter((one) => !after.includes(one));
    if (added.length > 0) this.log.add(by, object, 'Tainted', added.join(', '));
    if (gone.length > 0) this.log.add(by, object, 'Untainted', gone.join(', '));
  }
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function ownersText(object: KubeObject): string {
  const owner = controllerOf(object) ?? object.metadata.ownerReferences?.[0];
  return owner
    ? `${owner.kind} ${keyOf({ ...object, metadata: { ...object.metadata, name: owner.name } })}`
    : 'none is left';
}
