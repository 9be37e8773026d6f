/**
 * NodeAffinity. Filter: nodeSelector, required node affinity and the profile's added affinity. Score: sum of the weights
 * of the preferred terms that match.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodeaffinity.
 */
import type { NodeAffinity } from '../../objects/types.ts';
import { defaultNormalize, type PackedPlugin, posted, SKIP } from '../framework.ts';
import {
  compileNodeMatcher,
  compileTerm,
  matchesNode,
  matchesTerm,
  type NodeMatcher,
  type TermTest,
} from '../scan/node-matcher.ts';
import { namedNodes, preferredNodeTerms } from '../terms/node-affinity.ts';

interface RequiredFacts {
  added: NodeMatcher | undefined;
  own: NodeMatcher;
}
type PreferredFacts = { weight: number; test: TermTest }[];

export function nodeAffinity(args: { addedAffinity?: NodeAffinity }): PackedPlugin<RequiredFacts, PreferredFacts> {
  const added = args.addedAffinity;
  return {
    name: 'NodeAffinity',
    scope: 'shared',
    onWorkers: { filter: posted, score: posted },
    heedsPods: false,

    preFilter({ pod }, { cluster }) {
      const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const addedRequired = added?.requiredDuringSchedulingIgnoredDuringExecution;
      if (!required && !pod.spec.nodeSelector && !addedRequired) return SKIP;
      const names = required && namedNodes(required);
      if (names?.size === 0) {
        return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [CONFLICT] } };
      }
      const facts: RequiredFacts = {
        own: compileNodeMatcher(cluster, pod.spec.nodeSelector, required),
        added: addedRequired && compileNodeMatcher(cluster, undefined, addedRequired),
      };
      return names ? { facts, nodeNames: names } : facts;
    },

    filter({ own, added }, _pod, _view, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) {
        if (!matchesNode(own, n) || (added && !matchesNode(added, n))) rejectedBy[n] ||= self;
      }
    },

    reasonKey: ({ added }, _pod, _view, n) => (added && !matchesNode(added, n) ? 1 : 0),

    explain({ added }, _pod, _view, n) {
      const enforced = added && !matchesNode(added, n);
      return { code: 'UnschedulableAndUnresolvable', reasons: [enforced ? ENFORCED : POD_MISMATCH] };
    },

    preScore({ pod }, { cluster }) {
      const own = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
      const addedTerms = added?.preferredDuringSchedulingIgnoredDuringExecution;
      if (!own && !addedTerms?.length) return SKIP;
      const facts: PreferredFacts = [];
      for (const list of [own, addedTerms]) {
        const terms = preferredNodeTerms(list ?? []);
        if ('error' in terms) return terms;
        for (const { weight, term } of terms) facts.push({ weight, test: compileTerm(cluster, term) });
      }
      return facts;
    },

    score(terms, _pod, _view, feasible, scores) {
      for (let k = 0; k < scores.length; k++) {
        let sum = 0;
        for (const { weight, test } of terms) if (matchesTerm(test, feasible[k])) sum += weight;
        scores[k] = sum;
      }
    },

    normalize: (_facts, scores) => defaultNormalize(scores, false),
  };
}

const CONFLICT = 'pod affinity terms conflict';
const POD_MISMATCH = "node(s) didn't match Pod's node affinity/selector";
const ENFORCED = "node(s) didn't match scheduler-enforced node affinity";
