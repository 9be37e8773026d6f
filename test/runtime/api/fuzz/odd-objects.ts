/** Objects that are nearly right: made from a kind's types with odd values in them, or valid ones with something changed. */
import type { Random } from '../../../../core/index.ts';
import type { FieldType, Schemas } from '../../../../runtime/api/schema/schemas.ts';
import { ODD_KEYS, oddNumber, oddText, oddValue, once, pick, setOwn } from './odd-values.ts';

const MAX_DEPTH = 9;

/** A value of the type, with fields left out at random; right by type but for one field in 60. */
export function typedValue(random: Random, schemas: Schemas, type: FieldType, depth = 0): unknown {
  if (once(random, 60)) return oddValue(random);
  switch (type.type) {
    case 'object': {
      const made: Record<string, unknown> = {};
      const fields = depth < MAX_DEPTH ? [...(schemas.definition(type.name)?.fields ?? [])] : [];
      // Few fields of a large type, else objects would grow without end.
      const share = Math.max(2, fields.length / 4);
      for (const [key, field] of fields) {
        if (!field.required && !once(random, Math.ceil(share))) continue;
        setOwn(made, key, typedValue(random, schemas, field.type, depth + 1));
      }
      if (once(random, 50)) setOwn(made, pick(random, ODD_KEYS), oddValue(random));
      return made;
    }
    case 'list':
      return Array.from({ length: random.below(3) }, () => typedValue(random, schemas, type.items, depth + 1));
    case 'map': {
      const made = {};
      for (let left = random.below(3); left > 0; left--) {
        const key = once(random, 3)
          ? pick(random, ODD_KEYS)
          : pick(random, ['cpu', 'memory', 'app', 'a', oddText(random)]);
        setOwn(made, key, typedValue(random, schemas, type.values, depth + 1));
      }
      return made;
    }
    case 'boolean':
      return once(random, 2);
    case 'int32':
    case 'int64':
      return pick(random, [0, 1, -1, 2, 5, 80, 443, 30_000, 65_536, 2 ** 31 - 1, -(2 ** 31)]);
    case 'double':
      return oddNumber(random);
    case 'int-or-string':
      return once(random, 2) ? random.below(100) : pick(random, ['25%', '0%', '101%', 'http', '', '-1']);
    case 'quantity':
      return pick(random, ['0', '1', '100m', '1Gi', '-1', '1e3', '0.5', '1E', '9999999999E', 1, '1n', '1e-9']);
    case 'byte':
      return pick(random, ['', 'Yg==', 'LS0tLS1CRUdJTg==', 'AAAA']);
    case 'time':
      return pick(random, ['2026-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']);
    case 'micro-time':
      return pick(random, ['2026-01-01T00:00:00.000000Z', '0001-01-01T00:00:00.000000Z']);
    case 'any':
      return oddValue(random);
    default:
      return oddText(random);
  }
}

/** A copy with one to three places changed: replaced, taken out, doubled, or given a field more. */
export function mutated<T extends object>(random: Random, object: T): T {
  const copy = structuredClone(object);
  for (let left = 1 + random.below(3); left > 0; left--) mutate(random, copy);
  return copy;
}

function mutate(random: Random, root: object): void {
  const places = placesOf(root);
  const { holder, key } = pick(random, places);
  const held = (holder as Record<string, unknown>)[key];
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      return;
    case 1:
      if (Array.isArray(held)) held.push(...structuredClone(held));
      else if (typeof held === 'object' && held !== null) setOwn(held, pick(random, ODD_KEYS), oddValue(random));
      else setOwn(holder, key, [held]);
      return;
    case 2:
      // What stands elsewhere in the object, in the wrong place.
      setOwn(holder, key, structuredClone(valueAt(pick(random, places))));
      return;
    default:
      setOwn(holder, key, oddValue(random));
  }
}

interface Place {
  holder: object;
  key: string;
}

function valueAt({ holder, key }: Place): unknown {
  return (holder as Record<string, unknown>)[key];
}

function placesOf(root: object): Place[] {
  const places: Place[] = [];
  const walk = (holder: object): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof value === 'object' && value !== null) walk(value);
    }
  };
  walk(root);
  return places.length > 0 ? places : [{ holder: root, key: 'a' }];
}

/** JSON pointers to all that the object holds. */
export function pointersOf(root: object, at = ''): string[] {
  return Object.entries(root).flatMap(([key, value]) => {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [pointer, ...(typeof value === 'object' && value !== null ? pointersOf(value, pointer) : [])];
  });
}
