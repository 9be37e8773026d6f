/**
 * HorizontalPodAutoscaler autoscaling/v1 ↔ the stored autoscaling/v2. What v1 cannot say travels in Kubernetes' own
 * annotations. Source: Kubernetes v1.36, pkg/apis/autoscaling/v1/conversion.go.
 */
import { type ApiObject, isMap } from '../../object.ts';
import type { ApiKind } from '../kind.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

type Fields = Record<string, unknown>;

export const AUTOSCALER_V1: NonNullable<ApiKind['storage']> = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',

  toStorage(object) {
    const source = object as ApiObject;
    const { annotations, taken } = takeAnnotations(source, [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);
    const { targetCPUUtilizationPercentage: cpu, ...spec } = mapOf(source.spec);
    const metrics: unknown[] = Array.isArray(taken[METRICS]) ? [...taken[METRICS]] : [];
    if (typeof cpu === 'number') metrics.unshift(cpuMetric('target', { type: 'Utilization', averageUtilization: cpu }));
    if (metrics.length > 0) spec.metrics = metrics;
    if (isMap(taken[BEHAVIOR])) spec.behavior = taken[BEHAVIOR];
    const { currentCPUUtilizationPercentage: used, ...status } = mapOf(source.status);
    const current: unknown[] = Array.isArray(taken[CURRENT_METRICS]) ? [...taken[CURRENT_METRICS]] : [];
    if (typeof used === 'number') current.unshift(cpuMetric('current', { averageUtilization: used }));
    if (current.length > 0) status.currentMetrics = current;
    if (Array.isArray(taken[CONDITIONS])) status.conditions = taken[CONDITIONS];
    return rebuilt(source, 'autoscaling/v2', annotations, spec, status);
  },

  fromStorage(object) {
    const source = object as ApiObject;
    const annotations: Record<string, string> = { ...source.metadata.annotations };
    const { metrics, behavior, ...spec } = mapOf(source.spec);
    const [cpu, others] = splitCpu(metrics, 'target');
    if (cpu !== undefined) spec.targetCPUUtilizationPercentage = cpu;
    if (others.length > 0) annotations[METRICS] = JSON.stringify(others);
    if (behavior !== undefined) annotations[BEHAVIOR] = JSON.stringify(behavior);
    const { currentMetrics, conditions, ...status } = mapOf(source.status);
    const [used, furtherCurrent] = splitCpu(currentMetrics, 'current');
    if (used !== undefined) status.currentCPUUtilizationPercentage = used;
    if (furtherCurrent.length > 0) annotations[CURRENT_METRICS] = JSON.stringify(furtherCurrent);
    if (Array.isArray(conditions) && conditions.length > 0) annotations[CONDITIONS] = JSON.stringify(conditions);
    return rebuilt(source, 'autoscaling/v1', annotations, spec, status);
  },
};

function rebuilt(
  source: ApiObject,
  apiVersion: string,
  annotations: Record<string, string>,
  spec: Fields,
  status: Fields,
): ApiObject {
  const { annotations: _, ...metadata } = source.metadata;
  const next: ApiObject = { ...source, apiVersion, metadata };
  if (Object.keys(annotations).length > 0) next.metadata.annotations = annotations;
  if (source.spec !== undefined) next.spec = spec;
  if (source.status !== undefined || Object.keys(status).length > 0) next.status = status;
  return next;
}

/** The annotations without those named; what these hold as JSON, where they do. */
function takeAnnotations(
  { metadata }: ApiObject,
  names: readonly string[],
): { annotations: Record<string, string>; taken: Fields } {
  const annotations: Record<string, string> = { ...metadata.annotations };
  const taken: Fields = {};
  for (const name of names) {
    const text = annotations[name];
    if (text === undefined) continue;
    delete annotations[name];
    try {
      taken[name] = JSON.parse(text);
    } catch {
      // An annotation of a user's own making says nothing about metrics; Kubernetes drops it as well.
    }
  }
  return { annotations, taken };
}

/** @param side 'target' in spec.metrics, 'current' in status.currentMetrics. */
function cpuMetric(side: 'target' | 'current', value: Fields): Fields {
  return { type: 'Resource', resource: { name: 'cpu', [side]: value } };
}

/** The utilization of the first cpu metric, which v1 has a field for, and all the others. */
function splitCpu(metrics: unknown, side: 'target' | 'current'): [number | undefined, unknown[]] {
  let cpu: number | undefined;
  const others: unknown[] = [];
  for (const metric of Array.isArray(metrics) ? metrics : []) {
    const resource = isMap(metric) && metric.type === 'Resource' ? mapOf(metric.resource) : {};
    const utilization = mapOf(resource[side]).averageUtilization;
    if (cpu === undefined && resource.name === 'cpu' && typeof utilization === 'number') cpu = utilization;
    else others.push(metric);
  }
  return [cpu, others];
}

function mapOf(value: unknown): Fields {
  return isMap(value) ? value : {};
}
