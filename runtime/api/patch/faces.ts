/** What a patch needs to know of a type, and what is asked of server-side apply. */
import type { KubeObject } from '../../../core/objects/index.ts';

/** How a value of some type is merged: by strategic merge patch's rules, and by server-side apply's. */
export type MergeType = StructType | MapType | ListType | { readonly kind: 'scalar' } | { readonly kind: 'deduced' };

/** A Go struct. */
export interface StructType {
  readonly kind: 'struct';
  readonly fields: ReadonlyMap<string, MergeType>;
  /** Server-side apply owns it as a whole. */
  readonly atomic?: boolean;
  /** Strategic merge patch replaces it. */
  readonly replace?: boolean;
}

/** Its keys are the user's. */
export interface MapType {
  readonly kind: 'map';
  readonly values: MergeType;
  /** Server-side apply owns it as a whole. */
  readonly atomic?: boolean;
}

export interface ListType {
  readonly kind: 'list';
  readonly items: MergeType;
  /** Strategic merge patch merges it: items are told apart by this field, or by themselves when they are scalars. */
  readonly strategic?: { readonly key?: string };
  /** Server-side apply: `set` of scalars, or a map by keys, sorted by name. Absent: owned as a whole. */
  readonly apply?: 'set' | readonly ListKey[];
}

export interface ListKey {
  readonly name: string;
  /** What an item without the key is taken to hold. */
  readonly default?: string;
}

/** 'f:spec', 'k:{"name":"x"}', 'v:"x"', '.' → what is owned below. */
export interface FieldsV1 {
  readonly [key: string]: FieldsV1;
}

export interface ApplyRequest {
  /** undefined: apply creates. */
  current: KubeObject | undefined;
  /** The body, checked against the schema, without what the subresource does not write. */
  applied: KubeObject;
  manager: string;
  /** Take over fields that others own. */
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
  /** '' for the object itself. */
  subresource: string;
  /** RFC 3339, whole seconds. */
  now: string;
}
