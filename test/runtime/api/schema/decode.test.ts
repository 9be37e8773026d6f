import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import { apiVersionOf, KindTable } from '../../../../runtime/api/kinds/table.ts';
import { decodeBody, MAX_BODY_BYTES } from '../../../../runtime/api/schema/decode/body.ts';
import bodies from './kubectl-bodies.json' with { type: 'json' };

type Body = Record<string, unknown>;

const JSON_TYPE = 'application/json';
const YAML = 'application/yaml';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const decode = (text: string, type?: string, strict = false) => decodeBody(Buffer.from(text), type, { strict });

test('decodeBody: JSON unless something else is said', () => {
  assert.equal(decode('{"a":[1]}').value, { a: [1] });
  assert.equal(decode('{"a":[1]}', 'Application/JSON; charset=utf-8').value, { a: [1] });
  assert.equal(decode('{"a":null}', 'application/merge-patch+json').value, { a: null });
});

test('decodeBody: YAML, and JSON under its name', () => {
  assert.equal(decode('# c\na:\n- 1\n', YAML).value, { a: [1] });
  assert.equal(decode('{"a": [1]}', 'application/apply-patch+yaml').value, { a: [1] });
  assert.equal(decode('{a: [1]}', YAML).value, { a: [1] });
});

const duplicates = [
  { name: 'at the top', json: '{"a":1,"b":{"a":2},"a":3}', yaml: 'a: 1\nb: {a: 2}\na: 3\n', paths: ['a'], lines: [3] },
  {
    name: 'deeper, in lists, in the order of the text',
    json: '{"spec":{"c":[{"n":1},{"n":1,"m":[{}],"n":2}],"r":1,"r":2}}',
    yaml: 'spec:\n  c:\n  - n: 1\n  - n: 1\n    m: [{}]\n    n: 2\n  r: 1\n  r: 2\n',
    paths: ['spec.c[1].n', 'spec.r'],
    lines: [6, 8],
  },
  {
    name: 'none, though texts look like keys',
    json: '{"a":"\\"a\\":{","b":["a","a"]}',
    yaml: 'a: "a: 1"\n',
    paths: [],
    lines: [],
  },
  { name: 'written in two ways', json: '{"a":1,"\\u0061":2}', yaml: 'a: 1\n"a": 2\n', paths: ['a'], lines: [2] },
];
for (const { name, json, yaml, paths, lines } of duplicates) {
  test(`decodeBody finds keys given twice: ${name}`, () => {
    const one = paths.map(() => 1);
    assert.equal(decode(json, JSON_TYPE, true), { value: JSON.parse(json), duplicates: paths, lines: one });
    assert.equal(decode(json, JSON_TYPE), { value: JSON.parse(json), duplicates: [], lines: [] });
    const { duplicates, lines: found } = decode(yaml, YAML, true);
    assert.equal({ duplicates, found }, { duplicates: paths, found: lines });
  });
}

test('decodeBody: of keys given twice the last one counts, in YAML too', () => {
  assert.equal(decode('a: 1\na: 2\n', YAML).value, { a: 2 });
});

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const refused: { name: string; bytes: Buffer; type?: string; code: number; says: RegExp }[] = [
  { name: 'nothing', bytes: Buffer.alloc(0), code: 400, says: /json parse error/ },
  { name: 'half a text', bytes: Buffer.from('{"a":'), code: 400, says: /json parse error/ },
  { name: 'bytes that are no UTF-8', bytes: Buffer.from([0x22, 0xff, 0x22]), code: 400, says: /UTF-8/ },
  { name: 'too many levels of JSON', bytes: Buffer.from(deep(101)), code: 400, says: /more than 100 levels/ },
  { name: 'very many levels of JSON', bytes: Buffer.from(deep(500_000)), code: 400, says: /more than 100 levels/ },
  { name: 'too many levels of YAML', bytes: Buffer.from(deep(101)), type: YAML, code: 400, says: /100 levels/ },
  { name: 'broken YAML', bytes: Buffer.from('a: [1\nb: 2'), type: YAML, code: 400, says: /yaml: line \d+/ },
  { name: 'two documents', bytes: Buffer.from('a: 1\n---\nb: 1\n'), type: YAML, code: 400, says: /second document/ },
  { name: 'one byte too many', bytes: Buffer.alloc(MAX_BODY_BYTES + 1, 0x20), code: 413, says: /limit is 3145728/ },
  { name: 'another type', bytes: Buffer.from('a'), type: 'text/plain', code: 415, says: /accepted media types/ },
  { name: 'a type of Object', bytes: Buffer.from('a'), type: 'constructor', code: 415, says: /accepted media types/ },
  { name: 'JSON called protobuf', bytes: Buffer.from('{}'), type: PROTOBUF, code: 400, says: /expected prefix/ },
];
for (const { name, bytes, type, code, says } of refused) {
  test(`decodeBody refuses ${name}`, () => {
    try {
      decodeBody(bytes, type);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError);
      assert.is((error as ApiError).code, code);
      assert.match((error as ApiError).message, says);
    }
  });
}

// --- protobuf --------------------------------------------------------------------------------------------------------

/** As the two forms differ without meaning anything: what clients send besides. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, held]) => [key, plain(held)] as const)
    .filter(([, held]) => held !== null && !(typeof held === 'object' && Object.keys(held as object).length === 0));
  return Object.fromEntries(kept);
}

for (const { command, protobuf, json } of bodies) {
  test(`decodeBody: what kubectl 1.33 sends for '${command}' is what 1.31 sends as JSON`, () => {
    // The server drops a status that comes with a new object.
    const { status: _, ...value } = decodeBody(Buffer.from(protobuf, 'base64'), PROTOBUF).value as Body;
    const { status, ...sent } = json as Body;
    assert.equal(plain(value), plain(sent));
  });
}

/**
 * Of every kind that has messages an object with something in every field, and one with nothing, as client-go 0.36 writes both
 * as protobuf and as JSON.
 */
const CLIENT_GO = join(import.meta.dirname, 'client-go-bodies.json.gz');
const pairs: { kind: string; filled: string; protobuf: string; json: Body }[] = JSON.parse(
  gunzipSync(readFileSync(CLIENT_GO)).toString(),
);

test('decodeBody: what client-go sends as protobuf of any kind is what it sends as JSON', () => {
  assert.is(pairs.length, 126);
  for (const { kind, filled, protobuf, json } of pairs) {
    const { value } = decodeBody(Buffer.from(protobuf, 'base64'), PROTOBUF);
    assert.equal(withoutEmpty(value), withoutEmpty(json), `${kind}, ${filled}`);
  }
});

/** Texts and objects without anything in them may be left out in either form. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, held]) => [key, withoutEmpty(held)] as const)
    .filter(([, held]) => held !== null && held !== '' && !isEmptyMap(held));
  return Object.fromEntries(kept);
}

function isEmptyMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

test('decodeBody: every kind that can be written has messages', () => {
  const known = new Set(pairs.map(({ kind }) => kind));
  const without = [...new KindTable().rows()]
    .map((kind) => `${apiVersionOf(kind)}/${kind.kind}`)
    .filter((name) => !known.has(name));
  assert.equal(without, ['metrics.k8s.io/v1beta1/NodeMetrics', 'metrics.k8s.io/v1beta1/PodMetrics']);
});

/** field number and wire type, then the payload. */
const bytes = (number: number, payload: Buffer | string): Buffer => {
  const held = Buffer.from(payload as string);
  return Buffer.concat([varint(number * 8 + 2), varint(held.length), held]);
};
const int = (number: number, value: number | bigint): Buffer => Buffer.concat([varint(number * 8), varint(value)]);

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Buffer.from([...out, Number(rest)]);
}

function envelope(apiVersion: string, kind: string, ...raw: Buffer[]): Buffer {
  const type = bytes(1, Buffer.concat([bytes(1, apiVersion), bytes(2, kind)]));
  return Buffer.concat([Buffer.from('k8s\0'), type, bytes(2, Buffer.concat(raw))]);
}

const messages: { name: string; body: Buffer; value: object }[] = [
  {
    name: 'zeros of pointers stay, of plain fields go',
    body: envelope('apps/v1', 'Deployment', bytes(2, Buffer.concat([int(1, 0), int(5, 0), int(7, 0)]))),
    value: { spec: { replicas: 0 } },
  },
  {
    name: 'negative numbers take ten bytes',
    body: envelope('scheduling.k8s.io/v1', 'PriorityClass', int(2, -5)),
    value: { value: -5 },
  },
  {
    name: 'the largest and the smallest int64',
    body: envelope('v1', 'DeleteOptions', int(1, -(2n ** 63n))),
    value: { gracePeriodSeconds: -(2 ** 63) },
  },
  {
    name: 'a time, and the zero time',
    body: envelope('v1', 'Namespace', bytes(1, Buffer.concat([bytes(8, int(1, 1_700_000_000)), bytes(9, '')]))),
    value: { metadata: { creationTimestamp: '2023-11-14T22:13:20Z' } },
  },
  {
    name: 'unknown fields of every wire type are skipped',
    body: envelope(
      'v1',
      'Namespace',
      Buffer.concat([
        int(100, 7),
        bytes(101, 'x'),
        Buffer.from([0xb1, 6, 1, 2, 3, 4, 5, 6, 7, 8]),
        Buffer.from([0xbd, 6, 1, 2, 3, 4]),
      ]),
      bytes(1, bytes(1, 'n')),
    ),
    value: { metadata: { name: 'n' } },
  },
  {
    name: 'a field in a foreign wire type is skipped',
    body: envelope('v1', 'Namespace', bytes(1, Buffer.concat([int(1, 5), bytes(3, 'ns')]))),
    value: { metadata: { namespace: 'ns' } },
  },
  {
    name: 'numbers packed into one field',
    body: envelope('v1', 'Pod', bytes(2, bytes(14, bytes(4, Buffer.concat([varint(1), varint(300)]))))),
    value: { spec: { securityContext: { supplementalGroups: [1, 300] } } },
  },
  {
    name: 'bytes become base64, maps keep every key',
    body: envelope('v1', 'Secret', bytes(2, Buffer.concat([bytes(1, '__proto__'), bytes(2, Buffer.from([0, 255]))]))),
    value: { data: JSON.parse('{"__proto__":"AP8="}') },
  },
  {
    name: 'managed fields are JSON in bytes',
    body: envelope('v1', 'Namespace', bytes(1, bytes(17, bytes(7, bytes(1, '{"f:a":{}}'))))),
    value: { metadata: { managedFields: [{ fieldsV1: { 'f:a': {} } }] } },
  },
  {
    name: 'embedded structs leave no name',
    body: envelope('v1', 'Pod', bytes(2, bytes(1, Buffer.concat([bytes(1, 'v'), bytes(2, bytes(2, ''))])))),
    value: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
  },
];
for (const { name, body, value } of messages) {
  test(`decodeBody, protobuf: ${name}`, () => {
    const { apiVersion: _, kind: __, ...rest } = decodeBody(body, PROTOBUF).value as Record<string, unknown>;
    assert.equal(JSON.stringify(rest), JSON.stringify(value));
  });
}

const broken: { name: string; body: Buffer; code: number }[] = [
  { name: 'a length beyond the end', body: Buffer.from('k8s\0\x0a\x7f'), code: 400 },
  { name: 'a number without end', body: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(12, 0xff)]), code: 400 },
  { name: 'field number 0', body: Buffer.from('k8s\0\x02\0'), code: 400 },
  { name: 'a negative length', body: envelope('v1', 'Pod', Buffer.concat([varint(10), varint(-1)])), code: 400 },
  { name: 'a year that nobody writes', body: envelope('v1', 'Pod', bytes(1, bytes(8, int(1, 2n ** 60n)))), code: 400 },
  { name: 'groups without end', body: envelope('v1', 'Pod', Buffer.alloc(100, 0x0b)), code: 400 },
  {
    name: 'managed fields that are no JSON',
    body: envelope('v1', 'Pod', bytes(1, bytes(17, bytes(7, bytes(1, '{'))))),
    code: 400,
  },
  { name: 'a kind without messages', body: envelope('example.com/v1', 'Widget'), code: 415 },
  { name: 'a message that is no kind', body: envelope('v1', 'Container'), code: 415 },
  { name: 'another encoding', body: Buffer.concat([envelope('v1', 'Pod'), bytes(3, 'gzip')]), code: 415 },
];
for (const { name, body, code } of broken) {
  test(`decodeBody refuses protobuf with ${name}`, () => {
    try {
      decodeBody(body, PROTOBUF);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError, String(error));
      assert.is((error as ApiError).code, code);
    }
  });
}

test.run();
