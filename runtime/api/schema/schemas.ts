/** The types of all built-in kinds as data, and the face through which the API asks about them. */
import type { KubeObject } from '../../../core/objects/index.ts';

/**
 * What a field holds. `time` and `micro-time` are RFC 3339 texts, `byte` is base64, `any` is any JSON at all
 * (RawExtension, FieldsV1, JSONSchemaProps' values).
 */
export type FieldType =
  | { readonly type: ScalarType }
  | { readonly type: 'list'; readonly items: FieldType }
  | { readonly type: 'map'; readonly values: FieldType }
  | { readonly type: 'object'; readonly name: string };

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  | 'byte'
  | 'time'
  | 'micro-time'
  | 'int-or-string'
  | 'quantity'
  | 'any';

export interface FieldSchema {
  readonly type: FieldType;
  readonly required: boolean;
  readonly description: string;
}

/** One Go struct. */
export interface Definition {
  /** As client-node calls it, unique over all definitions: 'V1PodSpec', 'CoreV1Event'. */
  readonly name: string;
  /** Go's name of the struct: 'PodSpec'. */
  readonly goName: string;
  /** OpenAPI's prefix: 'io.k8s.api.core.v1'. */
  readonly package: string;
  readonly description: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
}

export interface Checked {
  /** Without unknown fields and without nulls; the argument itself when there was nothing to drop. */
  object: KubeObject;
  /** 'spec.containers[0].bar', in the order found. */
  unknown: string[];
  /** In the words of Go's decoder: 'json: cannot unmarshal string into Go struct field …'. */
  mistyped: { path: string; message: string }[];
}

export interface Schemas {
  /** Of Kubernetes: '1.36'. */
  readonly release: string;
  definition(name: string): Definition | undefined;
  /** undefined for a kind that is not built in. */
  definitionOf(apiVersion: string, kind: string): Definition | undefined;
  /** Of a kind that is not built in only the metadata is checked. */
  checkObject(apiVersion: string, kind: string, value: unknown): Checked;
}
