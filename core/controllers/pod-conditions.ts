/** A condition that a controller sets on a pod, as a patch of its status. */
import type { Pod } from '../objects/types.ts';
import type { Action } from './controller.ts';
import { PODS } from './resources.ts';
import { timeText } from './time.ts';

interface News {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** undefined: the pod says so already. @param more further fields of the status. */
export function podConditionPatch(pod: Pod, news: News, nowMs: number, more: object = {}): Action | undefined {
  const old = pod.status?.conditions?.find(({ type }) => type === news.type);
  const isSaid = old?.status === news.status && (old.reason ?? '') === (news.reason ?? '');
  if (isSaid && Object.keys(more).length === 0) return undefined;
  const { namespace = '', name, uid } = pod.metadata;
  const lastTransitionTime = old?.status === news.status ? old.lastTransitionTime : timeText(nowMs);
  const body = { metadata: { uid }, status: { ...more, conditions: [{ ...news, lastTransitionTime }] } };
  return { type: 'patch', resource: PODS, namespace, name, patch: 'strategic', body, subresource: 'status' };
}
