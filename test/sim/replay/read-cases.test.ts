import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../core/index.ts';
import type { DecisionCase } from '../../../sim/replay/case.ts';
import { type ReadCase, readCases } from '../../../sim/replay/read-cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-cases-'));
test.after(() => rmSync(folder, { recursive: true }));

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } };
const good = { id: 'x-1', suite: 'x', objects: [], pod, expect: { result: 'gated' } };
const line = (changes: object): string => JSON.stringify({ ...good, ...changes });

async function read(name: string, content: string | Uint8Array): Promise<ReadCase[]> {
  const file = join(folder, name);
  writeFileSync(file, content);
  const cases: ReadCase[] = [];
  for await (const read of readCases(file)) cases.push(read);
  return cases;
}

const readable = [
  { name: 'lines', file: 'a.jsonl', content: `${line({})}\n${line({ id: 'x-2' })}\n`, ids: ['x-1', 'x-2'] },
  {
    name: 'no newline at the end, blank lines between',
    file: 'b.jsonl',
    content: `\n${line({})}\n\n${line({})}`,
    ids: ['x-1', 'x-1'],
  },
  { name: 'gzip', file: 'c.jsonl.gz', content: gzipSync(`${line({})}\n`), ids: ['x-1'] },
  { name: 'Windows line ends', file: 'd.jsonl', content: `${line({})}\r\n`, ids: ['x-1'] },
  {
    name: 'letters of several bytes',
    file: 'e.jsonl',
    content: line({ id: 'x-\u00fc\u6f22' }),
    ids: ['x-\u00fc\u6f22'],
  },
  { name: 'a configuration of null', file: 'f.jsonl', content: line({ config: null }), ids: ['x-1'] },
  {
    name: 'steps in place of a pod',
    file: 'g.jsonl',
    content: line({
      pod: undefined,
      steps: [
        { op: 'pod', pod },
        { op: 'nodeDelete', name: 'n' },
      ],
    }),
    ids: ['x-1'],
  },
];
for (const { name, file, content, ids } of readable) {
  test(`read cases: ${name}`, async () => {
    assert.equal(
      (await read(file, content)).map(({ case: { id } }) => id),
      ids,
    );
  });
}

test('read cases: the recorded answer stands beside the case, not in it', async () => {
  const [{ case: recorded, expect }] = await read('h.jsonl', `\n${line({})}`);
  assert.not('expect' in recorded);
  assert.equal(expect, { result: 'gated' });
  assert.is(recorded.place, `${join(folder, 'h.jsonl')}:2`);
});

test('read cases: a field that is null is absent', async () => {
  const [{ case: recorded, expect }] = await read(
    'i.jsonl',
    line({ pod: { ...pod, status: null }, expect: { a: null } }),
  );
  assert.not('status' in (recorded as DecisionCase).pod);
  assert.equal(expect, { a: null });
});

const unreadable: { name: string; file: string; content: string | Uint8Array; says: RegExp[] }[] = [
  { name: 'an empty file', file: '1.jsonl', content: '', says: [/1\.jsonl: there is no case in it$/] },
  { name: 'a file of blank lines', file: '2.jsonl', content: '\n\n', says: [/2\.jsonl: there is no case in it$/] },
  { name: 'bad JSON', file: '3.jsonl', content: `${line({})}\n{"id": `, says: [/3\.jsonl:2: not JSON/] },
  {
    name: 'a binary file',
    file: '4.jsonl',
    content: Uint8Array.of(0, 200, 7, 255, 10, 3),
    says: [/4\.jsonl:1: not JSON/],
  },
  { name: 'gzip that is none', file: '5.jsonl.gz', content: line({}), says: [/5\.jsonl\.gz: not gzip data/] },
  {
    name: 'gzip that is cut off',
    file: '6.jsonl.gz',
    content: gzipSync(line({})).subarray(0, -12),
    says: [/6\.jsonl\.gz: the gzip data is cut off/],
  },
  { name: 'a list', file: '7.jsonl', content: '[]', says: [/7\.jsonl:1: a case is a JSON object/] },
  { name: 'brackets without end', file: '8.jsonl', content: '['.repeat(100_000), says: [/8\.jsonl:1: not JSON/] },
  {
    name: 'wrong fields, all at once',
    file: '9.jsonl',
    content: line({ id: 1, config: [], objects: [{ kind: 'Node' }, 3], pod: { ...pod, kind: 'Node' } }),
    says: [
      /9\.jsonl:1: id: /,
      /:1: config: /,
      /:1: objects\[0\]\.metadata\.name: /,
      /:1: objects\[1\]: /,
      /:1: pod\.kind: must be Pod/,
    ],
  },
  {
    name: 'a configuration that is not honoured',
    file: '13.jsonl',
    content: line({ config: { profiles: [{ pluginConfig: [{ name: 'NoSuchPlugin', args: {} }] }] } }),
    says: [/13\.jsonl:1: config\.profiles\[0\]/],
  },
  {
    name: 'a pod of another scheduler',
    file: '14.jsonl',
    content: line({ pod: { ...pod, spec: { containers: [], schedulerName: 'mine' } } }),
    says: [/14\.jsonl:1: pod p: spec\.schedulerName: there is no profile for "mine"/],
  },
  {
    name: 'a case nested without end',
    file: '15.jsonl',
    content: line({}).replace('"spec":{', `"spec":{"x":${'['.repeat(100_000)}null${']'.repeat(100_000)},`),
    says: [/15\.jsonl:1: is nested more than 100 levels deep/],
  },
  {
    name: 'a pod without containers',
    file: '10.jsonl',
    content: line({ pod: { ...pod, spec: {} } }),
    says: [/pod\.spec\.containers: must be a list/],
  },
  { name: 'no pod', file: '11.jsonl', content: line({ pod: undefined }), says: [/:1: pod: must be an object/] },
  {
    name: 'steps that are none',
    file: '12.jsonl',
    content: line({ steps: [{ op: 'reboot' }, { op: 'podDelete', name: 'p' }, 7] }),
    says: [/steps\[0\]\.op: /, /steps\[1\]\.namespace: /, /steps\[2\]\.op: /],
  },
];
for (const { name, file, content, says } of unreadable) {
  test(`read cases: ${name}`, async () => {
    const error = await read(file, content).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.instance(error, ApiError);
    for (const sentence of says) assert.match((error as ApiError).message, sentence);
  });
}

test('read cases: a file that does not exist', async () => {
  await readCases(join(folder, 'none.jsonl'))
    .next()
    .then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /none\.jsonl: no such file$/),
    );
});

test('read cases: a folder', async () => {
  await readCases(folder)
    .next()
    .then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /is a directory/),
    );
});

test.run();
