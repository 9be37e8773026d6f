/** Asks the admission plugins in their order: first all that fill in, later all that refuse. */
import type { AdmissionRequest } from '../admission/admission.ts';
import type { ApiObject } from '../object.ts';
import type { RegistryParts, RequestContext, Target } from './parts.ts';

type What = Pick<AdmissionRequest, 'operation' | 'object' | 'old'>;

export async function admitMutating(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  what: What & { object: ApiObject },
): Promise<ApiObject> {
  const request = requestOf(context, target, what);
  for (const plugin of parts.admission) {
    const changed = plugin.mutate?.(request) ?? request.object;
    request.object = changed instanceof Promise ? await changed : changed;
  }
  return request.object as ApiObject;
}

/** Throws the ApiError of the first plugin that refuses. */
export async function admitValidating(
  parts: RegistryParts,
  context: RequestContext,
  target: Target,
  what: What,
): Promise<void> {
  const request = requestOf(context, target, what);
  for (const plugin of parts.admission) {
    const pending = plugin.validate?.(request);
    if (pending instanceof Promise) await pending;
  }
}

function requestOf(context: RequestContext, target: Target, what: What): AdmissionRequest {
  const { kind, namespace, name, subresource } = target;
  const { operation, object, old } = what;
  const { user, dryRun } = context;
  const warn = (text: string): void => context.warn(text);
  return { operation, object, old, kind, subresource, namespace, name, user, dryRun, warn };
}
