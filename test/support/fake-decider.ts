/**
 * A decider whose answers are written down node by node, to test the cycle around a decider. Nodes fit if they have
 * a total, and are rejected otherwise; room on a node is counted in slots, one pod each.
 */

import type { Node, Pod } from '../../core/objects/types.ts';
import type { Cycle, Decider, DryRun, PreFilterOutcome, Rejection, Scores } from '../../core/scheduler/framework.ts';

export interface FakeNode {
  name: string;
  /** Present: the node fits and scores this. */
  total?: number;
  rejection?: Rejection;
  pods?: Pod[];
  /** Pods that fit, the incoming one included; in dry runs only. */
  slots?: number;
}

export interface FakeCycleOptions {
  preFilter?: PreFilterOutcome;
  scoreError?: string;
}

export const FULL: Rejection = { plugin: 'NodeResourcesFit', code: 'Unschedulable', reasons: ['Insufficient cpu'] };
export const TAINTED: Rejection = {
  plugin: 'TaintToleration',
  code: 'UnschedulableAndUnresolvable',
  reasons: ['node(s) had untolerated taint(s)'],
};

export class FakeCycle implements Cycle {
  readonly pod: Pod;
  readonly preFilter: PreFilterOutcome;
  readonly order: number[];
  readonly reserved: string[] = [];
  /** Names of the nodes whose filters were asked, in that order. */
  readonly asked: string[] = [];
  readonly #nodes: FakeNode[];
  readonly #scoreError?: string;

  constructor(pod: Pod, nodes: FakeNode[], { preFilter = {}, scoreError }: FakeCycleOptions = {}) {
    this.pod = pod;
    this.#nodes = nodes;
    this.preFilter = preFilter;
    this.order = nodes.map((_, n) => n);
    this.#scoreError = scoreError;
  }

  nodeName(n: number): string {
    return this.#nodes[n].name;
  }

  nodeIndex(name: string): number {
    return this.#nodes.findIndex((node) => node.name === name);
  }

  fits(n: number): boolean {
    this.asked.push(this.nodeName(n));
    return this.#nodes[n].total !== undefined;
  }

  rejection(n: number): Rejection | null {
    return this.#nodes[n].total === undefined ? (this.#nodes[n].rejection ?? FULL) : null;
  }

  verdicts(n: number): { plugin: string; rejection: Rejection | null }[] {
    return [
      { plugin: 'TaintToleration', rejection: null },
      { plugin: 'NodeResourcesFit', rejection: this.rejection(n) },
    ];
  }

  score(feasible: ArrayLike<number>): Scores | { error: { plugin: string; message: string } } {
    if (this.#scoreError) return { error: { plugin: 'NodeAffinity', message: this.#scoreError } };
    const totals = Array.from(feasible, (n) => this.#nodes[n].total ?? 0);
    const halves = totals.map((total) => total / 2);
    return { plugins: ['NodeResourcesFit'], weights: [2], raw: [totals], normalized: [halves], totals };
  }

  dryRun(n: number): DryRun {
    const { pods = [], slots = pods.length, rejection } = this.#nodes[n];
    const left = [...pods];
    return {
      pods: left,
      remove: (pod) => void left.splice(left.indexOf(pod), 1),
      add: (pod) => void left.push(pod),
      filter: () => (left.length < slots ? null : (rejection ?? FULL)),
      close: () => {},
    };
  }

  reserve(n: number): void {
    this.reserved.push(this.nodeName(n));
  }
}

/** Hands out one prepared cycle after the other; the last one is repeated. */
export class FakeDecider implements Decider {
  readonly kind = 'reference';
  readonly #next: (pod: Pod) => FakeCycle;
  last?: FakeCycle;

  constructor(nodes: FakeNode[], options?: FakeCycleOptions) {
    this.#next = (pod) => new FakeCycle(pod, nodes, options);
  }

  begin(pod: Pod): Cycle {
    this.last = this.#next(pod);
    return this.last;
  }

  addNode(_node: Node): void {}
  updateNode(_node: Node): void {}
  removeNode(_name: string): void {}
  addPod(_pod: Pod): void {}
  updatePod(_pod: Pod): void {}
  removePod(_pod: Pod): void {}
  objectChanged(): void {}
  unreserve(_pod: Pod): void {}
}

export interface FakePodOptions {
  namespace?: string;
  priority?: number;
  labels?: Record<string, string>;
  startTime?: string;
  nominatedNodeName?: string;
  preemptionPolicy?: string;
  spec?: Partial<Pod['spec']>;
  status?: Pod['status'];
  deletionTimestamp?: string;
}

export function fakePod(name: string, options: FakePodOptions = {}): Pod {
  const { namespace = 'default', labels, priority, preemptionPolicy, deletionTimestamp } = options;
  const { startTime, nominatedNodeName } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, deletionTimestamp },
    spec: { containers: [], priority, preemptionPolicy, ...options.spec },
    status: { startTime, nominatedNodeName, ...options.status },
  };
}
