/** A version of a CustomResourceDefinition as a row of the table of kinds. */
import type { KubeObject } from '../../../../core/index.ts';
import type { ApiObject } from '../../object.ts';
import { compileJsonPath } from '../../table/json-path.ts';
import { AGE, age } from '../columns/cell.ts';
import type { ApiKind, Column, ScalePaths } from '../kind.ts';
import { row } from '../row.ts';
import type { Definition } from './definition.ts';
import { pruned, withDefaults } from './prune.ts';
import { schemaCauses } from './validate.ts';
import type { DefinitionVersion, PrinterColumn } from './version.ts';

/** One row for every version that is served. */
export function customKinds({ spec }: Definition): ApiKind[] {
  const stored = spec.versions.find(({ storage }) => storage)?.name ?? spec.versions[0].name;
  return spec.versions.filter(({ served }) => served).map((version) => customKind(spec, version, stored));
}

function customKind(
  { group, names, scope, versions }: Definition['spec'],
  version: DefinitionVersion,
  stored: string,
): ApiKind {
  const schema = version.schema?.openAPIV3Schema ?? {};
  const { kind, plural } = names;
  const as =
    (name: string) =>
    (object: KubeObject): KubeObject => ({ ...object, apiVersion: `${group}/${name}` });
  return row({
    group,
    version: version.name,
    kind,
    plural,
    singular: names.singular || kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    status: version.subresources?.status !== undefined,
    scale: scaleOf(version),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    columns: columnsOf(version.additionalPrinterColumns),
    custom: true,
    openApi: schema,
    // With one version there is nothing to turn; what is stored is what is served.
    storage:
      versions.length === 1
        ? undefined
        : { group, version: stored, kind, plural, toStorage: as(stored), fromStorage: as(version.name) },
    prune(object) {
      const unknown: string[] = [];
      return { object: pruned(schema, object, unknown) as KubeObject, unknown };
    },
    defaults: (object) => withDefaults(schema, object) as KubeObject,
    validate: (object) => schemaCauses({ ...schema, properties: withoutMetadata(schema.properties) }, object),
  });
}

/** metadata has rules of its own. */
function withoutMetadata<T>({ metadata: _, ...others }: Record<string, T> = {}): Record<string, T> {
  return others as Record<string, T>;
}

function scaleOf({ subresources }: DefinitionVersion): ScalePaths | undefined {
  if (!subresources?.scale) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = subresources.scale;
  const path = (text: string): string => text.replace(/^\./, '');
  return {
    specReplicas: path(specReplicasPath),
    statusReplicas: path(statusReplicasPath),
    selector: labelSelectorPath && path(labelSelectorPath),
  };
}

function columnsOf(columns: readonly PrinterColumn[] | undefined): Column[] {
  return columns === undefined || columns.length === 0 ? [AGE] : columns.map(columnOf);
}

const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'date']);

function columnOf({ name, type, format = '', description = '', priority = 0, jsonPath }: PrinterColumn): Column {
  const find = compileJsonPath(jsonPath);
  return {
    name,
    type: TYPES.has(type) ? (type as Column['type']) : 'string',
    format,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
    cell(object, nowMs) {
      const found = find?.(object as ApiObject) ?? [];
      if (found.length === 0) return null;
      if (type === 'date') return age(found[0], nowMs);
      if (type !== 'string') return cellOf(found[0]);
      return found.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',');
    },
  };
}

function cellOf(value: unknown): string | number | boolean | null {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' ? value : null;
}
