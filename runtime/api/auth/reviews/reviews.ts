/** The kinds that are asked and answered, never stored: by group and plural, what answers them. */
import type { KubeObject } from '../../../../core/index.ts';
import type { User } from '../../request.ts';
import type { Auth } from '../auth.ts';
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from './access-review.ts';
import type { Review } from './review.ts';
import { selfSubjectReview, selfSubjectRulesReview } from './self-reviews.ts';
import { tokenReview } from './token-review.ts';

export interface ReviewRequest {
  /** Decoded and checked against its schema. */
  review: Review;
  /** Who sends it. */
  user: User;
  /** Of the path; empty at the cluster scope. */
  namespace: string;
  auth: Auth;
}

type Answer = (request: ReviewRequest) => KubeObject | Promise<KubeObject>;

/** 'GROUP/PLURAL' → the review with its status; answers are 201. serviceaccounts/token is tokens/token-request.ts. */
export const REVIEWS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['authentication.k8s.io/tokenreviews', ({ review, auth }) => tokenReview(review, auth.authenticator)],
  ['authentication.k8s.io/selfsubjectreviews', ({ review, user }) => selfSubjectReview(review, user)],
  ['authorization.k8s.io/subjectaccessreviews', ({ review, auth }) => subjectAccessReview(review, auth.authorizer)],
  [
    'authorization.k8s.io/localsubjectaccessreviews',
    ({ review, namespace, auth }) => localSubjectAccessReview(review, namespace, auth.authorizer),
  ],
  [
    'authorization.k8s.io/selfsubjectaccessreviews',
    ({ review, user, auth }) => selfSubjectAccessReview(review, user, auth.authorizer),
  ],
  [
    'authorization.k8s.io/selfsubjectrulesreviews',
    ({ review, user, auth }) => selfSubjectRulesReview(review, user, auth.authorizer),
  ],
]);
