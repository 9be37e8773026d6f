/**
 * Counts quotas anew from the objects there are: how usage goes down when objects go, and how a quota gets its first
 * figures. For the quota controller, which says when. Source: Kubernetes v1.36, pkg/controller/resourcequota.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ObjectsView } from '../../objects-view.ts';
import type { AdmissionWriter } from '../admission.ts';
import { amountsOf, listOf, type ResourceQuota } from './quota.ts';
import { usedOf } from './usage.ts';

/** `quota` with the status it should have; undefined when it has it. */
export function recounted(quota: ResourceQuota, view: ObjectsView, nowMs: number): ResourceQuota | undefined {
  const hard = listOf(amountsOf(quota.spec?.hard));
  const used = usedOf(quota, view, nowMs);
  const { status } = quota;
  if (isDeepStrictEqual(status?.hard, hard) && isDeepStrictEqual(status?.used, used)) return undefined;
  return { ...quota, status: { hard, used } };
}

/**
 * Writes what has changed and says how many quotas that were. A quota that somebody else wrote meanwhile is an ApiError
 * Conflict, to be tried again.
 *
 * @param namespace only its quotas; without it all.
 */
export async function recountQuotas(
  view: ObjectsView,
  writer: Pick<AdmissionWriter, 'updateStatus'>,
  nowMs: number,
  namespace?: string,
): Promise<number> {
  let written = 0;
  for (const quota of [...view.list('', 'resourcequotas', namespace)] as ResourceQuota[]) {
    const next = recounted(quota, view, nowMs);
    if (!next) continue;
    await writer.updateStatus(next);
    written++;
  }
  return written;
}
