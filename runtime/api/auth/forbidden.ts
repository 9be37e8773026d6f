/** The words of a refusal. Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
import { ApiError, failure, forbidden } from '../http/status.ts';
import type { User } from '../request.ts';
import type { Attributes } from './faces.ts';

/** 403: 'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"'. */
export function refusal(user: User, attributes: Attributes, reason = ''): ApiError {
  const why = `${cannot(user, attributes)}${reason ? `: ${reason}` : ''}`;
  if (!attributes.resourceRequest) return new ApiError(failure(403, 'Forbidden', `forbidden: ${why}`, {}));
  return forbidden(attributes.group, attributes.resource, attributes.name, why);
}

function cannot(
  user: User,
  { resourceRequest, verb, path, group, resource, subresource, namespace }: Attributes,
): string {
  const who = `User ${JSON.stringify(user.name)}`;
  if (!resourceRequest) return `${who} cannot ${verb} path ${JSON.stringify(path)}`;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return `${who} cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}
