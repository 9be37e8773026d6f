/**
 * Which fields hold quantities, and which maps hold bytes: the generated models say only `string`.
 * Source: Kubernetes v1.36, the Go types of k8s.io/api (resource.Quantity, ResourceList, map[string][]byte).
 */

/** Go struct → its fields; of a list or a map, the items are quantities. In every version of the struct. */
const QUANTITIES: Record<string, readonly string[]> = {
  BasicDevice: ['capacity'],
  CSIStorageCapacity: ['capacity', 'maximumVolumeSize'],
  CapacityRequestPolicy: ['default', 'validValues'],
  CapacityRequestPolicyRange: ['max', 'min', 'step'],
  CapacityRequirements: ['requests'],
  ContainerStatus: ['allocatedResources'],
  Counter: ['value'],
  DeviceCapacity: ['value'],
  DeviceRequestAllocationResult: ['consumedCapacity'],
  EmptyDirVolumeSource: ['sizeLimit'],
  HPAScalingRules: ['tolerance'],
  LimitRangeItem: ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'],
  MetricTarget: ['averageValue', 'value'],
  MetricValueStatus: ['averageValue', 'value'],
  NodeAllocatableResourceClaimStatus: ['resources'],
  NodeAllocatableResourceMapping: ['allocationMultiplier'],
  NodeStatus: ['allocatable', 'capacity'],
  Overhead: ['podFixed'],
  PersistentVolumeClaimStatus: ['allocatedResources', 'capacity'],
  PersistentVolumeSpec: ['capacity'],
  PodSpec: ['overhead'],
  PodStatus: ['allocatedResources'],
  ResourceFieldSelector: ['divisor'],
  ResourceQuotaSpec: ['hard'],
  ResourceQuotaStatus: ['hard', 'used'],
  ResourceRequirements: ['limits', 'requests'],
  VolumeResourceRequirements: ['limits', 'requests'],
};

const BYTES: Record<string, readonly string[]> = { ConfigMap: ['binaryData'], Secret: ['data'] };

/** The scalar behind what the models call `string`. */
export function scalarOf(goName: string, field: string): 'string' | 'quantity' | 'byte' {
  if (QUANTITIES[goName]?.includes(field)) return 'quantity';
  return BYTES[goName]?.includes(field) ? 'byte' : 'string';
}
