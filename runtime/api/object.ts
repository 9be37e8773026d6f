/** An object as the API server handles it: any kind, its fields open. Source: Kubernetes v1.36, apimachinery/pkg/apis/meta/v1/types.go. */
import type { KubeObject, ObjectMeta } from '../../core/index.ts';

/** Who owns which fields; written by runtime/api/patch. */
export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}

export interface ApiObjectMeta extends ObjectMeta {
  managedFields?: ManagedFieldsEntry[];
}

/** A KubeObject whose further fields may be read; nothing below metadata is known by type. */
export interface ApiObject extends KubeObject {
  metadata: ApiObjectMeta;
  [field: string]: unknown;
}

/** What may be a map of an object: neither null nor an array. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A value nobody has checked, for a message: a string as it is, all else as JSON. Neither String() nor a template may see
 * such a value: they call its toString, which a body can bring as a field of its own.
 */
export function shownText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** The value at a dotted path ('spec.nodeName'); undefined where a step is missing. Inherited names are never found. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const step of path.split('.')) {
    if (!isMap(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
