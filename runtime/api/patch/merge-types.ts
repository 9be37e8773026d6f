/**
 * How the values of each built-in type merge. The types come from the schemas; what those do not say stands here.
 * Source: Kubernetes v1.36, the tags (patchStrategy, patchMergeKey) and markers (listType, listMapKey, mapType,
 * structType) of the Go types in k8s.io/api and apimachinery.
 */
import type { Definition, FieldType, Schemas } from '../schema/schemas.ts';
import type { ListKey, ListType, MergeType } from './faces.ts';

/** Of a kind that is not built in: maps merge, lists are atomic. */
export const DEDUCED: MergeType = { kind: 'deduced' };

const SCALAR: MergeType = { kind: 'scalar' };

const known = new WeakMap<Schemas, Map<string, MergeType>>();

/** undefined for a kind that is not built in: server-side apply then takes DEDUCED, strategic merge patch is refused. */
export function mergeTypeOf(schemas: Schemas, apiVersion: string, kind: string): MergeType | undefined {
  const definition = schemas.definitionOf(apiVersion, kind);
  return definition && structOf(schemas, definition);
}

function structOf(schemas: Schemas, definition: Definition): MergeType {
  const types = known.get(schemas) ?? new Map<string, MergeType>();
  known.set(schemas, types);
  const before = types.get(definition.name);
  if (before) return before;
  const fields = new Map<string, MergeType>();
  const type: MergeType = { kind: 'struct', fields, atomic: ATOMIC_STRUCTS.has(definition.goName) };
  types.set(definition.name, type); // Before its fields: a struct may hold itself.
  for (const [name, field] of definition.fields)
    fields.set(name, fieldOf(schemas, definition.goName, name, field.type));
  return type;
}

function fieldOf(schemas: Schemas, struct: string, name: string, type: FieldType): MergeType {
  const merged = typeOf(schemas, type);
  const place = `${struct}.${name}`;
  if (merged.kind === 'list') return { ...merged, ...listRules(struct, name) };
  if (merged.kind === 'map') return ATOMIC_MAPS.has(place) ? { ...merged, atomic: true } : merged;
  if (merged.kind !== 'struct') return merged;
  if (place === 'PodDisruptionBudgetSpec.selector') return { ...merged, replace: true };
  return GRANULAR.has(place) ? { ...merged, atomic: false } : merged;
}

function typeOf(schemas: Schemas, type: FieldType): MergeType {
  switch (type.type) {
    case 'list':
      return { kind: 'list', items: typeOf(schemas, type.items) };
    case 'map':
      return { kind: 'map', values: typeOf(schemas, type.values) };
    case 'object': {
      const definition = schemas.definition(type.name);
      return definition ? structOf(schemas, definition) : DEDUCED;
    }
    case 'any':
      return DEDUCED;
  }
  return SCALAR;
}

// --- lists -----------------------------------------------------------------------------------------------------------

/** The merge key of strategic merge patch, and the keys of server-side apply where they are others. */
export interface ListRule {
  /** '' for scalars, merged as a set. */
  readonly strategic?: string;
  readonly apply?: readonly ListKey[] | 'set' | 'atomic';
  /** kubectl sends $retainKeys for its items. */
  readonly retainKeys?: boolean;
}

const PORT_KEYS: readonly ListKey[] = [{ name: 'containerPort' }, { name: 'protocol', default: 'TCP' }];
const BY_NAME: ListRule = { strategic: 'name' };

const CONTAINER: Record<string, ListRule> = {
  env: BY_NAME,
  ports: { strategic: 'containerPort', apply: PORT_KEYS },
  volumeDevices: { strategic: 'devicePath' },
  volumeMounts: { strategic: 'mountPath' },
};

/** Go struct → field → rule. Lists that are not here are replaced, and owned as a whole. */
export const LIST_RULES: Readonly<Record<string, Readonly<Record<string, ListRule>>>> = {
  CSINodeSpec: { drivers: BY_NAME },
  Container: CONTAINER,
  ContainerStatus: { allocatedResourcesStatus: BY_NAME, volumeMounts: { strategic: 'mountPath' } },
  Endpoint: { addresses: { apply: 'set' } },
  EphemeralContainer: CONTAINER,
  MutatingAdmissionPolicySpec: { matchConditions: BY_NAME },
  MutatingWebhook: { matchConditions: BY_NAME },
  MutatingWebhookConfiguration: { webhooks: BY_NAME },
  NodeSpec: { podCIDRs: { strategic: '', apply: 'set' } },
  NodeStatus: { addresses: { strategic: 'type' } },
  ObjectMeta: { finalizers: { strategic: '', apply: 'set' }, ownerReferences: { strategic: 'uid' } },
  PodFailurePolicyOnExitCodesRequirement: { values: { apply: 'set' } },
  PodSpec: {
    containers: BY_NAME,
    ephemeralContainers: BY_NAME,
    hostAliases: { strategic: 'ip' },
    imagePullSecrets: BY_NAME,
    initContainers: BY_NAME,
    resourceClaims: { strategic: 'name', retainKeys: true },
    schedulingGates: BY_NAME,
    topologySpreadConstraints: {
      strategic: 'topologyKey',
      apply: [{ name: 'topologyKey' }, { name: 'whenUnsatisfiable' }],
    },
    volumes: { strategic: 'name', retainKeys: true },
  },
  PodStatus: {
    hostIPs: { strategic: 'ip', apply: 'atomic' },
    podIPs: { strategic: 'ip' },
    resourceClaimStatuses: { strategic: 'name', retainKeys: true },
  },
  ResourceClaimStatus: {
    devices: { apply: [{ name: 'driver' }, { name: 'device' }, { name: 'pool' }, { name: 'shareID' }] },
    reservedFor: { strategic: 'uid' },
  },
  ResourceRequirements: { claims: { apply: [{ name: 'name' }] } },
  ResourceStatus: { resources: { apply: [{ name: 'resourceID' }] } },
  ServiceAccount: { secrets: BY_NAME },
  ServiceSpec: {
    ports: { strategic: 'port', apply: [{ name: 'port' }, { name: 'protocol', default: 'TCP' }] },
  },
  UncountedTerminatedPods: { failed: { apply: 'set' }, succeeded: { apply: 'set' } },
  ValidatingAdmissionPolicySpec: { matchConditions: BY_NAME, variables: BY_NAME },
  ValidatingWebhook: { matchConditions: BY_NAME },
  ValidatingWebhookConfiguration: { webhooks: BY_NAME },
};

/** Of every status, by type; a Job's are owned as a whole. */
const CONDITIONS: ListRule = { strategic: 'type' };
const JOB_CONDITIONS: ListRule = { strategic: 'type', apply: 'atomic' };

/** undefined: replaced and owned as a whole. */
export function listRuleOf(struct: string, field: string): ListRule | undefined {
  if (field === 'conditions') {
    if (struct === 'JobStatus') return JOB_CONDITIONS;
    return struct.endsWith('Status') || struct === 'AllocatedDeviceStatus' ? CONDITIONS : undefined;
  }
  const rules = LIST_RULES[struct];
  return rules && Object.hasOwn(rules, field) ? rules[field] : undefined;
}

function listRules(struct: string, field: string): Pick<ListType, 'strategic' | 'apply'> {
  const rule = listRuleOf(struct, field);
  if (!rule) return {};
  const strategic = rule.strategic === undefined ? undefined : rule.strategic ? { key: rule.strategic } : {};
  const apply = applyKeysOf(rule);
  if (apply === 'atomic') return { strategic };
  return { strategic, apply: apply === 'set' ? apply : apply.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Server-side apply's keys: strategic merge patch's where nothing else is said. */
export function applyKeysOf({ apply, strategic }: ListRule): 'set' | 'atomic' | readonly ListKey[] {
  return apply ?? (strategic ? [{ name: strategic }] : 'atomic');
}

// --- structs and maps ------------------------------------------------------------------------------------------------

/** Owned as a whole wherever they stand (structType=atomic). */
const ATOMIC_STRUCTS = new Set(
  [
    'ConfigMapKeySelector EndpointAddress LabelSelector LocalObjectReference NodeSelector NodeSelectorTerm',
    'ObjectFieldSelector ObjectReference ResourceFieldSelector RoleRef ScopeSelector SecretKeySelector SecretReference',
    'FileKeySelector Subject TopologySelectorTerm TypedLocalObjectReference FieldsV1',
  ].flatMap((line) => line.split(' ')),
);

export function isAtomicStruct(goName: string): boolean {
  return ATOMIC_STRUCTS.has(goName);
}

/** The exceptions (structType=granular). */
const GRANULAR = new Set(['PersistentVolumeSpec.claimRef']);

/** mapType=atomic. */
export const ATOMIC_MAPS: ReadonlySet<string> = new Set([
  'PodSpec.nodeSelector',
  'ReplicationControllerSpec.selector',
  'Scheduling.nodeSelector',
  'ServiceSpec.selector',
]);
