/** CustomResourceDefinition: its fields, its rules and defaults. Source: Kubernetes v1.36, apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import type { KubeObject } from '../../../../core/index.ts';
import { type ApiObject, isMap } from '../../object.ts';
import type { Cause } from '../kind.ts';
import { isLabel, LABEL_RULE } from './dns-label.ts';
import { type DefinitionVersion, versionCauses } from './version.ts';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
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
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const name = names?.[field];
    // Kinds are judged by the name that their paths would have.
    if (!name) required(`spec.names.${field}`);
    else if (!isLabel(field === 'kind' || field === 'listKind' ? name.toLowerCase() : name)) {
      wrong(`spec.names.${field}`, name, LABEL_RULE);
    }
  }
  for (const field of ['shortNames', 'categories'] as const) {
    names?.[field]?.forEach((name, i) => {
      if (!isLabel(name)) wrong(`spec.names.${field}[${i}]`, name, LABEL_RULE);
    });
  }
  if (names?.kind && names.kind === names.listKind)
    wrong('spec.names.listKind', names.listKind, 'kind and listKind may not be the same');
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
