/** Jobs that are over go some time later, if they say so. Source: Kubernetes v1.36, pkg/controller/ttlafterfinished/ttlafterfinished_controller.go. */
import { keyOf } from '../../objects/types.ts';
import { type Controller, splitKey, unlessGone } from '../controller.ts';
import { finishedAt, type Job } from '../job/job-kind.ts';
import { JOBS } from '../resources.ts';
import { timeOf } from '../time.ts';

export function ttlAfterFinishedController(): Controller {
  return {
    name: 'ttl-after-finished-controller',
    watches: [{ resource: JOBS, keys: ({ object, gone }) => (gone ? [] : [keyOf(object)]) }],
    *sync(key, { observed, nowMs }) {
      const { namespace, name } = splitKey(key);
      const leftMs = leftOf(observed.get(JOBS, namespace, name) as Job | undefined, nowMs);
      if (leftMs === undefined) return undefined;
      if (leftMs > 0) return { afterMs: leftMs };
      // What has been observed may be old: its time may have been put off meanwhile.
      const live = (yield* unlessGone({ type: 'get', resource: JOBS, namespace, name })) as Job | undefined;
      const stillMs = leftOf(live, nowMs);
      if (!live || stillMs === undefined) return undefined;
      if (stillMs > 0) return { afterMs: stillMs };
      const { uid, resourceVersion } = live.metadata;
      yield* unlessGone({
        type: 'delete',
        resource: JOBS,
        namespace,
        name,
        uid,
        resourceVersion,
        propagation: 'Foreground',
      });
      return undefined;
    },
  };
}

/** Milliseconds; undefined for one that stays, or goes already. */
function leftOf(job: Job | undefined, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished: ttl } = job?.spec ?? {};
  const overMs = job && timeOf(finishedAt(job)?.lastTransitionTime);
  if (!job || ttl === undefined || overMs === undefined || job.metadata.deletionTimestamp) return undefined;
  return Math.max(0, overMs + ttl * 1000 - nowMs);
}
