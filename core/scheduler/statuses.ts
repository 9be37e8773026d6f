/** What became of every node that a failed cycle looked at, equal verdicts kept once: clusters have few kinds of them. */
import { assert } from '../assert.ts';
import type { Cycle, Refusals, Rejection } from './framework.ts';

export class Statuses {
  readonly kinds: Refusals['kinds'];
  /** Number of nodes that have a status. */
  readonly size: number;
  readonly #refusals: Refusals;

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
    this.kinds = refusals.kinds;
    this.size = this.kinds.reduce((sum, { nodes }) => sum + nodes, 0);
  }

  /** [n]: 1 + index into kinds; 0, or nothing, for nodes without a status. Some refusals are only spread out when asked. */
  get kindOf(): Refusals['kindOf'] {
    return this.#refusals.kindOf;
  }

  /** The status of node n; undefined when it was not looked at. */
  get(n: number): Rejection | undefined {
    const kind = this.kindOf[n];
    return kind ? this.kinds[kind - 1].rejection : undefined;
  }
}

/** Asks the cycle about nodes that all do not fit; each is named once. */
export function statusesOf(cycle: Cycle, nodes: ArrayLike<number>): Statuses {
  return new Statuses(cycle.refusals?.(nodes) ?? askOneByOne(cycle, nodes));
}

function askOneByOne(cycle: Cycle, nodes: ArrayLike<number>): Refusals {
  const kinds = new Kinds();
  const kindOf: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const rejection = cycle.rejection(nodes[i]);
    assert(rejection, `node ${cycle.nodeName(nodes[i])} fits and has no rejection to explain`);
    kindOf[nodes[i]] = kinds.count(rejection);
  }
  return { kinds: kinds.all, kindOf };
}

/** Rejections with how many nodes got each, equal ones once. */
export class Kinds {
  readonly all: { rejection: Rejection; nodes: number }[] = [];
  readonly #byText = new Map<string, number>();

  /** One more node got it; returns 1 + its index. */
  count(rejection: Rejection): number {
    const kind = this.find(rejection);
    this.all[kind - 1].nodes++;
    return kind;
  }

  /** The same without counting. */
  find(rejection: Rejection): number {
    const { plugin, code, reasons } = rejection;
    const text = [plugin, code, ...reasons].join('\n');
    let kind = this.#byText.get(text);
    if (kind === undefined) this.#byText.set(text, (kind = this.all.push({ rejection, nodes: 0 })));
    return kind;
  }
}
