/**
 * NodeAffinity. Filter: the profile's added affinity, spec.nodeSelector and required node affinity. Score: weights of the
 * preferred terms that match.
 * Source: Kubernetes v1.36, plugins/nodeaffinity.
 */
import { defaultNormalize } from '../../framework.ts';
import {
  namedNodes,
  nodeSelectorMatches,
  type PreferredNodeTerm,
  preferredNodeTerms,
  preferredWeight,
  requiredNodeAffinityMatches,
  requiredNodeSelectorOf,
} from '../../terms/node-affinity.ts';
import { type ReferencePlugin, SKIP, unresolvable } from '../plugin.ts';

export const nodeAffinity: ReferencePlugin<undefined, readonly PreferredNodeTerm[]> = {
  name: 'NodeAffinity',

  preFilter({ pod, args }) {
    const required = requiredNodeSelectorOf(pod.spec.affinity?.nodeAffinity);
    const added = requiredNodeSelectorOf(args.nodeAffinity.addedAffinity);
    if (!required && !added && !pod.spec.nodeSelector) return SKIP;
    const nodeNames = required && namedNodes(required);
    if (nodeNames?.size === 0) return { refusal: unresolvable('pod affinity terms conflict') };
    return { state: undefined, nodeNames };
  },

  filter(_state, { node, labels, name }, { pod, args }) {
    const added = requiredNodeSelectorOf(args.nodeAffinity.addedAffinity);
    if (added && !nodeSelectorMatches(added, labels, name)) {
      return unresolvable("node(s) didn't match scheduler-enforced node affinity");
    }
    if (requiredNodeAffinityMatches(pod, node)) return undefined;
    return unresolvable("node(s) didn't match Pod's node affinity/selector");
  },

  preScore({ pod, args }) {
    const own = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    const added = args.nodeAffinity.addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!own && !added?.length) return SKIP;
    const ownTerms = preferredNodeTerms(own ?? []);
    if ('error' in ownTerms) return ownTerms;
    const addedTerms = preferredNodeTerms(added ?? []);
    return 'error' in addedTerms ? addedTerms : { state: [...addedTerms, ...ownTerms] };
  },

  score(terms, { node }) {
    return preferredWeight(terms, node);
  },

  normalize(scores) {
    defaultNormalize(scores, false);
  },
};
