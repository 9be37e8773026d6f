/** metadata, conditions and selectors: what all kinds share. Source: Kubernetes v1.36, apimachinery/pkg/apis/meta/v1. */
import { parseInt64 } from '../selectors.ts';
import type { Context } from './context.ts';
import { dnsLabel, labels, labelValue, qualifiedName, time } from './formats.ts';
import {
  isAbsent,
  list,
  listAt,
  mapOf,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  show,
  type TextRule,
  text,
  textAt,
} from './schema.ts';

const ANNOTATIONS_LIMIT = 256 * 1024;

const annotations: Schema = (value, context) => {
  annotationMap(value, context);
  if (typeof value !== 'object' || value === null) return;
  let size = 0;
  for (const [key, note] of Object.entries(value)) size += key.length + (typeof note === 'string' ? note.length : 0);
  if (size > ANNOTATIONS_LIMIT)
    context.error(`${size} characters of annotations; at most ${ANNOTATIONS_LIMIT} are allowed`);
};
// Annotation keys may have capitals where a label's prefix may not.
const annotationMap = mapOf(text(), (key) => qualifiedName(key.toLowerCase()));

const ownerReferences = list(
  shape(
    'apiVersion:text kind:text name:text uid:text controller:bool blockOwnerDeletion:bool',
    {},
    {
      required: ['apiVersion', 'kind', 'name'],
    },
  ),
);

/** metadata of an object whose name keeps to `name`. Templates have no name of their own. */
export function metadata(name: TextRule, { template = false }: { template?: boolean } = {}): Schema {
  return shape(
    'selfLink:text uid:text resourceVersion:text generation:int64 deletionGracePeriodSeconds:int64 managedFields',
    {
      name: text(name),
      // A generated name gets five more characters, and may end in a dash that a name may not end in.
      generateName: text((prefix) => (prefix === '' ? undefined : name(`${prefix}x`))),
      namespace: text((namespace) => (namespace === '' ? undefined : dnsLabel(namespace))),
      creationTimestamp: time,
      deletionTimestamp: time,
      labels,
      annotations,
      ownerReferences,
      finalizers: list(text(qualifiedName)),
    },
    { check: (object, context) => checkMetadata(object, template, context) },
  );
}

function checkMetadata(object: PlainObject, template: boolean, context: Context): void {
  if (!template && isAbsent(object, 'name') && isAbsent(object, 'generateName')) context.error('is required', 'name');
  const controllers = listAt(object, 'ownerReferences').filter(({ controller }) => controller === true);
  if (controllers.length > 1) context.error('only one owner can be the controller', 'ownerReferences');
}

export const conditions: Schema = list(
  shape(
    'type:text status:text reason:text message:text observedGeneration:int64 lastHeartbeatTime lastTransitionTime ' +
      'lastProbeTime lastUpdateTime',
  ),
);

// --- selectors ---------------------------------------------------------------------------------------------------

/** A list of requirements over keys; `operators` says which, `key` what a key may be. */
function requirements(
  operators: readonly string[],
  key: TextRule,
  check: (r: PlainObject, c: Context) => void,
): Schema {
  return list(
    shape(
      '',
      { key: text(key), operator: oneOf(...operators), values: list(text()) },
      { required: ['key', 'operator'], check },
    ),
  );
}

function checkValues(requirement: PlainObject, context: Context): void {
  const operator = textAt(requirement, 'operator');
  const values = Array.isArray(requirement.values) ? requirement.values : [];
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    context.error(`operator ${operator} needs at least one value`, 'values');
  } else if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    context.error(`operator ${operator} takes no values`, 'values');
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) context.error(`operator ${operator} needs exactly one value`, 'values');
    else if (typeof values[0] === 'string' && parseInt64(values[0]) === undefined) {
      context.error(
        `${show(values[0])} is not a whole number; operator ${operator} compares whole numbers`,
        'values',
        0,
      );
    }
  }
  values.forEach((value, i) => {
    const complaint = typeof value === 'string' ? labelValue(value) : undefined;
    if (complaint !== undefined) context.error(complaint, 'values', i);
  });
}

function checkField(requirement: PlainObject, context: Context): void {
  const values = Array.isArray(requirement.values) ? requirement.values : [];
  if (values.length !== 1) context.error('needs exactly one value', 'values');
}

export const labelSelector: Schema = shape('', {
  matchLabels: labels,
  matchExpressions: requirements(['In', 'NotIn', 'Exists', 'DoesNotExist'], qualifiedName, checkValues),
});

export const nodeSelectorTerm: Schema = shape('', {
  matchExpressions: requirements(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'], qualifiedName, checkValues),
  matchFields: requirements(
    ['In', 'NotIn'],
    (key) => (key === 'metadata.name' ? undefined : `${show(key)} is not a field; only metadata.name is`),
    checkField,
  ),
});

export const nodeSelector: Schema = shape(
  '',
  { nodeSelectorTerms: list(nodeSelectorTerm, { min: 1 }) },
  { required: ['nodeSelectorTerms'] },
);

export const topologySelectorTerms: Schema = list(
  shape('', {
    matchLabelExpressions: list(
      shape(
        '',
        { key: text(qualifiedName), values: list(text(labelValue), { min: 1 }) },
        { required: ['key', 'values'] },
      ),
    ),
  }),
);
