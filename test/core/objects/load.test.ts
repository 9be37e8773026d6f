/** Text → objects: what is read, and where each mistake is said to be. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../core/errors.ts';
import { type LoadOptions, loadBytes, loadText } from '../../../core/objects/load.ts';

const lines = (...text: string[]): string => text.join('\n');
const node = (name: string): string => lines('apiVersion: v1', 'kind: Node', `metadata: {name: ${name}}`);

interface Row {
  name: string;
  text: string;
  source?: string;
  options?: LoadOptions;
  /** Names of the objects. */
  names?: string[];
  problems?: string[];
}

const rows: Row[] = [
  { name: 'one document', text: node('a'), names: ['a'] },
  { name: 'several documents', text: lines('---', node('a'), '---', node('b'), '...'), names: ['a', 'b'] },
  {
    name: 'documents that are only comments',
    text: lines('# one', '---', node('a'), '---', '# two', '---'),
    names: ['a'],
  },
  { name: 'CRLF line ends', text: node('a').replaceAll('\n', '\r\n'), names: ['a'] },
  { name: 'a byte order mark', text: `\uFEFF${node('a')}`, names: ['a'] },
  { name: 'JSON', text: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}', names: ['a'] },
  {
    name: 'JSON values one after the other',
    text: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"}}\n{"apiVersion":"v1","kind":"Node","metadata":{"name":"b"}}\n',
    names: ['a', 'b'],
  },
  { name: 'YAML that begins with a brace', text: '{apiVersion: v1, kind: Node, metadata: {name: a}}', names: ['a'] },
  {
    name: 'JSON with a comma too many, read as YAML',
    text: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},}',
    names: ['a'],
  },
  {
    name: 'JSON with a comma too many in a file that says it is JSON',
    source: 'a.json',
    text: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},}',
    problems: ["a.json:1:58: unexpected '}' where a key is due"],
  },
  {
    name: 'a List',
    text: lines('apiVersion: v1', 'kind: List', 'items:', '- {apiVersion: v1, kind: Node, metadata: {name: a}}'),
    names: ['a'],
  },
  {
    name: 'a List in a List',
    text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"a"}}]}]}',
    names: ['a'],
  },
  {
    name: 'a typed list leaves the type out of its items',
    text: '{"apiVersion":"v1","kind":"NodeList","items":[{"metadata":{"name":"a"}}]}',
    names: ['a'],
  },
  { name: 'a List without items', text: '{"apiVersion":"v1","kind":"List","items":null}', names: [] },
  {
    name: 'a List of something else',
    text: '{"apiVersion":"v1","kind":"List","items":{}}',
    problems: ['x:1:34: items: an object is not a list'],
  },
  {
    name: 'merge keys',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata: &m {name: a}', 'spec: {}', 'status: {}', '---', node('b')),
    names: ['a', 'b'],
  },
  {
    name: 'a bare = is a string',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata:', '  name: a', '  annotations: {a: =}'),
    names: ['a'],
  },
  {
    name: 'yes and on are strings',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata:', '  name: a', '  labels: {a: yes, b: on}'),
    names: ['a'],
  },

  // Not text, or nothing.
  { name: 'nothing', text: '', problems: ['x: is empty'] },
  { name: 'only white space', text: ' \n\t\n', problems: ['x: is empty'] },
  { name: 'only comments', text: '# nothing\n', problems: ['x: holds only comments, no object'] },
  {
    name: 'only comments, in a folder',
    text: '# nothing\n',
    options: { tolerateForeign: true },
    problems: ['x: warning: holds only comments, no object'],
  },
  { name: 'a NUL', text: 'a: b\nc\0d', problems: ['x:2:2: is not text in UTF-8'] },
  { name: 'prose', text: 'Dear reader', problems: ["x:1:1: no Kubernetes object: is 'Dear reader'"] },
  {
    name: 'a configuration of something else',
    text: '# c\nport: 80',
    problems: ['x:2:1: no Kubernetes object: has neither apiVersion nor kind'],
  },
  {
    name: 'a configuration of something else, in a folder',
    text: lines('port: 80', '---', node('a')),
    options: { tolerateForeign: true },
    names: ['a'],
    problems: ['x:1:1: warning: no Kubernetes object: has neither apiVersion nor kind'],
  },

  // Mistakes of the format.
  { name: 'a tab', text: lines('metadata:', '\tname: a'), problems: ['x:2:1: a tab cannot indent; use spaces'] },
  {
    name: 'a key that stands twice',
    text: lines('kind: Node', 'kind: Pod'),
    problems: ["x:2:1: duplicate key 'kind'"],
  },
  {
    name: 'a nested key that stands twice',
    text: lines('metadata:', '  name: a', '  name: b'),
    problems: ["x:3:3: duplicate key 'name'"],
  },
  {
    name: 'bad indentation',
    text: lines('metadata:', '  name: a', ' labels: {}'),
    problems: ['x:3:1: All mapping items must start at the same column'],
  },
  { name: 'an open quote', text: 'kind: "Node', problems: ['x:1:12: Missing closing "quote'] },
  { name: 'an alias of nothing', text: 'a: *b', problems: ['x:1:1: an alias refers to no finished node'] },
  {
    name: 'an alias of itself',
    text: 'a: &a {b: *a}',
    problems: ['x:1:1: is nested more than 100 levels deep, its aliases resolved'],
  },
  {
    name: 'a mistake in one document leaves the others',
    text: lines(node('a'), '---', 'kind: x', 'kind: y', '---', node('b')),
    names: ['a', 'b'],
    problems: ["x:6:1: duplicate key 'kind'"],
  },
  {
    name: 'JSON that ends too early',
    source: 'a.json',
    text: '{"a":\n  [1,',
    problems: ['a.json:2:6: ends too early'],
  },
  {
    name: 'a JSON key that stands twice',
    text: '{"kind":"Node",\n "kind":"Pod"}',
    problems: ["x:2:2: duplicate key 'kind'"],
  },
  {
    name: 'one key in two objects is fine',
    text: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"a"},"spec":{},"status":{"nodeInfo":[{"kind":1},{"kind":2}]}}',
    names: ['a'],
  },
  {
    name: 'a bad escape in JSON',
    source: 'a.json',
    text: '{"a":"\\x"}',
    problems: ['a.json:1:8: Bad escaped character'],
  },
  {
    name: 'a word JSON does not know',
    source: 'a.json',
    text: '{"a": True}',
    problems: ["a.json:1:7: unexpected 'T'"],
  },
  { name: 'a number JSON does not know', source: 'a.json', text: '[01]', problems: ["a.json:1:2: unexpected '0'"] },
  {
    name: 'text behind the JSON',
    source: 'a.json',
    text: '[] x',
    problems: ["a.json:1:4: unexpected 'x'", 'a.json:1:1: no Kubernetes object: is a list'],
  },

  // Mistakes of the object: value for scalars, key for what is below it, nearest ancestor for what is missing.
  {
    name: 'the place of a value',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata:', '  name: a', 'status:', '  allocatable:', '    cpu: half'),
    problems: ["x:7:10: node a: status.allocatable.cpu: 'half' is not a quantity"],
  },
  {
    name: 'the place of a value in JSON',
    text: '{"apiVersion":"v1","kind":"Node",\n"metadata":{"name":"a"},\n"status":{"allocatable":\n{"cpu":"half"}}}',
    problems: ["x:4:8: node a: status.allocatable.cpu: 'half' is not a quantity"],
  },
  {
    name: 'the place of what is missing is its parent',
    text: lines('apiVersion: v1', 'kind: Pod', 'metadata:', '  name: a', 'spec:', '  containers:', '  - image: x'),
    problems: ['x:7:5: pod default/a: spec.containers[0].name: is required'],
  },
  {
    name: 'the place of an unknown field',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata:', '  name: a', 'extra: {}'),
    names: ['a'],
    problems: ['x:5:1: warning: node a: extra: unknown field'],
  },
  {
    name: 'an unknown field when strict',
    text: lines('apiVersion: v1', 'kind: Node', 'metadata:', '  name: a', 'extra: {}'),
    options: { strict: true },
    problems: ['x:5:1: node a: extra: unknown field'],
  },
  {
    name: 'the place inside an item of a List',
    text: lines(
      'apiVersion: v1',
      'kind: List',
      'items:',
      '- apiVersion: v1',
      '  kind: Node',
      '  metadata:',
      '    name: A',
    ),
    problems: [
      "x:7:11: node A: metadata.name: 'A' is not a DNS subdomain (a-z, 0-9, '-' and '.', starting and ending with a letter or digit)",
    ],
  },
  {
    name: 'the place in a later document',
    text: lines(node('a'), '---', '# comment', 'apiVersion: v1', 'kind: Foo'),
    names: ['a'],
    problems: ["x:7:7: foo: kind: no kind 'Foo' is known in v1"],
  },
  {
    name: 'the place behind an alias is where the value is written',
    text: lines(
      'apiVersion: v1',
      'kind: Node',
      'metadata: {name: a}',
      'status:',
      '  capacity: &c {cpu: x}',
      '  allocatable: *c',
    ),
    problems: [
      "x:5:22: node a: status.capacity.cpu: 'x' is not a quantity",
      "x:5:22: node a: status.allocatable.cpu: 'x' is not a quantity",
    ],
  },
];
for (const { name, text, source = 'x', options, names = [], problems = [] } of rows) {
  test(`loadText: ${name}`, () => {
    const loaded = loadText(text, source, options);
    assert.equal(loaded.problems.map(formatProblem), problems);
    assert.equal(
      loaded.objects.map(({ metadata }) => metadata.name),
      names,
    );
  });
}

const TOO_DEEP = 'is nested more than 100 levels deep';
const aliases = (levels: number): string =>
  lines('a0: &a0 [x]', ...Array.from({ length: levels }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`));

const bombs: { name: string; text: string; message: string }[] = [
  { name: '10 MB of opening brackets', text: '['.repeat(10 << 20), message: TOO_DEEP },
  { name: '10 MB of brackets that close', text: `a: ${'['.repeat(5 << 20)}${']'.repeat(5 << 20)}`, message: TOO_DEEP },
  { name: '10 MB of nested JSON objects', text: '{"a":'.repeat(2 << 20), message: TOO_DEEP },
  { name: '10 MB of nested YAML lists', text: '- '.repeat(5 << 20), message: TOO_DEEP },
  { name: '10 MB of complex keys', text: '? '.repeat(5 << 20), message: TOO_DEEP },
  {
    name: '12 MB of empty lists in YAML',
    text: `a: [${'[],'.repeat(4 << 20)}]`,
    message: 'is too large for one YAML document',
  },
  { name: 'a billion laughs', text: aliases(9), message: 'an alias stands for more than 10000 nodes' },
];
for (const { name, text, message } of bombs) {
  test(`loadText: ${name} is one clear error, at once`, () => {
    const before = process.cpuUsage();
    const { objects, problems } = loadText(text, 'x');
    assert.is(objects.length, 0);
    assert.is(problems.length, 1);
    assert.ok(problems[0].message.startsWith(message), problems[0].message);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 20e6, 'it took more than 20 s of a processor');
  });
}

test('100 levels are read, 101 are not', () => {
  const nested = (levels: number): string =>
    `{"apiVersion":"example.com/v1","kind":"Deep","metadata":{"name":"a"},"spec":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
  assert.is(loadText(nested(100), 'x').objects.length, 1);
  assert.is(loadText(nested(101), 'x').problems[0].message, TOO_DEEP);
});

test('bytes that are no UTF-8 are refused', () => {
  const refused = (bytes: number[]): string[] => loadBytes(Uint8Array.from(bytes), 'x').problems.map(formatProblem);
  assert.equal(refused([0x61, 0xff, 0xfe]), ['x: is not text in UTF-8']);
  assert.equal(refused([0x61, 0x00]), ['x: is not text in UTF-8']);
  assert.equal(loadBytes(new TextEncoder().encode(node('a')), 'x').objects.length, 1);
});

test('an object knows where its fields stand', () => {
  const loaded = loadText(lines(node('a'), '---', node('b')), 'x');
  assert.equal(loaded.locate(loaded.objects[1], ['metadata', 'name']), { source: 'x', line: 7, column: 18 });
  assert.equal(loaded.locate(loaded.objects[1], ['spec', 'taints']), { source: 'x', line: 5, column: 1 });
});

test.run();
