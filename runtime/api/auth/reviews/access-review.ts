/**
 * 'May I?', 'May she?': SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview.
 * Source: Kubernetes v1.36, pkg/registry/authorization, pkg/apis/authorization/validation/validation.go.
 */
import type { KubeObject } from '../../../../core/index.ts';
import type { StatusCause } from '../../http/status.ts';
import { isMap } from '../../object.ts';
import type { User } from '../../request.ts';
import type { Attributes, Authorizer } from '../faces.ts';
import { answered, extraOf, type Review, refuse, textOf, textsOf } from './review.ts';

const GROUP = 'authorization.k8s.io';

/** Asks for `user`, who sends it. */
export function selfSubjectAccessReview(review: Review, user: User, authorizer: Authorizer): KubeObject {
  refuse(review, GROUP, problemsOfAttributes(review));
  return decided(review, user, authorizer);
}

/** Asks for the user and groups of its spec. */
export function subjectAccessReview(review: Review, authorizer: Authorizer): KubeObject {
  refuse(review, GROUP, [...problemsOfAttributes(review), ...problemsOfSubject(review)]);
  return decided(review, subjectOf(review), authorizer);
}

/** As subjectAccessReview, for resources of one namespace. */
export function localSubjectAccessReview(review: Review, namespace: string, authorizer: Authorizer): KubeObject {
  const asked = review.spec?.resourceAttributes;
  const problems = [...problemsOfAttributes(review), ...problemsOfSubject(review)];
  if (isMap(asked) && textOf(asked, 'namespace') !== namespace) {
    problems.push(
      wrong('spec.resourceAttributes.namespace', textOf(asked, 'namespace'), 'must match metadata.namespace'),
    );
  }
  if (review.spec?.nonResourceAttributes) {
    const message = 'Invalid value: "object": disallowed on this kind of request';
    problems.push({ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message });
  }
  refuse(review, GROUP, problems);
  return decided(review, subjectOf(review), authorizer);
}

function decided(review: Review, user: User, authorizer: Authorizer): KubeObject {
  const { allowed, reason } = authorizer.authorize(user, attributesOf(review));
  return answered(review, { allowed, ...(reason && { reason }) });
}

function problemsOfAttributes({ spec }: Review): StatusCause[] {
  const resource = isMap(spec?.resourceAttributes);
  const path = isMap(spec?.nonResourceAttributes);
  if (resource && path) {
    const message = 'cannot be specified in combination with resourceAttributes';
    return [{ reason: 'FieldValueInvalid', field: 'spec.nonResourceAttributes', message: `Invalid value: ${message}` }];
  }
  if (resource || path) return [];
  const message = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [
    { reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message: `Invalid value: null: ${message}` },
  ];
}

function problemsOfSubject({ spec }: Review): StatusCause[] {
  if (textOf(spec, 'user') || textsOf(spec, 'groups').length > 0) return [];
  return [wrong('spec.user', '', 'at least one of user or group must be specified')];
}

function wrong(field: string, value: string, why: string): StatusCause {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

function subjectOf({ spec }: Review): User {
  const uid = textOf(spec, 'uid');
  const extra = extraOf(spec, 'extra');
  return { name: textOf(spec, 'user'), groups: textsOf(spec, 'groups'), ...(uid && { uid }), ...(extra && { extra }) };
}

/** 'pods/log' as a resource is pods with subresource log only when the two are given apart, as in Kubernetes. */
function attributesOf({ spec }: Review): Attributes {
  const resource = spec?.resourceAttributes;
  const asked = isMap(resource) ? resource : spec?.nonResourceAttributes;
  return {
    resourceRequest: isMap(resource),
    path: textOf(asked, 'path'),
    verb: textOf(asked, 'verb'),
    group: textOf(asked, 'group'),
    version: textOf(asked, 'version') || '*',
    resource: textOf(asked, 'resource'),
    subresource: textOf(asked, 'subresource'),
    namespace: textOf(asked, 'namespace'),
    name: textOf(asked, 'name'),
  };
}
