/**
 * What an update may not change, by kind. Source: Kubernetes v1.36, the Validate*Update functions of pkg/apis.
 */
import { isPlainObject, objectAt, type PlainObject } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { forbidden, invalid } from './causes.ts';

export type UpdateRule = (next: PlainObject, old: PlainObject) => Cause[];

/** Equal as JSON, whatever the order of fields; absent, null and empty are the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b || (isEmpty(a) && isEmpty(b))) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  return Object.keys({ ...a, ...b }).every((field) => same(a[field], b[field]));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlainObject(value) && Object.values(value).every(isEmpty);
}

export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const field of path.split('.')) value = isPlainObject(value) ? value[field] : undefined;
  return value;
}

/** Each of these dotted paths keeps its value. */
const fixed =
  (...paths: string[]): UpdateRule =>
  (next, old) =>
    paths
      .filter((path) => !same(valueAt(next, path), valueAt(old, path)))
      .map((path) => invalid(path, valueAt(next, path), 'field is immutable'));

/** As fixed, once there is a value. */
const fixedOnceSet =
  (...paths: string[]): UpdateRule =>
  (next, old) =>
    fixed(...paths.filter((path) => !isEmpty(valueAt(old, path))))(next, old);

const MUTABLE_SET_FIELDS = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

const statefulSet: UpdateRule = (next, old) => {
  const without = (set: PlainObject): PlainObject =>
    Object.fromEntries(
      Object.entries(objectAt(set, 'spec') ?? {}).filter(([field]) => !MUTABLE_SET_FIELDS.includes(field)),
    );
  if (same(without(next), without(old))) return [];
  const named = MUTABLE_SET_FIELDS.map((field) => `'${field}'`);
  const list = `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
  return [forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
};

/** A ConfigMap or Secret that was declared immutable stays so, with its data. */
const frozen: UpdateRule = (next, old) => {
  if (old.immutable !== true) return [];
  const causes: Cause[] = [];
  if (next.immutable !== true) causes.push(forbidden('immutable', 'field is immutable when `immutable` is set'));
  for (const field of ['data', 'binaryData']) {
    if (!same(next[field], old[field])) causes.push(forbidden(field, 'field is immutable when `immutable` is set'));
  }
  return causes;
};

const job: UpdateRule = (next, old) => {
  const paths = [
    'spec.completionMode',
    'spec.selector',
    'spec.podFailurePolicy',
    'spec.backoffLimitPerIndex',
    'spec.managedBy',
    'spec.successPolicy',
  ];
  const elastic =
    valueAt(old, 'spec.completionMode') === 'Indexed' &&
    valueAt(next, 'spec.completions') === valueAt(next, 'spec.parallelism');
  if (!elastic) paths.push('spec.completions');
  // A job that has not started yet may still be told where its pods run.
  const waiting = valueAt(old, 'spec.suspend') === true && isEmpty(valueAt(old, 'status.startTime'));
  const templates = waiting ? [withoutPlacement(next), withoutPlacement(old)] : [next, old];
  return [...fixed(...paths)(next, old), ...fixed('spec.template')(templates[0], templates[1])];
};

const PLACEMENT = ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates'];

function withoutPlacement(owner: PlainObject): PlainObject {
  const template = valueAt(owner, 'spec.template');
  if (!isPlainObject(template)) return owner;
  const { metadata: _, ...rest } = template;
  const spec = Object.fromEntries(
    Object.entries(objectAt(rest, 'spec') ?? {}).filter(([field]) => !PLACEMENT.includes(field)),
  );
  return { spec: { template: { ...rest, spec } } };
}

const claim: UpdateRule = (next, old) => {
  const mutable = ['resources', 'volumeAttributesClassName', 'volumeName', 'storageClassName'];
  const without = (object: PlainObject): PlainObject =>
    Object.fromEntries(Object.entries(objectAt(object, 'spec') ?? {}).filter(([field]) => !mutable.includes(field)));
  const causes = fixedOnceSet('spec.volumeName', 'spec.storageClassName')(next, old);
  if (!same(without(next), without(old)) || causes.length > 0) {
    return [
      forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ];
  }
  if (
    !same(valueAt(next, 'spec.resources'), valueAt(old, 'spec.resources')) &&
    valueAt(old, 'status.phase') !== 'Bound'
  ) {
    return [
      forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    ];
  }
  return [];
};

const VOLUME_FIELDS = [
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
];

const volume: UpdateRule = (next, old) => {
  const source = (object: PlainObject): PlainObject =>
    Object.fromEntries(
      Object.entries(objectAt(object, 'spec') ?? {}).filter(([field]) => !VOLUME_FIELDS.includes(field)),
    );
  const causes = fixed('spec.volumeMode')(next, old);
  if (!same(source(next), source(old))) {
    causes.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  }
  return causes;
};

const service: UpdateRule = (next, old) => {
  const external = valueAt(next, 'spec.type') === 'ExternalName' || valueAt(old, 'spec.type') === 'ExternalName';
  const before = valueAt(old, 'spec.clusterIP');
  if (external || isEmpty(before) || same(before, valueAt(next, 'spec.clusterIP'))) return [];
  return [invalid('spec.clusterIPs[0]', valueAt(next, 'spec.clusterIP'), 'may not change once set')];
};

const priorityClass: UpdateRule = (next, old) => {
  const causes = same(next.value, old.value) ? [] : [forbidden('value', 'may not be changed in an update.')];
  return [...causes, ...fixed('preemptionPolicy')(next, old)];
};

const binding: UpdateRule = (next, old) =>
  same(next.roleRef, old.roleRef) ? [] : [invalid('roleRef', next.roleRef, 'cannot change roleRef')];

/** 'group/Kind' → the rule of its updates; pods have theirs in pod-update.ts. */
export const UPDATE_RULES: ReadonlyMap<string, UpdateRule> = new Map([
  ['/ConfigMap', frozen],
  ['/Secret', (next, old) => [...fixed('type')(next, old), ...frozen(next, old)]],
  ['/Service', service],
  ['/PersistentVolume', volume],
  ['/PersistentVolumeClaim', claim],
  ['/Node', fixedOnceSet('spec.providerID', 'spec.podCIDR', 'spec.podCIDRs')],
  ['/ResourceQuota', fixed('spec.scopes', 'spec.scopeSelector')],
  ['apps/Deployment', fixed('spec.selector')],
  ['apps/ReplicaSet', fixed('spec.selector')],
  ['apps/DaemonSet', fixed('spec.selector')],
  ['apps/StatefulSet', statefulSet],
  ['apps/ControllerRevision', fixed('data')],
  ['batch/Job', job],
  ['discovery.k8s.io/EndpointSlice', fixed('addressType')],
  ['networking.k8s.io/IngressClass', fixed('spec.controller')],
  ['node.k8s.io/RuntimeClass', fixed('handler')],
  ['rbac.authorization.k8s.io/RoleBinding', binding],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', binding],
  ['scheduling.k8s.io/PriorityClass', priorityClass],
  ['storage.k8s.io/StorageClass', fixed('parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode')],
]);
