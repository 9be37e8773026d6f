/** 'Whose is this token?' Source: Kubernetes v1.36, pkg/registry/authentication/tokenreview/storage.go. */
import type { KubeObject } from '../../../../core/index.ts';
import { badRequest } from '../../http/status.ts';
import type { RequestAuthenticator } from '../identity/request-authenticator.ts';
import { answered, type Review, textOf, textsOf, userInfo } from './review.ts';

/** A wrong token is an answer, not an error; throws BadRequest when there is none. */
export async function tokenReview(review: Review, authenticator: RequestAuthenticator): Promise<KubeObject> {
  const token = textOf(review.spec, 'token');
  if (!token) throw badRequest('token is required for TokenReview in authentication');
  const audiences = textsOf(review.spec, 'audiences');
  const answer = await authenticator.authenticateToken(token, audiences.length > 0 ? audiences : undefined);
  if (!answer) return answered(review, { user: {}, error: '[invalid bearer token, unknown token]' });
  return answered(review, { authenticated: true, user: userInfo(answer.user), audiences: answer.audiences });
}
