/**
 * The row of a kind: everything the generic path has to know of it, as data. Rows of a group stand in one file beside this one.
 */
import type { KubeObject } from '../../../core/index.ts';

export interface Cause {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueNotSupported'
    | 'FieldValueTooLong'
    | 'FieldValueTypeInvalid';
  message: string;
  field: string;
}

export interface Subresource {
  /** 'status', 'scale', 'log', … */
  name: string;
  /** What it takes and answers: Scale of autoscaling/v1, Eviction of policy/v1, or the kind itself. */
  group: string;
  version: string;
  kind: string;
  verbs: readonly string[];
}

/** A column of a Table after NAME. Source: Kubernetes v1.36, pkg/printers/internalversion/printers.go. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description: string;
  /** 0 is always shown, above only with `-o wide`. */
  priority: number;
  /** @param nowMs for ages. null prints as <none>. */
  cell(object: KubeObject, nowMs: number): string | number | boolean | null;
}

/** Where the replicas, their count and their selector stand, for /scale. Dotted paths. */
export interface ScalePaths {
  specReplicas: string;
  statusReplicas: string;
  /** A label selector as an object or, in custom resources, as text. */
  selector?: string;
}

export interface ApiKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  /** As discovery lists them. */
  verbs: readonly string[];
  subresources: readonly Subresource[];
  /**
   * The form the objects are kept in, where it is another one than this row's (autoscaling v1 and v2, events of both
   * groups). The row of that form fills in, checks and prints them.
   */
  storage?: {
    group: string;
    version: string;
    kind: string;
    plural: string;
    toStorage(object: KubeObject): KubeObject;
    fromStorage(object: KubeObject): KubeObject;
  };
  columns?: readonly Column[];
  /** Fills in what an API server fills in. Never changes its argument. */
  defaults?(object: KubeObject): KubeObject;
  /** Semantic problems of the object on its own (422). Types have been checked before by the schema. */
  validate?(object: KubeObject): Cause[];
  /**
   * What only a subresource may add later, and what a group asks of new objects that another keeps; runs beside `validate`
   * on create, on the object as it is kept.
   */
  validateNew?(object: KubeObject): Cause[];
  /** Immutable fields. Runs beside `validate`; never for /status. */
  validateUpdate?(next: KubeObject, old: KubeObject): Cause[];
  /** What the server sets on a new object (phase, generated selectors). Dropping status is generic. */
  prepareForCreate?(object: KubeObject): KubeObject;
  /** What an update keeps of the old object beside its status. */
  prepareForUpdate?(next: KubeObject, old: KubeObject): KubeObject;
  /** Beyond metadata.name and metadata.namespace: 'status.phase', 'spec.nodeName', … */
  selectableFields: readonly string[];
  /** create and update drop status, /status changes nothing else, generation counts changes of the spec. */
  statusSubresource: boolean;
  /** Nodes: who registers one says how it is. */
  createsWithStatus?: boolean;
  scale?: ScalePaths;
  /** There are thousands of them with the same spec (pods): it is kept once. */
  sharesSpecs?: boolean;
  /** Grace seconds of a delete that names none (pods); 0: delete at once. */
  graceful?(object: KubeObject): number;
  /** Names are checked as this: a DNS subdomain unless told ('path-segment': RBAC). */
  nameRule?: 'subdomain' | 'label' | 'path-segment';
  /** The object without fields that its schema does not know, and their paths; for kinds that are not built in. */
  prune?(object: KubeObject): { object: KubeObject; unknown: string[] };
  /** Made from a CustomResourceDefinition: kinds of this sort know no strategic merge. */
  custom?: boolean;
  /** Its schema as OpenAPI, where it is not built in: what `explain` reads. */
  openApi?: object;
}
