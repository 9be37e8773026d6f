import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseQuantity } from '../../../../core/objects/quantity.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import { canonicalQuantity } from '../../../../runtime/api/schema/check/quantity-text.ts';
import { decodeBody } from '../../../../runtime/api/schema/decode/body.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';
import type { FieldType } from '../../../../runtime/api/schema/schemas.ts';
import bodies from './kubectl-bodies.json' with { type: 'json' };

const schemas = await loadSchemas();
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const recorded = bodies.map(({ protobuf }) => Buffer.from(protobuf, 'base64'));

function decodesOrRefuses(bytes: Uint8Array, type: string): void {
  try {
    decodeBody(bytes, type, { strict: true });
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 413, 415].includes(error.code)) throw error;
  }
}

test('decodeBody: a body cut off, or with bytes changed, is read or refused', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.constantFrom(...recorded), fc.nat(), fc.array(change, { maxLength: 4 }), (body, cut, changes) => {
      const bytes = Buffer.from(cut % 3 === 0 ? body.subarray(0, cut % body.length) : body);
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      decodesOrRefuses(bytes, PROTOBUF);
    }),
    { numRuns: 5000 },
  );
});

test('decodeBody: any bytes are read or refused, whatever they are called', () => {
  const types = fc.constantFrom('application/json', 'application/yaml', PROTOBUF);
  fc.assert(
    fc.property(fc.uint8Array({ size: 'max', maxLength: 200 }), types, fc.boolean(), (bytes, type, marked) => {
      decodesOrRefuses(marked ? Buffer.concat([Buffer.from('k8s\0'), bytes]) : bytes, type);
    }),
    { numRuns: 3000 },
  );
});

test('decodeBody: JSON text comes out as JSON.parse has it, and twice each key is found twice', () => {
  const key = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, noNullPrototype: true }), (value) => {
      const text = JSON.stringify(JSON.parse(JSON.stringify(value)));
      const read = decodeBody(Buffer.from(text), '', { strict: true });
      // As text: uvu compares an own key 'constructor' as if it were the class.
      assert.equal([JSON.stringify(read.value), read.duplicates], [text, []]);
      const twice = `${text.slice(0, -1)},${text.slice(1)}`;
      assert.is(decodeBody(Buffer.from(twice), '', { strict: true }).duplicates.length, Object.keys(value).length);
    }),
  );
});

// --- the check ---------------------------------------------------------------------------------------------------------

/** Values that are what the type says, or nearly. */
function nearly(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(null, 1, 1.5, 'x', true, [], {}, [null], { a: null });
  const right = rightValue(type, depth);
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: odd });
}

function rightValue(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  if (depth <= 0 && ['list', 'map', 'object'].includes(type.type)) return fc.constant(type.type === 'list' ? [] : {});
  switch (type.type) {
    case 'list':
      return fc.array(nearly(type.items, depth - 1), { maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.constantFrom('a', 'b'), nearly(type.values, depth - 1), { noNullPrototype: true });
    case 'object': {
      const fields = [...(schemas.definition(type.name)?.fields ?? [])];
      const some = fc.shuffledSubarray(fields, { maxLength: Math.min(4, fields.length) });
      return some.chain((chosen) =>
        fc.record(Object.fromEntries([...chosen.map(([name, field]) => [name, nearly(field.type, depth - 1)])]), {
          noNullPrototype: true,
        }),
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'int32':
    case 'int64':
      return fc.integer();
    case 'double':
      return fc.constantFrom(0, 0.5, -1);
    case 'byte':
      return fc.base64String();
    case 'time':
    case 'micro-time':
      return fc.constant('2026-01-01T00:00:00Z');
    case 'int-or-string':
      return fc.constantFrom<unknown>(1, '50%');
    case 'quantity':
      return fc.constantFrom<unknown>('1', '1000m', '1Gi', 1, 0.5);
    default:
      return fc.constantFrom('a', 'b');
  }
}

const kinds: [string, string][] = [
  ['v1', 'Pod'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'Node'],
  ['v1', 'Secret'],
  ['networking.k8s.io/v1', 'Ingress'],
];
const objects = fc.constantFrom(...kinds).chain(([apiVersion, kind]) => {
  const { name } = schemas.definitionOf(apiVersion, kind)!;
  return fc.tuple(fc.constant([apiVersion, kind] as const), rightValue({ type: 'object', name }, 5));
});

test('checkObject: what it lets through is right, and let through again as it stands', () => {
  fc.assert(
    fc.property(objects, ([[apiVersion, kind], value]) => {
      const before = JSON.stringify(value);
      const checked = schemas.checkObject(apiVersion, kind, value);
      assert.is(JSON.stringify(value), before);
      if (checked.mistyped.length > 0) return;
      const again = schemas.checkObject(apiVersion, kind, checked.object);
      assert.is(again.object, checked.object);
      assert.equal([again.unknown, again.mistyped], [[], []]);
    }),
    { numRuns: 1000 },
  );
});

test('checkObject: an unknown field put in anywhere is named, dropped, and changes nothing else', () => {
  fc.assert(
    fc.property(objects, fc.nat(), ([[apiVersion, kind], value], at) => {
      const first = schemas.checkObject(apiVersion, kind, value);
      fc.pre(first.mistyped.length === 0);
      const { value: marked, path } = withUnknown(
        JSON.parse(JSON.stringify(first.object)),
        schemas.definitionOf(apiVersion, kind)!.name,
        at,
      );
      const checked = schemas.checkObject(apiVersion, kind, marked);
      assert.equal(checked.unknown, [path]);
      assert.equal(checked.object, first.object);
    }),
    { numRuns: 500 },
  );
});

/** A field 'odd' in one of the structs, chosen by `at`. */
function withUnknown(value: unknown, definition: string, at: number): { value: unknown; path: string } {
  const structs: [Record<string, unknown>, string][] = [];
  const visit = (held: unknown, type: FieldType, path: string): void => {
    if (type.type === 'list') (held as unknown[]).forEach((item, i) => void visit(item, type.items, `${path}[${i}]`));
    else if (type.type === 'map')
      for (const [key, item] of Object.entries(held as object)) visit(item, type.values, `${path}.${key}`);
    else if (type.type === 'object') {
      structs.push([held as Record<string, unknown>, path]);
      const { fields } = schemas.definition(type.name)!;
      for (const [key, item] of Object.entries(held as object))
        visit(item, fields.get(key)!.type, path === '' ? key : `${path}.${key}`);
    }
  };
  visit(value, { type: 'object', name: definition }, '');
  const [struct, path] = structs[at % structs.length];
  struct.odd = 1;
  return { value, path: path === '' ? 'odd' : `${path}.odd` };
}

test('canonicalQuantity: the same value, in a text that stays', () => {
  const number = fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.constantFrom('', '.5', '.125', '000', '.1'));
  const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E2', 'e-3');
  fc.assert(
    fc.property(number, suffix, ([whole, rest], unit) => {
      const text = `${whole}${rest}${unit}`;
      const canonical = canonicalQuantity(text)!;
      assert.is(parseQuantity(canonical), parseQuantity(text));
      assert.is(canonicalQuantity(canonical), canonical);
    }),
    { numRuns: 1000 },
  );
});

test.run();
