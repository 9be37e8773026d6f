/**
 * The Endpoints object of a Service, which older clients read.
 * Source: Kubernetes v1.36, pkg/controller/endpoint/endpoints_controller.go.
 */
import { HEADLESS_LABEL } from '../../balancer/endpoints/slice-labels.ts';
import { selectorMatches } from '../../objects/selectors.ts';
import { type KubeObject, keyOf, type Labels, type Pod, type Service } from '../../objects/types.ts';
import { type Controller, NOT_FOUND, RefusedError, type Sync, splitKey, type World } from '../controller.ts';
import { ENDPOINTS, PODS, SERVICES } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { selectorOf, servicesOfPod } from './services-of.ts';
import { type EndpointSubset, subsetsOf } from './subsets.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

export interface Endpoints extends KubeObject {
  subsets?: EndpointSubset[];
}

export function endpointsController(): Controller {
  return {
    name: 'endpoint-controller',
    watches: [
      { resource: SERVICES, keys: ({ object }) => [keyOf(object)] },
      { resource: PODS, keys: servicesOfPod },
      { resource: ENDPOINTS, keys: ({ object, gone }) => (gone ? [keyOf(object)] : []) },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const service = world.observed.get(SERVICES, namespace, name) as Service | undefined;
      return service ? yield* syncService(service, world) : yield* removeOwn(key, world);
    },
  };
}

function* syncService(service: Service, { observed }: World): Sync {
  const selector = selectorOf(service);
  if (!selector || service.metadata.deletionTimestamp) return undefined;
  const { namespace = '', name } = service.metadata;
  const pods = ([...observed.list(PODS, namespace)] as Pod[]).filter(({ metadata }) =>
    selectorMatches(selector, metadata.labels),
  );
  const current = observed.get(ENDPOINTS, namespace, name) as Endpoints | undefined;
  const { subsets, isCut } = subsetsOf(service, pods);
  const labels = labelsOf(service);
  const { [OVER_CAPACITY]: _, ...others } = current?.metadata.annotations ?? {};
  const annotations = isCut ? { ...others, [OVER_CAPACITY]: 'truncated' } : others;
  const same =
    current &&
    sameValue(current.subsets, subsets) &&
    sameValue(current.metadata.labels, labels) &&
    sameValue(current.metadata.annotations, annotations);
  if (same) return undefined;
  const object: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...(current?.metadata ?? { name, namespace }), labels, annotations },
    subsets,
  };
  const [{ refusal }] = yield [{ type: current ? 'update' : 'create', resource: ENDPOINTS, object }];
  if (refusal && !refusal.causes.includes('NamespaceTerminating')) throw new RefusedError(refusal);
  return undefined;
}

/** Nobody owns an Endpoints object: it goes with its Service, if it is the controller's. */
function* removeOwn(key: string, { observed }: World): Sync {
  const { namespace, name } = splitKey(key);
  const left = observed.get(ENDPOINTS, namespace, name);
  if (left?.metadata.labels?.[MANAGED_BY] !== MANAGER) return undefined;
  const { uid } = left.metadata;
  const [{ refusal }] = yield [{ type: 'delete', resource: ENDPOINTS, namespace, name, uid }];
  if (refusal && refusal.code !== NOT_FOUND) throw new RefusedError(refusal);
  return undefined;
}

function labelsOf({ metadata, spec }: Service): Labels {
  const isHeadless = !spec?.clusterIP || spec.clusterIP === 'None';
  const { [HEADLESS_LABEL]: _, ...own } = metadata.labels ?? {};
  return { ...own, [MANAGED_BY]: MANAGER, ...(isHeadless && { [HEADLESS_LABEL]: '' }) };
}
