/** LimitRange as plain data, with what an API server fills into it. Source: Kubernetes v1.36, pkg/apis/core/v1/defaults.go (SetDefaults_LimitRangeItem). */
import type { KubeObject, ResourceList } from '../../../../core/index.ts';

export interface LimitRangeItem {
  type: string;
  max?: ResourceList;
  min?: ResourceList;
  default?: ResourceList;
  defaultRequest?: ResourceList;
  maxLimitRequestRatio?: ResourceList;
}
export interface LimitRange extends KubeObject {
  spec?: { limits?: LimitRangeItem[] };
}

/** A maximum is the default limit, the default limit the default request, else the minimum is. */
export function containerDefaults(item: LimitRangeItem): { limits: ResourceList; requests: ResourceList } {
  const limits = { ...item.max, ...item.default };
  return { limits, requests: { ...item.min, ...limits, ...item.defaultRequest } };
}
