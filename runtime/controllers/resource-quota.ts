/**
 * Usage of quotas goes down when objects go, and new quotas get their first figures; admission only ever adds.
 * Source: Kubernetes v1.36, pkg/controller/resourcequota/resource_quota_controller.go.
 */
import {
  type Change,
  type Controller,
  isFinished,
  keyOf,
  type Observed,
  type Pod,
  type ResourceRef,
  splitKey,
  unlessGone,
} from '../../core/index.ts';
import type { ResourceQuota } from '../api/admission/quota/quota.ts';
import { recounted } from '../api/admission/quota/recount.ts';
import type { ObjectsView } from '../api/objects-view.ts';

const QUOTAS: ResourceRef = { group: '', resource: 'resourcequotas' };
/** Everything is counted anew now and then, as Kubernetes does. */
const AGAIN_MS = 300_000;

/** @param view as new as the last write, lest a count undo what admission has just added. */
export function resourceQuotaController(view: ObjectsView): Controller {
  return {
    name: 'resourcequota-controller',
    watches: [{ resource: QUOTAS, keys: ({ object, gone }) => (gone ? [] : [keyOf(object)]) }],
    ofAll: ({ namespaced }, change, observed) => (namespaced && frees(change) ? quotasOf(change, observed) : []),
    *sync(key, { nowMs }) {
      const { namespace, name } = splitKey(key);
      const quota = view.get('', 'resourcequotas', namespace, name) as ResourceQuota | undefined;
      if (!quota || quota.metadata.deletionTimestamp) return undefined;
      const next = recounted(quota, view, nowMs);
      if (next) yield* unlessGone({ type: 'update', resource: QUOTAS, object: next, subresource: 'status' });
      return { afterMs: AGAIN_MS };
    },
  };
}

/** The object uses less than before: it has gone, or it is a pod that is over. */
function frees({ object, old, gone }: Change): boolean {
  if (gone) return true;
  return object.kind === 'Pod' && old !== undefined && isFinished(object as Pod) && !isFinished(old as Pod);
}

function quotasOf({ object }: Change, observed: Observed): string[] {
  return [...observed.list(QUOTAS, object.metadata.namespace)].map(keyOf);
}
