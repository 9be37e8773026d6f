/** Random: one feasible node, uniformly. It gets 100, the others 0. */
import type { PackedPlugin, Random } from '../../core/index.ts';

export function randomNode(name: string, random: Random): PackedPlugin<unknown, number> {
  return {
    name,
    scope: 'shared',
    classKey: () => '',
    preScore: (_pod, _view, feasible) => random.below(feasible.length),
    score(drawn, _pod, _view, feasible, scores) {
      for (let k = 0; k < feasible.length; k++) scores[k] = k === drawn ? 100 : 0;
    },
  };
}
