/** One action of a controller, as calls of the API. What the API refuses is an outcome, not an error. */
import type { Action, ActionOutcome, Refusal } from '../../core/index.ts';
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/http/status.ts';
import type { EventRecorder } from '../events/recorder.ts';

/** As which all controllers write, for who reads managedFields. */
const FIELD_MANAGER = 'kube-controller-manager';

/** Rejects with what is nobody's refusal: a bug, or a world that fails. */
export async function carryOut(action: Action, client: ApiClient, events: EventRecorder): Promise<ActionOutcome> {
  try {
    return await call(action, client, events);
  } catch (error) {
    if (error instanceof ApiError) return { refusal: refusalOf(error) };
    throw error;
  }
}

async function call(action: Action, client: ApiClient, events: EventRecorder): Promise<ActionOutcome> {
  switch (action.type) {
    case 'event':
      events.record(action.about, action.severity, action.reason, action.message);
      return {};
    case 'get':
      return { object: await client.get(action.resource, action.namespace, action.name) };
    case 'list':
      return { objects: (await client.list(action.resource, { namespace: action.namespace, limit: 1 })).items };
    case 'create':
      return { object: await client.create(action.resource, action.object, { fieldManager: FIELD_MANAGER }) };
    case 'update': {
      const { resource, object, subresource } = action;
      return { object: await client.update(resource, object, { subresource, fieldManager: FIELD_MANAGER }) };
    }
    case 'patch': {
      const { resource, namespace, name, body, patch: type, subresource } = action;
      const options = { type, subresource, fieldManager: FIELD_MANAGER };
      return { object: await client.patch(resource, namespace, name, body, options) };
    }
    case 'delete': {
      const { resource, namespace, name, uid, resourceVersion, propagation, graceSeconds } = action;
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
      await client.delete(resource, namespace, name, {
        preconditions,
        ...(propagation && { propagationPolicy: propagation }),
        ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
      });
      return {};
    }
  }
}

function refusalOf({ code, status, message }: ApiError): Refusal {
  const causes = (status.details?.causes ?? []).map(({ reason }) => reason ?? '');
  return { code, reason: status.reason ?? '', message, causes };
}
