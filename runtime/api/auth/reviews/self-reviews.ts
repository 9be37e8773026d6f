/** 'What may I?', 'Who am I?': SelfSubjectRulesReview and SelfSubjectReview. Source: Kubernetes v1.36, pkg/registry/{authorization,authentication}. */
import type { KubeObject } from '../../../../core/index.ts';
import { badRequest } from '../../http/status.ts';
import type { User } from '../../request.ts';
import type { Authorizer, PolicyRule } from '../faces.ts';
import { answered, type Review, textOf, userInfo } from './review.ts';

/** Every rule of `user` in spec.namespace; throws BadRequest without a namespace. */
export function selfSubjectRulesReview(review: Review, user: User, authorizer: Authorizer): KubeObject {
  const namespace = textOf(review.spec, 'namespace');
  if (!namespace) throw badRequest('no namespace on request');
  const resourceRules: PolicyRule[] = [];
  const nonResourceRules: PolicyRule[] = [];
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of authorizer.rulesFor(user, namespace)) {
    if (resources?.length) {
      resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames?.length && { resourceNames }) });
    }
    if (nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  return answered(review, { resourceRules, nonResourceRules, incomplete: false });
}

/** v1, v1beta1 and v1alpha1 alike. */
export function selfSubjectReview(review: Review, user: User): KubeObject {
  return answered(review, { userInfo: userInfo(user) });
}
