/**
 * Definitions → the schemas of an OpenAPI 3 document, with the extensions kubectl patches and explains by.
 * Source: Kubernetes v1.36, kube-openapi/pkg/builder3, and what its own documents hold.
 */
import type { ListKey } from '../../patch/faces.ts';
import { ATOMIC_MAPS, applyKeysOf, isAtomicStruct, type ListRule, listRuleOf } from '../../patch/merge-types.ts';
import type { Definition, FieldSchema, FieldType, Schemas } from '../schemas.ts';

export type Json = Record<string, unknown>;

export interface GroupVersionKind {
  group: string;
  kind: string;
  version: string;
}

const REF = '#/components/schemas/';

/** Types that Kubernetes names though they are scalars. */
const NAMED_SCALARS: Readonly<Record<string, { name: string; schema: Json }>> = {
  time: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
    schema: { type: 'string', format: 'date-time', description: 'A time in RFC 3339.' },
  },
  'micro-time': {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
    schema: { type: 'string', format: 'date-time', description: 'A time in RFC 3339, to the microsecond.' },
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    schema: {
      oneOf: [{ type: 'string' }, { type: 'number' }],
      description: 'A number with a unit: 500m, 1.5Gi, 2e3.',
    },
  },
  'int-or-string': {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: {
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
      description: 'A whole number, or a text such as a name or a percentage.',
    },
  },
};

const SCALARS: Readonly<Record<string, Json>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  byte: { type: 'string', format: 'byte' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

/** Collects the schemas that a document refers to, each with all it refers to itself. */
export class Components {
  readonly schemas: Record<string, Json> = {};
  private readonly types: Schemas;

  constructor(types: Schemas) {
    this.types = types;
  }

  /** @param kinds which kinds the definition stands for in this document. */
  refTo(definition: Definition, kinds: readonly GroupVersionKind[] = []): Json {
    const name = `${definition.package}.${definition.goName}`;
    if (!this.schemas[name]) {
      this.schemas[name] = {}; // Before its fields: a definition may hold itself.
      this.schemas[name] = this.struct(definition);
    }
    if (kinds.length > 0) this.schemas[name]['x-kubernetes-group-version-kind'] = kinds;
    return { $ref: REF + name };
  }

  /** A schema that is not read from the types. */
  add(name: string, schema: Json): Json {
    this.schemas[name] ??= schema;
    return { $ref: REF + name };
  }

  private struct(definition: Definition): Json {
    const properties: Record<string, Json> = {};
    const required: string[] = [];
    for (const [name, field] of definition.fields) {
      properties[name] = this.property(definition.goName, name, field);
      if (field.required) required.push(name);
    }
    return {
      description: definition.description,
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      ...(isAtomicStruct(definition.goName) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  private property(struct: string, name: string, { type, description }: FieldSchema): Json {
    const schema: Json = { ...(description === '' ? {} : { description }), ...this.schemaOf(type) };
    const place = `${struct}.${name}`;
    if (type.type === 'list') Object.assign(schema, listExtensions(listRuleOf(struct, name)));
    if (ATOMIC_MAPS.has(place)) schema['x-kubernetes-map-type'] = 'atomic';
    if (PATCH_STRATEGIES[place]) schema['x-kubernetes-patch-strategy'] = PATCH_STRATEGIES[place];
    return schema;
  }

  private schemaOf(type: FieldType): Json {
    switch (type.type) {
      case 'list':
        return { type: 'array', items: this.schemaOf(type.items) };
      case 'map':
        return { type: 'object', additionalProperties: this.schemaOf(type.values) };
      case 'object': {
        const definition = this.types.definition(type.name);
        return definition ? { default: {}, allOf: [this.refTo(definition)] } : { type: 'object' };
      }
    }
    const named = NAMED_SCALARS[type.type];
    return named ? { allOf: [this.add(named.name, named.schema)] } : { ...SCALARS[type.type] };
  }
}

/** Of fields that are no lists. */
const PATCH_STRATEGIES: Readonly<Record<string, string>> = {
  'DeploymentSpec.strategy': 'retainKeys',
  'PodDisruptionBudgetSpec.selector': 'replace',
};

function listExtensions(rule: ListRule | undefined): Json {
  if (!rule) return { 'x-kubernetes-list-type': 'atomic' };
  const extensions: Json = listType(applyKeysOf(rule));
  if (rule.strategic !== undefined) {
    extensions['x-kubernetes-patch-strategy'] = rule.retainKeys ? 'merge,retainKeys' : 'merge';
    if (rule.strategic !== '') extensions['x-kubernetes-patch-merge-key'] = rule.strategic;
  }
  return extensions;
}

function listType(keys: 'set' | 'atomic' | readonly ListKey[]): Json {
  if (typeof keys === 'string') return { 'x-kubernetes-list-type': keys };
  return { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys.map(({ name }) => name) };
}
