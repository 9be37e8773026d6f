/** NodeSpec and NodeStatus. Source: Kubernetes v1.36, api/core/v1/types.go, pkg/apis/core/validation. */
import { taints } from './affinity.ts';
import { qualifiedName, resourceList } from './formats.ts';
import { conditions } from './metadata.ts';
import { int64, list, type Schema, shape } from './schema.ts';

export const nodeSpec: Schema = shape(
  'podCIDR:text podCIDRs:texts providerID:text unschedulable:bool configSource externalID:text',
  { taints },
);

export const nodeStatus: Schema = shape(
  'phase:text addresses daemonEndpoints nodeInfo volumesInUse:texts volumesAttached config runtimeHandlers features ' +
    'declaredFeatures:texts',
  {
    capacity: resourceList(qualifiedName),
    allocatable: resourceList(qualifiedName),
    conditions,
    images: list(shape('names:texts', { sizeBytes: int64({ min: 0 }) })),
  },
);
