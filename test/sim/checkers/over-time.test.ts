/** The checkers of runs over time: each tells what is past a limit, and does not blame who had no part in it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Deployment,
  type KubeObject,
  type Pod,
  type PodDisruptionBudget,
  type ReplicaSet,
  VirtualClock,
} from '../../../core/index.ts';
import { BudgetChecker } from '../../../sim/checkers/budgets.ts';
import { RolloutChecker } from '../../../sim/checkers/rollouts.ts';
import { budget, deployment, podSpec } from '../../support/simulated-cluster.ts';

const RS = 'replicaset-controller';

/** Three ready pods of one ReplicaSet of a Deployment. */
class Small {
  deployment = deployment('web', 3, {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
  }) as Deployment;
  set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web-1', uid: 's' }, spec: { replicas: 3 } };
  pods: Pod[] = [0, 1, 2].map((i) => pod(`p${i}`, true));
  budget = budget('web', { maxUnavailable: 1 }) as PodDisruptionBudget;
  readonly clock = new VirtualClock(1_000_000);
  readonly rollouts = new RolloutChecker({
    setsOf: () => [this.set as unknown as ReplicaSet],
    podsOf: () => this.pods,
    deploymentOf: () => this.deployment,
  });
  readonly budgets = new BudgetChecker(
    { budgets: () => [this.budget], pods: () => this.pods, scaledOwner: () => this.deployment },
    this.clock,
    ['drain'],
  );

  constructor() {
    this.take(this.deployment, undefined, 'scenario');
    this.take(this.set as KubeObject, undefined, 'deployment-controller');
  }

  take(object: KubeObject, old: KubeObject | undefined, by: string, gone = false): void {
    for (const checker of [this.rollouts, this.budgets]) checker.take({ object, old, by, gone });
  }

  /** The pod is told to go, or is not ready any more. */
  lose(i: number, by: string): void {
    const old = this.pods[i];
    const next = by === 'kubelet' ? pod(old.metadata.name, false) : going(old);
    this.pods[i] = next;
    this.take(next, old, by);
  }

  resize(replicas: number): void {
    this.set = { ...this.set, spec: { replicas } };
    this.take(this.set as KubeObject, undefined, 'deployment-controller');
  }

  change(replicas: number, generation: number, observedGeneration: number): void {
    const { spec, metadata } = this.deployment;
    const old = this.deployment;
    const next = { ...old, metadata: { ...metadata, generation }, spec: { ...spec, replicas } };
    this.deployment = { ...next, status: { observedGeneration } };
    this.take(this.deployment, old, 'scenario');
  }
}

function pod(name: string, ready: boolean): Pod {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 's', controller: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' }, ownerReferences },
    spec: podSpec() as Pod['spec'],
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

function going(old: Pod): Pod {
  return { ...old, metadata: { ...old.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

interface Case {
  name: string;
  do(small: Small): void;
  surge?: number;
  unavailable?: number;
  budgets?: number;
}

const cases: Case[] = [
  { name: 'a pod more than replicas and maxSurge is past it', do: (s) => s.resize(5), surge: 1 },
  { name: 'replicas and maxSurge are within it', do: (s) => s.resize(4) },
  {
    name: 'a Deployment made smaller is not past it while it shrinks',
    do(s) {
      s.resize(4);
      s.change(1, 2, 2);
      s.resize(3);
    },
  },
  {
    name: 'its controller may go by the size before for as long as it has not seen the new one',
    do(s) {
      s.change(1, 2, 1);
      s.resize(4);
    },
  },
  {
    name: 'and not any more when it has',
    do(s) {
      s.change(1, 2, 2);
      s.resize(4);
    },
    surge: 1,
  },
  { name: 'one pod taken of three leaves enough', do: (s) => s.lose(0, RS) },
  {
    name: 'two pods taken of three leave one too few',
    do(s) {
      s.lose(0, RS);
      s.lose(1, RS);
    },
    unavailable: 1,
  },
  {
    name: 'a pod that broke and one that was taken are no mistake of the controllers',
    do(s) {
      s.lose(0, 'kubelet');
      s.lose(1, RS);
    },
  },
  {
    name: 'once all are ready again nothing is excused',
    do(s) {
      s.lose(0, 'kubelet');
      const old = s.pods[0];
      s.pods[0] = pod('p0', true);
      s.take(s.pods[0], old, 'kubelet');
      s.lose(0, RS);
      s.lose(1, RS);
    },
    unavailable: 1,
  },
  { name: 'one eviction is what the budget allows', do: (s) => s.lose(0, 'drain') },
  {
    name: 'a second eviction is one too many',
    do(s) {
      s.lose(0, 'drain');
      s.lose(1, 'drain');
    },
    budgets: 1,
  },
  {
    name: 'an eviction that could not know of a lost pod is excused',
    do(s) {
      s.lose(0, 'kubelet');
      s.lose(1, 'drain');
    },
  },
  {
    name: 'and is not when the budget has said since that it knows',
    do(s) {
      s.lose(0, 'kubelet');
      s.clock.advance(1000);
      s.take(s.budget, s.budget, 'disruption-controller');
      s.lose(1, 'drain');
    },
    budgets: 1,
  },
  {
    name: 'an eviction right after the Deployment grew is excused',
    do(s) {
      s.change(5, 2, 1);
      s.lose(0, 'drain');
    },
  },
];
for (const { name, do: play, surge = 0, unavailable = 0, budgets = 0 } of cases) {
  test(`limits over time: ${name}`, () => {
    const small = new Small();
    play(small);
    const { pastSurge, pastUnavailable } = small.rollouts;
    const told = [pastSurge.length, pastUnavailable.length, small.budgets.violations.length];
    assert.equal(told, [surge, unavailable, budgets], [...pastSurge, ...pastUnavailable].join('; '));
  });
}

test.run();
