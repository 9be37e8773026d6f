/** What metadata may hold, of any kind. Source: Kubernetes v1.36, apimachinery/pkg/api/validation/objectmeta.go. */
import { isValidRequirement } from '../../../core/index.ts';
import type { ApiKind, Cause } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';
import { isMap } from '../object.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const ANNOTATIONS_LIMIT = 256 * 1024;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const LABEL_VALUE_LIMIT = 63;
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** The object's problems, metadata's first; what is wrong with a field of metadata is said once. */
export function causesWithMetadata(metadata: readonly Cause[], others: readonly Cause[]): Cause[] {
  const said = ({ field }: Cause): boolean =>
    metadata.some((m) => field === m.field || field.startsWith(`${m.field}.`) || field.startsWith(`${m.field}[`));
  return [...metadata, ...others.filter((cause) => !said(cause))];
}

/** Every problem of the object's metadata. @param old what it replaces: parts taken over from it have been checked. */
export function metadataCauses(kind: ApiKind, { metadata }: ApiObject, old?: ApiObject): Cause[] {
  const before: Partial<ApiObject['metadata']> = old?.metadata ?? {};
  const causes: Cause[] = [];
  const wrong = (field: string, message: string): void =>
    void causes.push({ reason: 'FieldValueInvalid', field: `metadata.${field}`, message });
  if (!metadata.name) {
    causes.push({
      reason: 'FieldValueRequired',
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
    });
  } else if (metadata.name !== before.name) {
    const problem = nameProblem(metadata.name, kind.nameRule);
    if (problem) wrong('name', `Invalid value: ${JSON.stringify(metadata.name)}: ${problem}`);
  }
  const labels = metadata.labels === before.labels ? undefined : metadata.labels;
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!isValidRequirement({ key, operator: 'Exists', values: [] })) wrong('labels', keyProblem(key));
    else if (typeof value !== 'string' || !isValidRequirement({ key, operator: 'In', values: [value] })) {
      wrong(
        'labels',
        `Invalid value: ${JSON.stringify(value)}: ${typeof value === 'string' && value.length > LABEL_VALUE_LIMIT ? `must be no more than ${LABEL_VALUE_LIMIT} bytes` : LABEL_VALUE_RULE}`,
      );
    }
  }
  let size = 0;
  const annotations = metadata.annotations === before.annotations ? undefined : metadata.annotations;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += key.length + String(value).length;
    if (!isValidRequirement({ key: key.toLowerCase(), operator: 'Exists', values: [] }))
      wrong('annotations', keyProblem(key));
  }
  if (size > ANNOTATIONS_LIMIT) {
    causes.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${ANNOTATIONS_LIMIT} bytes`,
    });
  }
  if (metadata.ownerReferences !== before.ownerReferences) ownerCauses(metadata.ownerReferences, causes);
  metadata.finalizers?.forEach((finalizer, i) => {
    if (!isFinalizer(finalizer))
      wrong(
        `finalizers[${i}]`,
        `Invalid value: ${JSON.stringify(finalizer)}: a finalizer is a qualified name, as a label's key is`,
      );
  });
  return causes;
}

function nameProblem(name: string, rule: ApiKind['nameRule'] = 'subdomain'): string | undefined {
  if (rule === 'path-segment') {
    if (name === '.' || name === '..') return `may not be '${name}'`;
    return /[/%]/.test(name) ? "may not contain '/' or '%'" : undefined;
  }
  const limit = rule === 'label' ? 63 : 253;
  if (name.length > limit) return `must be no more than ${limit} characters`;
  if (rule === 'label') return LABEL.test(name) ? undefined : LABEL_RULE;
  return SUBDOMAIN.test(name) ? undefined : SUBDOMAIN_RULE;
}

function keyProblem(key: string): string {
  return `Invalid value: ${JSON.stringify(key)}: ${NAME_PART_RULE}`;
}

function isFinalizer(finalizer: unknown): boolean {
  return typeof finalizer === 'string' && isValidRequirement({ key: finalizer, operator: 'Exists', values: [] });
}

function ownerCauses(owners: unknown, causes: Cause[]): void {
  if (!Array.isArray(owners)) return;
  let controllers = 0;
  owners.forEach((owner: unknown, i) => {
    if (!isMap(owner)) return;
    for (const field of ['apiVersion', 'kind', 'name', 'uid']) {
      if (owner[field]) continue;
      causes.push({
        reason: 'FieldValueInvalid',
        field: `metadata.ownerReferences[${i}].${field}`,
        message: `Invalid value: "": ${field} must not be empty`,
      });
    }
    if (owner.controller === true) controllers++;
  });
  if (controllers > 1) {
    causes.push({
      reason: 'FieldValueInvalid',
      field: 'metadata.ownerReferences',
      message: 'Invalid value: only one reference can have Controller set to true',
    });
  }
}

/** What an update may not change. */
export function metadataUpdateCauses(next: ApiObject, old: ApiObject): Cause[] {
  const causes: Cause[] = [];
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if ((next.metadata[field] ?? '') === (old.metadata[field] ?? '')) continue;
    causes.push({
      reason: 'FieldValueInvalid',
      field: `metadata.${field}`,
      message: `Invalid value: ${JSON.stringify(next.metadata[field] ?? '')}: field is immutable`,
    });
  }
  if (old.metadata.deletionTimestamp) {
    const known = new Set(old.metadata.finalizers);
    const added = (next.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
    if (added.length > 0) {
      causes.push({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
      });
    }
  }
  return causes;
}
