import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { ApiError } from '../../../core/errors.ts';
import { PodMaker, parseNodes, parsePods, readOpenb, toNode } from '../../../sim/traces/openb.ts';
import { sharedPath } from '../../support/shared.ts';

const NODES = 'sn,cpu_milli,memory_mib,gpu,model\n';
const PODS = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\n';
const ALL =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n';

/** The lines of the error. */
function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('OpenB nodes: a row becomes a typed node', () => {
  assert.equal(parseNodes(`${NODES}n-0,64000,262144,2,P100\nn-1,8000,100,0,\n`, 'n.csv'), [
    { name: 'n-0', cpuMilli: 64000, memoryMib: 262144, gpus: 2, model: 'P100' },
    { name: 'n-1', cpuMilli: 8000, memoryMib: 100, gpus: 0, model: '' },
  ]);
});

test('OpenB pods: eleven columns give models and times, and a pod that stayed pending has no time of scheduling', () => {
  const text = `${ALL}p-0,12000,16384,1,460,P100|V100M16,LS,Running,5,9,7\np-1,1,2,0,0,,BE,Pending,5,9,\n`;
  assert.equal(parsePods(text, 'p.csv'), [
    {
      name: 'p-0',
      cpuMilli: 12000,
      memoryMib: 16384,
      gpus: 1,
      gpuMilli: 460,
      models: ['P100', 'V100M16'],
      times: { createdS: 5, deletedS: 9, scheduledS: 7 },
    },
    { name: 'p-1', cpuMilli: 1, memoryMib: 2, gpus: 0, gpuMilli: 0, models: [], times: { createdS: 5, deletedS: 9 } },
  ]);
});

test('OpenB pods: the first five columns are enough, in any order, with a byte order mark and CRLF', () => {
  const text = '\ufeffcpu_milli,name,memory_mib,num_gpu,gpu_milli\r\n1,p-0,2,8,1000\r\n';
  assert.equal(parsePods(text, 'p.csv'), [
    { name: 'p-0', cpuMilli: 1, memoryMib: 2, gpus: 8, gpuMilli: 1000, models: [] },
  ]);
});

const wrongPods = [
  {
    name: 'a negative number',
    text: `${PODS}p-0,-1,2,0,0\n`,
    says: ["p.csv:2: cpu_milli: '-1' is negative"],
  },
  {
    name: 'words and emptiness for numbers, both named',
    text: `${PODS}p-0,many,,0,0\n`,
    says: ["p.csv:2: cpu_milli: 'many' is not a whole number", "p.csv:2: memory_mib: '' is not a whole number"],
  },
  { name: 'a fraction', text: `${PODS}p-0,1.5,2,0,0\n`, says: ["p.csv:2: cpu_milli: '1.5' is not a whole number"] },
  {
    name: 'a number beyond every machine',
    text: `${PODS}p-0,1,8589934592,0,0\n`,
    says: ['p.csv:2: memory_mib: 8589934592 is more than 8589934591'],
  },
  {
    name: 'more than a whole device of each device',
    text: `${PODS}p-0,1,2,1,1001\n`,
    says: ['p.csv:2: gpu_milli: 1001 is more than 1000'],
  },
  {
    name: 'milli of no device',
    text: `${PODS}p-0,1,2,0,500\n`,
    says: ['p.csv:2: gpu_milli: 500 asked of no GPU (num_gpu is 0)'],
  },
  {
    name: 'a name twice',
    text: `${PODS}p-0,1,2,0,0\np-0,1,2,0,0\n`,
    says: ["p.csv:3: name: 'p-0' stands in line 2 already"],
  },
  {
    name: 'a name of 300 characters',
    text: `${PODS}${'x'.repeat(300)},1,2,0,0\n`,
    says: [`p.csv:2: name: '${'x'.repeat(40)}...' has 300 characters, 253 are allowed`],
  },
  {
    name: 'a short row',
    text: `${PODS}p-0,1\n`,
    says: ['p.csv:2: 2 values for 5 columns'],
  },
  {
    name: 'missing columns, each named',
    text: 'name,cpu_milli,memory_mib\np-0,1,2\n',
    says: [
      "p.csv:1: num_gpu: the column is missing; the header is 'name,cpu_milli,memory_mib'",
      "p.csv:1: gpu_milli: the column is missing; the header is 'name,cpu_milli,memory_mib'",
    ],
  },
  { name: 'a header alone', text: PODS, says: ['p.csv: there is a header, but no row'] },
  { name: 'blank lines alone', text: '\n\n', says: ['p.csv: the file is empty'] },
];
for (const { name, text, says } of wrongPods) {
  test(`OpenB pods, refused: ${name}`, () => {
    assert.equal(
      problemsOf(() => parsePods(text, 'p.csv')),
      says,
    );
  });
}

test('OpenB pods, refused: a quote that never closes', () => {
  const [problem] = problemsOf(() => parsePods(`${PODS}"p-0,1,2,0,0\n`, 'p.csv'));
  assert.match(problem, /^p\.csv:\d: not a CSV file: /);
});

const folder = mkdtempSync(join(tmpdir(), 'keelson-openb-'));
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const goodNodes = file('nodes.csv', `${NODES}n-0,64000,262144,2,P100\n`);
const goodPods = file('pods.csv', `${PODS}p-0,1000,1024,1,500\n`);

test('OpenB files: gzip is told by the content', () => {
  const packed = file('packed', gzipSync(readFileSync(goodPods)));
  assert.equal(readOpenb(goodNodes, packed), readOpenb(goodNodes, goodPods));
});

const wrongFiles: { name: string; nodes?: string; pods: string; says: RegExp[] }[] = [
  { name: 'a missing file', pods: join(folder, 'none.csv'), says: [/none\.csv: cannot be read: no such file$/] },
  { name: 'a folder', pods: folder, says: [/: cannot be read: it is a folder$/] },
  { name: 'an empty file', pods: file('empty.csv', ''), says: [/empty\.csv: the file is empty$/] },
  {
    name: 'a binary file',
    pods: file('binary.csv', Uint8Array.of(1, 2, 0, 4)),
    says: [/binary\.csv: not a text file \(byte 2 is zero\)$/],
  },
  {
    name: 'bytes that are no UTF-8',
    pods: file('latin.csv', Uint8Array.of(110, 0xe4, 109)),
    says: [/latin\.csv: not a text file \(not UTF-8\)$/],
  },
  {
    name: 'a truncated gzip',
    pods: file('cut.csv.gz', gzipSync(PODS.repeat(50)).subarray(0, 40)),
    says: [/cut\.csv\.gz: the gzip data is truncated or damaged: /],
  },
  {
    name: 'problems of both files at once',
    nodes: file('bad-nodes.csv', `${NODES}N 0,1,2,3,\n`),
    pods: file('bad-pods.csv', `${PODS}p-0,x,2,0,0\n`),
    says: [/bad-nodes\.csv:2: sn: 'N 0' is not a lower-case DNS name$/, /bad-pods\.csv:2: cpu_milli: 'x' is not/],
  },
  {
    name: 'nodes without a GPU',
    nodes: file('cpu-nodes.csv', `${NODES}n-0,1,2,0,\n`),
    pods: goodPods,
    says: [/cpu-nodes\.csv: no node has a GPU$/],
  },
  {
    name: 'pods that ask for no GPU',
    pods: file('cpu-pods.csv', `${PODS}p-0,1,2,0,0\n`),
    says: [/cpu-pods\.csv: no pod asks for a GPU$/],
  },
];
for (const { name, nodes = goodNodes, pods, says } of wrongFiles) {
  test(`OpenB files, refused: ${name}`, () => {
    const problems = problemsOf(() => readOpenb(nodes, pods));
    assert.is(problems.length, says.length, problems.join('\n'));
    for (const [i, pattern] of says.entries()) assert.match(problems[i], pattern);
  });
}

test('OpenB pods as Kubernetes objects: GPU needs are annotations, and a row may arrive under another name', () => {
  const row = { name: 'p-0', cpuMilli: 12500, memoryMib: 57344, gpus: 1, gpuMilli: 460, models: ['T4', 'P100'] };
  const maker = new PodMaker();
  const pod = maker.pod(row, 'p-0-copy-1');
  assert.is(pod.metadata.name, 'p-0-copy-1');
  assert.equal(pod.metadata.annotations, {
    'alibabacloud.com/gpu-count': '1',
    'alibabacloud.com/gpu-milli': '460',
    'alibabacloud.com/gpu-card-model': 'T4|P100',
  });
  assert.equal(pod.spec.containers[0].resources?.requests, { cpu: '12500m', memory: '57344Mi' });
  assert.equal(maker.pod({ ...row, gpus: 0, gpuMilli: 0 }).metadata.annotations, {});
});

const openb = sharedPath('data/traces/openb');
if (openb) {
  test('OpenB nodes as Kubernetes objects: equal to the 1,213 Nodes that the authors made', () => {
    const yaml = gunzipSync(readFileSync(join(openb, 'openb_node_list_gpu_node.yaml.gz'))).toString('utf8');
    const theirs = parseAllDocuments(yaml).map((document) => document.toJS() as unknown);
    const path = join(openb, 'openb_node_list_gpu_node.csv');
    const ours = parseNodes(readFileSync(path, 'utf8'), path).map(toNode);
    assert.is(ours.length, 1213);
    assert.equal(
      ours.map(({ metadata, status }) => ({ metadata, status })),
      (theirs.filter(Boolean) as { metadata: unknown; status: unknown }[]).map(({ metadata, status }) => ({
        metadata,
        status,
      })),
    );
  });
}

test.run();
