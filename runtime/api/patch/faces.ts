/** What a patch needs to know of a type, and what is asked of server-side apply. */
import type { KubeObject } from '../../../core/objects/index.ts';

/** How a value of some type is merged. Two tables meet here: strategic merge patch's, and server-side apply's. */
export type MergeType =
  | { readonly kind: 'atomic' }
  /** A Go struct: only these fields. */
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, MergeField> }
  /** Keys of the user's. */
  | { readonly kind: 'map'; readonly values: MergeType }
  | { readonly kind: 'list'; readonly items: MergeType }
  /** Without a schema: maps merge, lists are atomic. */
  | { readonly kind: 'deduced' };

export interface MergeField {
  readonly type: MergeType;
  /** Of a list: merged by strategic merge patch, items told apart by this field, or by themselves when they are scalars. */
  readonly strategic?: { readonly key?: string };
  /** Of a struct, or of a list's items: strategic merge patch honours $retainKeys as kubectl sends it. */
  readonly retainKeys?: boolean;
  /** For server-side apply. Absent: lists are atomic, structs and maps granular. */
  readonly apply?: 'atomic' | 'set' | { readonly keys: readonly string[] };
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  time?: string;
  fieldsType?: 'FieldsV1';
  fieldsV1?: FieldsV1;
  subresource?: string;
}

/** 'f:spec', 'k:{"name":"x"}', 'v:"x"', '.' → what is owned below. */
export interface FieldsV1 {
  readonly [key: string]: FieldsV1;
}

export interface ApplyRequest {
  /** undefined: apply creates. */
  current: KubeObject | undefined;
  /** The body, checked against the schema. */
  applied: KubeObject;
  manager: string;
  /** Take fields over that others own. */
  force: boolean;
  type: MergeType;
  /** '' for the object itself. */
  subresource: string;
  /** RFC 3339, whole seconds. */
  now: string;
}

export interface UpdateRecord {
  /** undefined: a create. */
  old: KubeObject | undefined;
  /** As it will be stored, with the managedFields the client sent. */
  next: KubeObject;
  manager: string;
  type: MergeType;
  subresource: string;
  now: string;
}
