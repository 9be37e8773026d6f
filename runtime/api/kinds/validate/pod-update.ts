/**
 * What may change in a pod after it was made: images, a deadline drawn nearer, more tolerations, gates taken away.
 * Source: Kubernetes v1.36, pkg/apis/core/validation/validation.go, ValidatePodUpdate.
 */
import { listAt, numberAt, objectAt, type PlainObject } from '../../../../core/objects/index.ts';
import { copyOf } from '../defaults/fill.ts';
import type { Cause } from '../kind.ts';
import { forbidden, invalid } from './causes.ts';
import { same } from './immutable.ts';

const ALLOWED =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function podUpdateCauses(next: PlainObject, old: PlainObject): Cause[] {
  const before = objectAt(old, 'spec') ?? {};
  const after = objectAt(next, 'spec') ?? {};
  const causes: Cause[] = [];
  for (const field of ['containers', 'initContainers']) {
    if (listAt(after, field).length !== listAt(before, field).length) {
      return [forbidden(`spec.${field}`, 'pod updates may not add or remove containers')];
    }
    listAt(after, field).forEach((container, i) => {
      if (!container.image)
        causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: `spec.${field}[${i}].image` });
    });
  }
  deadlineCauses(after, before, causes);
  tolerationCauses(after, before, causes);
  gateCauses(after, before, causes);
  if (!same(frozenPart(after, before), frozenPart(before, before))) causes.push(forbidden('spec', ALLOWED));
  return causes;
}

function deadlineCauses(after: PlainObject, before: PlainObject, causes: Cause[]): void {
  const was = numberAt(before, 'activeDeadlineSeconds');
  const is = numberAt(after, 'activeDeadlineSeconds');
  if (was === undefined || was === is) return;
  if (is === undefined || is > was) {
    causes.push(invalid('spec.activeDeadlineSeconds', is ?? null, 'must be less than or equal to previous value'));
  }
}

function tolerationCauses(after: PlainObject, before: PlainObject, causes: Cause[]): void {
  const kept = listAt(after, 'tolerations');
  const { length } = listAt(before, 'tolerations').filter((was) => !kept.some((is) => sameButSeconds(is, was)));
  if (length > 0)
    causes.push(forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'));
}

function sameButSeconds(a: PlainObject, b: PlainObject): boolean {
  return same({ ...a, tolerationSeconds: 0 }, { ...b, tolerationSeconds: 0 });
}

function gateCauses(after: PlainObject, before: PlainObject, causes: Cause[]): void {
  const had = listAt(before, 'schedulingGates').map(({ name }) => name);
  const added = listAt(after, 'schedulingGates').filter(({ name }) => !had.includes(name));
  if (added.length > 0) {
    causes.push(
      forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${added[0].name}'`),
    );
  }
}

/** The spec with everything that may change put back; a gated pod may still narrow where it runs. */
function frozenPart(spec: PlainObject, before: PlainObject): PlainObject {
  const part = copyOf(spec);
  for (const field of ['containers', 'initContainers'])
    for (const container of listAt(part, field)) container.image = '';
  const gated = listAt(before, 'schedulingGates').length > 0;
  const free = [
    'activeDeadlineSeconds',
    'tolerations',
    'schedulingGates',
    ...(gated ? ['nodeSelector', 'affinity'] : []),
  ];
  if ((numberAt(before, 'terminationGracePeriodSeconds') ?? 0) < 0) free.push('terminationGracePeriodSeconds');
  for (const field of free) part[field] = before[field];
  return part;
}
