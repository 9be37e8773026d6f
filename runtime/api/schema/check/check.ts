/**
 * Objects against their types: unknown fields are named and dropped, nulls count as absent, quantities get their stored
 * text, and what Go's decoder would refuse is named in its words.
 * Source: Kubernetes v1.36, sigs.k8s.io/json, and Go's encoding/json.
 */
import type { KubeObject } from '../../../../core/objects/index.ts';
import { goPackageOf } from '../model-table.ts';
import type { Checked, Definition, FieldType } from '../schemas.ts';
import { compile } from './conforms.ts';
import { isScalar, jsonTypeOf, scalarRefusal, settled } from './scalars.ts';

/** Further unknown fields are dropped without a word, as sigs.k8s.io/json does. */
const UNKNOWN_LIMIT = 100;

export function createChecker(
  definitions: ReadonlyMap<string, Definition>,
): (definition: Definition | undefined, value: unknown) => Checked {
  const conformsTo = compile(definitions);
  return (definition, value) => {
    const checked: Checked = { object: value as KubeObject, unknown: [], mistyped: [] };
    if (definition) {
      if (conformsTo(definition.name)(value)) return checked;
      const walk = new Walk(definitions, checked);
      const type: FieldType = { type: 'object', name: definition.name };
      checked.object = (walk.value(type, value, { path: '', fields: '', place: '' }) ?? {}) as KubeObject;
      return checked;
    }
    return checkMetadata(checked, definitions, conformsTo('V1ObjectMeta'));
  };
}

/** All that is known of a kind that is not built in. */
function checkMetadata(
  checked: Checked,
  definitions: ReadonlyMap<string, Definition>,
  conforms: (value: unknown) => boolean,
): Checked {
  const { object } = checked;
  if (jsonTypeOf(object) !== 'object' || object === null) {
    checked.mistyped.push({
      path: '',
      message: `json: cannot unmarshal ${jsonTypeOf(object)} into Go value of type map[string]interface {}`,
    });
    return checked;
  }
  const metadata: unknown = object.metadata;
  if (metadata === undefined || conforms(metadata)) return checked;
  const walk = new Walk(definitions, checked);
  const place: Place = { path: 'metadata', fields: 'metadata', place: 'PartialObjectMetadata.metadata' };
  const kept = walk.value({ type: 'object', name: 'V1ObjectMeta' }, metadata, place);
  checked.object = { ...object, metadata: (kept ?? {}) as KubeObject['metadata'] };
  return checked;
}

interface Place {
  /** 'spec.containers[0]' */
  path: string;
  /** 'spec.containers': Go leaves indexes out. */
  fields: string;
  /** 'PodSpec.spec.containers': with the struct the last field belongs to. */
  place: string;
}

class Walk {
  private readonly definitions: ReadonlyMap<string, Definition>;
  private readonly found: Checked;

  constructor(definitions: ReadonlyMap<string, Definition>, found: Checked) {
    this.definitions = definitions;
    this.found = found;
  }

  /** What is stored for it; undefined where nothing is. The same reference when nothing had to be changed. */
  value(type: FieldType, value: unknown, at: Place): unknown {
    if (value === null || value === undefined) return undefined;
    switch (type.type) {
      case 'object':
        return jsonTypeOf(value) === 'object'
          ? this.struct(this.definitions.get(type.name), value as Record<string, unknown>, at)
          : this.refuse(type, value, at);
      case 'list':
        return Array.isArray(value) ? this.list(type.items, value, at) : this.refuse(type, value, at);
      case 'map':
        return jsonTypeOf(value) === 'object'
          ? this.map(type.values, value as Record<string, unknown>, at)
          : this.refuse(type, value, at);
    }
    if (isScalar(type.type, value)) return value;
    const text = settled(type.type, value);
    if (text !== undefined) return text;
    this.found.mistyped.push({ path: at.path, message: scalarRefusal(type.type, value, at.place) });
    return undefined;
  }

  private refuse(type: FieldType, value: unknown, at: Place): undefined {
    const where = at.place === '' ? 'value' : `struct field ${at.place}`;
    const message = `json: cannot unmarshal ${jsonTypeOf(value)} into Go ${where} of type ${goType(type, this.definitions)}`;
    this.found.mistyped.push({ path: at.path, message });
  }

  private struct(definition: Definition | undefined, value: Record<string, unknown>, at: Place): unknown {
    if (!definition) return value;
    const kept: Record<string, unknown> = {};
    let changed = false;
    for (const [key, held] of Object.entries(value)) {
      const field = definition.fields.get(key);
      const path = at.path === '' ? key : `${at.path}.${key}`;
      if (!field) {
        if (this.found.unknown.length < UNKNOWN_LIMIT) this.found.unknown.push(path);
        changed = true;
        continue;
      }
      const fields = at.fields === '' ? key : `${at.fields}.${key}`;
      const next = this.value(field.type, held, { path, fields, place: `${definition.goName}.${fields}` });
      if (next !== held) changed = true;
      if (next !== undefined) kept[key] = next;
    }
    return changed ? kept : value;
  }

  private list(items: FieldType, value: readonly unknown[], at: Place): unknown {
    let kept: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const held = value[i];
      const next = held === null ? zeroOf(items) : this.value(items, held, { ...at, path: `${at.path}[${i}]` });
      if (next !== held) kept ??= value.slice(0, i);
      kept?.push(next);
    }
    return kept ?? value;
  }

  private map(values: FieldType, value: Record<string, unknown>, at: Place): unknown {
    const kept: Record<string, unknown> = {};
    let changed = false;
    for (const [key, held] of Object.entries(value)) {
      const next = held === null ? zeroOf(values) : this.value(values, held, { ...at, path: `${at.path}.${key}` });
      if (next !== held) changed = true;
      // Not by assignment: '__proto__' is a key like any other.
      if (next !== undefined) Object.defineProperty(kept, key, { value: next, ...OWN });
    }
    return changed ? kept : value;
  }
}

const OWN = { enumerable: true, writable: true, configurable: true };

/** What Go keeps for a null among the items of a list or a map. */
function zeroOf(type: FieldType): unknown {
  switch (type.type) {
    case 'object':
    case 'map':
      return {};
    case 'list':
      return [];
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'int-or-string':
      return 0;
    case 'quantity':
      return '0';
    case 'any':
      return null;
    default:
      return '';
  }
}

/** 'v1.PodSpec', '[]v1.Container', 'map[string]string'. */
function goType(type: FieldType, definitions: ReadonlyMap<string, Definition>): string {
  switch (type.type) {
    case 'object':
      return `${goPackageOf(type.name)}.${definitions.get(type.name)?.goName ?? type.name}`;
    case 'list':
      return `[]${goType(type.items, definitions)}`;
    case 'map':
      return type.values.type === 'quantity' ? 'v1.ResourceList' : `map[string]${goType(type.values, definitions)}`;
    case 'boolean':
      return 'bool';
    case 'byte':
      return '[]uint8';
    case 'quantity':
      return 'resource.Quantity';
    case 'int-or-string':
      return 'intstr.IntOrString';
    case 'double':
      return 'float64';
    case 'time':
      return 'v1.Time';
    case 'micro-time':
      return 'v1.MicroTime';
    case 'any':
      return 'runtime.RawExtension';
    default:
      return type.type;
  }
}
