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
  let object: ApiObject = what.object;
  for (const plugin of parts.admission) {
    if (!plugin.mutate) continue;
    const changed = plugin.mutate(requestOf(context, target, { ...what, object }));
    object = (changed instanceof Promise ? await changed : changed) as ApiObject;
  }
  return object;
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
  const { user, dryRun } = context;
  return { ...what, kind, subresource, namespace, name, user, dryRun, warn: (text) => context.warn(text) };
}
