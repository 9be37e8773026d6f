/**
 * The EndpointSlices of a Service, as core/balancer plans them.
 * Source: Kubernetes v1.36, pkg/controller/endpointslice/endpointslice_controller.go.
 */
import { planEndpoints, type SliceAction } from '../../balancer/endpoints/plan.ts';
import { SERVICE_NAME_LABEL } from '../../balancer/endpoints/slice-labels.ts';
import { type EndpointSlice, keyOf, type Node, type Pod, type Service } from '../../objects/types.ts';
import {
  type Action,
  CONFLICT,
  type Controller,
  NOT_FOUND,
  RefusedError,
  type Sync,
  splitKey,
  type World,
} from '../controller.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { servicesOfPod } from './services-of.ts';

export function endpointSliceController(): Controller {
  /** Services with a pod whose node was not known. */
  const waiting = new Set<string>();
  return {
    name: 'endpoint-slice-controller',
    watches: [
      { resource: SERVICES, keys: ({ object }) => [keyOf(object)] },
      { resource: PODS, keys: servicesOfPod },
      {
        resource: ENDPOINT_SLICES,
        keys({ object: { metadata } }) {
          const service = metadata.labels?.[SERVICE_NAME_LABEL];
          return service ? [`${metadata.namespace}/${service}`] : [];
        },
      },
      {
        resource: NODES,
        keys({ object, old }, observed) {
          if (!old) return [...waiting];
          // Zones and capacity are what endpoints say of nodes.
          return sameValue(object.metadata.labels, old.metadata.labels) ? [] : [...observed.list(SERVICES)].map(keyOf);
        },
      },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const service = world.observed.get(SERVICES, namespace, name) as Service | undefined;
      waiting.delete(key);
      if (!service) return undefined;
      return yield* syncService(service, world, () => waiting.add(key));
    },
  };
}

function* syncService(service: Service, { observed }: World, wait: () => void): Sync {
  const { namespace = '', name } = service.metadata;
  const existing = ([...observed.list(ENDPOINT_SLICES, namespace)] as EndpointSlice[]).filter(
    ({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name,
  );
  const pods = observed.list(PODS, namespace) as Iterable<Pod>;
  const nodeOf = (node: string): Node | undefined => observed.get(NODES, '', node) as Node | undefined;
  const plan = planEndpoints(service, pods, nodeOf, existing);
  if (plan.waiting.length > 0) wait();
  if (plan.actions.length === 0) return undefined;
  const outcomes = yield plan.actions.map(actionOf);
  for (const { refusal } of outcomes) {
    if (!refusal || refusal.code === NOT_FOUND || refusal.causes.includes('NamespaceTerminating')) continue;
    if (refusal.code !== CONFLICT) {
      const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${refusal.message}`;
      yield [{ type: 'event', about: service, severity: 'Warning', reason: 'FailedToUpdateEndpointSlices', message }];
    }
    throw new RefusedError(refusal);
  }
  return undefined;
}

function actionOf({ type, slice }: SliceAction): Action {
  const { namespace = '', name, uid } = slice.metadata;
  if (type === 'delete') return { type, resource: ENDPOINT_SLICES, namespace, name, uid };
  return { type, resource: ENDPOINT_SLICES, object: slice };
}
