/**
 * Objects as the rows of a Table, the form in which `kubectl get` asks for them.
 * Source: Kubernetes v1.36, apiserver/pkg/endpoints/handlers/response.go, apimachinery/pkg/apis/meta/v1/types.go (Table).
 */
import { AGE } from '../kinds/columns/cell.ts';
import type { ApiKind, Column } from '../kinds/kind.ts';
import type { ApiObject } from '../object.ts';

export interface TableOptions {
  /** Of meta.k8s.io: 'v1' or 'v1beta1'. */
  version: string;
  /** How much of each object goes with its row: 'Metadata', 'Object' or 'None'. */
  include: string;
  nowMs: number;
  /** False for a watch's further events, which leave the columns out. */
  headed: boolean;
}

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. It cannot be updated, and other objects refer to the object by it.';

/** @param columnsOf the row whose columns are shown; the objects are in its form. @param metadata of the list. */
export function tableOf(
  columnsOf: ApiKind,
  objects: readonly ApiObject[],
  metadata: Record<string, unknown>,
  options: TableOptions,
): Record<string, unknown> {
  const columns = withName(columnsOf.columns ?? [AGE]);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.headed ? definitions(columns) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.nowMs)),
      ...included(object, options),
    })),
  };
}

const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: NAME_DESCRIPTION,
  priority: 0,
  cell: ({ metadata }) => metadata.name,
};

/** The name comes first, unless the kind says itself where (events: last, and seldom). */
function withName(columns: readonly Column[]): readonly Column[] {
  return columns.some(({ format }) => format === 'name') ? columns : [NAME, ...columns];
}

function definitions(columns: readonly Column[]): Record<string, unknown>[] {
  return columns.map(({ name, type, format = '', description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

function included(object: ApiObject, { include, version }: TableOptions): Record<string, unknown> {
  if (include === 'None') return {};
  return { object: include === 'Object' ? object : partial(object, version) };
}

/** The metadata of an object, for clients that want nothing else. */
export function partial({ metadata }: ApiObject, version: string): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}
