/** How far a rolling update may stray. Source: Kubernetes v1.36, pkg/controller/deployment/util (ResolveFenceposts). */
import type { Deployment } from '../kinds.ts';

const DEFAULT_SHARE = '25%';
const ROLLING_UPDATE = 'RollingUpdate';

export function replicasOf({ spec }: { spec: { replicas?: number } }): number {
  return spec.replicas ?? 1;
}

export function isRollingUpdate({ spec }: Deployment): boolean {
  return (spec.strategy?.type ?? ROLLING_UPDATE) === ROLLING_UPDATE;
}

/** Pods above spec.replicas; a share is rounded up. */
export function maxSurge(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return share(deployment.spec.strategy?.rollingUpdate?.maxSurge, replicasOf(deployment), Math.ceil);
}

/** Pods below spec.replicas; a share is rounded down, and 1 where neither surge nor lack is allowed. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  const fewer = share(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor);
  return Math.min(fewer === 0 && maxSurge(deployment) === 0 ? 1 : fewer, replicas);
}

/** A number, or a percentage of `total`. */
export function share(value: number | string = DEFAULT_SHARE, total: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value;
  return round((Number.parseInt(value, 10) * total) / 100) || 0;
}
