/** Where a pod wants to run: affinity, tolerations, topology spread. Source: v1.36, pkg/apis/core/validation. */
import type { Context } from './context.ts';
import { dnsLabel, labelValue, qualifiedName } from './formats.ts';
import { labelSelector, nodeSelector, nodeSelectorTerm } from './metadata.ts';
import {
  anything,
  int,
  isAbsent,
  list,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  show,
  text,
  textAt,
} from './schema.ts';

const weight = int({ min: 1, max: 100 });

export const nodeAffinity: Schema = shape('', {
  requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
  preferredDuringSchedulingIgnoredDuringExecution: list(
    shape('', { weight, preference: nodeSelectorTerm }, { required: ['weight', 'preference'] }),
  ),
});

const podAffinityTerm = shape(
  '',
  {
    labelSelector,
    namespaceSelector: labelSelector,
    namespaces: list(text(dnsLabel)),
    topologyKey: text(qualifiedName),
    matchLabelKeys: list(text(qualifiedName)),
    mismatchLabelKeys: list(text(qualifiedName)),
  },
  { required: ['topologyKey'], check: checkLabelKeys },
);

function checkLabelKeys(term: PlainObject, context: Context): void {
  const match = Array.isArray(term.matchLabelKeys) ? term.matchLabelKeys : [];
  const mismatch = Array.isArray(term.mismatchLabelKeys) ? term.mismatchLabelKeys : [];
  for (const [field, keys] of [
    ['matchLabelKeys', match],
    ['mismatchLabelKeys', mismatch],
  ] as const) {
    if (keys.length > 0 && isAbsent(term, 'labelSelector')) context.error('needs a labelSelector', field);
  }
  match.forEach((key, i) => {
    if (mismatch.includes(key)) context.error(`${show(key)} is in mismatchLabelKeys too`, 'matchLabelKeys', i);
  });
}

const podAffinity = shape('', {
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(
    shape('', { weight, podAffinityTerm }, { required: ['weight', 'podAffinityTerm'] }),
  ),
});

export const affinity: Schema = shape('', { nodeAffinity, podAffinity, podAntiAffinity: podAffinity });

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export const tolerations: Schema = list(
  shape(
    'value:text tolerationSeconds:int64',
    {
      key: text((key) => (key === '' ? undefined : qualifiedName(key))),
      operator: oneOf('Equal', 'Exists', ''),
      effect: oneOf(...TAINT_EFFECTS, ''),
    },
    { check: checkToleration },
  ),
);

function checkToleration(toleration: PlainObject, context: Context): void {
  const operator = textAt(toleration, 'operator') || 'Equal';
  const value = textAt(toleration, 'value') ?? '';
  if (isAbsent(toleration, 'key') && operator === 'Equal') {
    context.error("a toleration without a key needs operator 'Exists'", 'operator');
  }
  if (operator === 'Exists' && value !== '') context.error("must be empty when the operator is 'Exists'", 'value');
  const complaint = operator === 'Equal' ? labelValue(value) : undefined;
  if (complaint !== undefined) context.error(complaint, 'value');
  if (!isAbsent(toleration, 'tolerationSeconds') && toleration.effect !== 'NoExecute') {
    context.error("only a toleration of effect 'NoExecute' may have it", 'tolerationSeconds');
  }
}

const inclusionPolicy = oneOf('Honor', 'Ignore');

export const topologySpreadConstraints: Schema = list(
  shape(
    '',
    {
      maxSkew: int({ min: 1 }),
      topologyKey: text(qualifiedName),
      whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
      labelSelector,
      minDomains: int({ min: 1 }),
      nodeAffinityPolicy: inclusionPolicy,
      nodeTaintsPolicy: inclusionPolicy,
      matchLabelKeys: list(text(qualifiedName)),
    },
    { required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'], check: checkSpread },
  ),
  {
    unique: ({ topologyKey, whenUnsatisfiable }) =>
      typeof topologyKey === 'string' && typeof whenUnsatisfiable === 'string'
        ? `${topologyKey}, ${whenUnsatisfiable}`
        : undefined,
  },
);

function checkSpread(constraint: PlainObject, context: Context): void {
  if (!isAbsent(constraint, 'minDomains') && constraint.whenUnsatisfiable === 'ScheduleAnyway') {
    context.error("only a constraint with whenUnsatisfiable 'DoNotSchedule' may have it", 'minDomains');
  }
  checkLabelKeys(constraint, context);
}

export const taints: Schema = list(
  shape(
    '',
    { key: text(qualifiedName), value: text(labelValue), effect: oneOf(...TAINT_EFFECTS), timeAdded: anything },
    { required: ['key', 'effect'] },
  ),
  {
    unique: ({ key, effect }) =>
      typeof key === 'string' && typeof effect === 'string' ? `${key}:${effect}` : undefined,
  },
);
