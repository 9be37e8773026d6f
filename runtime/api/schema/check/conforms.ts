/**
 * The fast half of the check: is a value exactly what its type says, so that it is stored as it stands? One closure a
 * definition, no paths, no words; check.ts walks again what fails here.
 */
import type { Definition, FieldType } from '../schemas.ts';
import { isScalar } from './scalars.ts';

export type Conforms = (value: unknown) => boolean;

/** Compiles on first use, as definitions refer to each other. */
export function compile(definitions: ReadonlyMap<string, Definition>): (name: string) => Conforms {
  const compiled = new Map<string, Conforms>();
  const conformsOf = (name: string): Conforms => {
    const before = compiled.get(name);
    if (before) return before;
    const fields: Record<string, Conforms | undefined> = Object.create(null);
    const conforms = conformsToStruct(fields);
    compiled.set(name, conforms); // Before its fields: a definition may hold itself.
    for (const [field, { type }] of definitions.get(name)?.fields ?? []) fields[field] = ofType(type);
    return conforms;
  };
  const ofType = (type: FieldType): Conforms => {
    switch (type.type) {
      case 'object':
        return conformsOf(type.name);
      case 'list':
        return conformsToList(ofType(type.items));
      case 'map':
        return conformsToMap(ofType(type.values));
      case 'string':
        return isString;
      case 'any':
        return isPresent;
      default: {
        const scalar = type.type;
        return (value) => isScalar(scalar, value);
      }
    }
  };
  return conformsOf;
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function conformsToStruct(fields: Record<string, Conforms | undefined>): Conforms {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const object = value as Record<string, unknown>;
    for (const key in object) {
      const field = fields[key];
      if (field === undefined || !field(object[key])) return false;
    }
    return true;
  };
}

function conformsToList(item: Conforms): Conforms {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let i = 0; i < value.length; i++) if (!item(value[i])) return false;
    return true;
  };
}

function conformsToMap(item: Conforms): Conforms {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const object = value as Record<string, unknown>;
    for (const key in object) if (!item(object[key])) return false;
    return true;
  };
}
