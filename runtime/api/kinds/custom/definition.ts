/** CustomResourceDefinition: its fields, its rules and defaults. Source: Kubernetes v1.36, apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import type { KubeObject } from '../../../../core/index.ts';
import { type ApiObject, isMap } from '../../object.ts';
import type { Cause } from '../kind.ts';
import type { JsonSchema } from './schema.ts';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

export interface Definition extends KubeObject {
  spec: {
    group: string;
    scope: 'Namespaced' | 'Cluster';
    names: DefinitionNames;
    versions: DefinitionVersion[];
    conversion?: object;
    preserveUnknownFields?: boolean;
  };
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[];
    acceptedNames?: DefinitionNames;
    storedVersions?: string[];
  };
}

/** Its content has to be taken away first. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export function defaultDefinition(object: KubeObject): KubeObject {
  const definition = object as Definition;
  const { spec } = definition;
  if (!isMap(spec) || !isMap(spec.names)) return object;
  const { names } = spec;
  const kind = String(names.kind ?? '');
  const filled = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names };
  const conversion = spec.conversion ?? { strategy: 'None' };
  return { ...definition, spec: { ...spec, names: filled, conversion } } as ApiObject;
}

const PLURAL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/** Types have been checked before. */
export function definitionCauses(object: KubeObject): Cause[] {
  const { metadata, spec } = object as Definition;
  const causes: Cause[] = [];
  const wrong = (field: string, value: unknown, why: string): void =>
    void causes.push({
      reason: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    });
  const required = (field: string, why = ''): void =>
    void causes.push({ reason: 'FieldValueRequired', field, message: `Required value${why && `: ${why}`}` });
  if (!spec) {
    required('spec');
    return causes;
  }
  const { group, names, scope, versions = [], preserveUnknownFields } = spec;
  if (!group) required('spec.group');
  else if (!group.includes('.')) wrong('spec.group', group, 'should be a domain with at least one dot');
  if (!names?.plural) required('spec.names.plural');
  else if (!PLURAL.test(names.plural)) wrong('spec.names.plural', names.plural, 'must be a lower case DNS label');
  if (!names?.kind) required('spec.names.kind');
  if (metadata.name !== `${names?.plural}.${group}`) {
    wrong('metadata.name', metadata.name, `must be spec.names.plural+"."+spec.group`);
  }
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    const message = `Unsupported value: ${JSON.stringify(scope)}: supported values: "Cluster", "Namespaced"`;
    causes.push({ reason: 'FieldValueNotSupported', field: 'spec.scope', message });
  }
  if (preserveUnknownFields === true) {
    wrong('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema');
  }
  causes.push(...versionCauses(versions));
  return causes;
}

function versionCauses(versions: readonly DefinitionVersion[]): Cause[] {
  const causes: Cause[] = [];
  const add = (reason: Cause['reason'], field: string, message: string): void =>
    void causes.push({ reason, field, message });
  if (versions.length === 0)
    add('FieldValueRequired', 'spec.versions', 'Required value: must have at least one version');
  const stored = versions.filter(({ storage }) => storage).length;
  if (versions.length > 0 && stored !== 1) {
    add('FieldValueInvalid', 'spec.versions', 'Invalid value: must have exactly one version marked as storage version');
  }
  const seen = new Set<string>();
  versions.forEach(({ name, schema }, i) => {
    const at = `spec.versions[${i}]`;
    if (!PLURAL.test(name ?? ''))
      add('FieldValueInvalid', `${at}.name`, `Invalid value: ${JSON.stringify(name)}: must be a DNS label`);
    if (seen.has(name)) add('FieldValueInvalid', `${at}.name`, 'Invalid value: must contain unique version names');
    seen.add(name);
    const root = schema?.openAPIV3Schema;
    if (!root) add('FieldValueRequired', `${at}.schema.openAPIV3Schema`, 'Required value: schemas are required');
    else causes.push(...structuralCauses(root, `${at}.schema.openAPIV3Schema`, true));
  });
  return causes;
}

/** A schema says the type of everything it names. */
function structuralCauses(schema: JsonSchema, path: string, isRoot = false): Cause[] {
  const causes: Cause[] = [];
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-int-or-string'];
  if (isRoot && schema.type !== 'object') {
    const message = `Invalid value: ${JSON.stringify(schema.type ?? '')}: must be object at the root`;
    causes.push({ reason: 'FieldValueInvalid', field: `${path}.type`, message });
  } else if (!schema.type && !open) {
    causes.push({
      reason: 'FieldValueRequired',
      field: `${path}.type`,
      message: 'Required value: must not be empty for specified object fields',
    });
  }
  if (schema.type === 'array' && !schema.items) {
    causes.push({ reason: 'FieldValueRequired', field: `${path}.items`, message: 'Required value: must be specified' });
  }
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    // What metadata holds is not the schema's to say: it may be left as it is.
    causes.push(...structuralCauses(child, `${path}.properties[${name}]`));
  }
  if (schema.items) causes.push(...structuralCauses(schema.items, `${path}.items`));
  if (isMap(schema.additionalProperties)) {
    causes.push(...structuralCauses(schema.additionalProperties as JsonSchema, `${path}.additionalProperties`));
  }
  return causes;
}

/** Group, scope and the names that others go by stay; the kind's objects are kept under them. */
export function definitionUpdateCauses(next: KubeObject, old: KubeObject): Cause[] {
  const [after, before] = [(next as Definition).spec, (old as Definition).spec];
  const established = (old as Definition).status?.conditions?.some(
    (c) => c.type === 'Established' && c.status === 'True',
  );
  const fields: [string, unknown, unknown][] = [
    ['spec.group', after?.group, before.group],
    ['spec.names.plural', after?.names?.plural, before.names.plural],
  ];
  if (established) {
    fields.push(['spec.scope', after?.scope, before.scope], ['spec.names.kind', after?.names?.kind, before.names.kind]);
  }
  return fields
    .filter(([, now, then]) => now !== then)
    .map(([field, now]) => ({
      reason: 'FieldValueInvalid',
      field,
      message: `Invalid value: ${JSON.stringify(now)}: field is immutable`,
    }));
}

/** A new definition keeps its content until it is taken away. */
export function newDefinition(object: KubeObject): KubeObject {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(CLEANUP_FINALIZER)) return object;
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, CLEANUP_FINALIZER] } };
}
