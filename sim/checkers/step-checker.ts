/** All checkers together, fed step by step beside a scheduler; the first problem stops the program as a bug. */
import { assert, type Node, type Pod, podKey } from '../../core/index.ts';
import { affinityProblems } from './affinity.ts';
import { capacityProblems } from './capacity.ts';
import { Conservation } from './conservation.ts';
import { Placements } from './placements.ts';
import { spreadProblems } from './spread.ts';

export class StepChecker {
  readonly placements: Placements;
  readonly conservation = new Conservation();

  constructor(nodes: Iterable<Node>) {
    this.placements = new Placements(nodes);
  }

  came(pod: Pod): void {
    stop(this.conservation.came(podKey(pod)));
  }

  /** The pod has spec.nodeName now. */
  bound(pod: Pod): void {
    const name = pod.spec.nodeName ?? '';
    const node = this.placements.nodes.get(name);
    stop(this.conservation.bound(podKey(pod)));
    if (node) stop([...affinityProblems(this.placements, pod, node), ...spreadProblems(this.placements, pod, node)]);
    this.placements.add(pod);
    stop(capacityProblems(this.placements, name));
  }

  went(pod: Pod): void {
    stop(this.conservation.went(podKey(pod)));
    this.placements.remove(pod);
  }
}

function stop(problems: readonly string[]): void {
  assert(problems.length === 0, problems.join('; '));
}
