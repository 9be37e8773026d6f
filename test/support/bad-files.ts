/** Wrong files, one per way of being wrong, as the bytes a user might hand in. Each name says what is wrong. */
import { gzipSync } from 'node:zlib';

const NODE = `apiVersion: v1
kind: Node
metadata:
  name: n1
status:
  allocatable: { cpu: "4", memory: 8Gi, pods: "110" }
`;

const pod = (changes: { name?: string; cpu?: string; nodeName?: string }): string => `${NODE}---
apiVersion: v1
kind: Pod
metadata:
  name: ${changes.name ?? 'web'}
spec:
${changes.nodeName ? `  nodeName: ${changes.nodeName}\n` : ''}  containers:
    - name: main
      image: web
      resources:
        requests: { cpu: ${changes.cpu ?? '"1"'} }
`;

export const GOOD_MANIFEST = pod({});

const binary = Uint8Array.from({ length: 4096 }, (_, i) => (i * 197 + 13) & 255);
const brackets = '['.repeat(10 * 1024 * 1024);
const cutOff = (text: string): Uint8Array => gzipSync(text.repeat(50)).subarray(0, -20);

/** `place` is what the message must name besides the file: a line, or the field. */
export interface BadFile {
  name: string;
  file: string;
  content: string | Uint8Array;
  place?: RegExp;
}

/** Not even text, or not the format. */
const broken = (extension: string, text: string): BadFile[] => [
  { name: 'an empty file', file: `empty.${extension}`, content: '' },
  { name: 'a binary file', file: `binary.${extension}`, content: binary },
  { name: 'a gzip file that is cut off', file: `cut-off.${extension}.gz`, content: cutOff(text) },
  { name: '10 MB of opening brackets', file: `brackets.${extension}`, content: brackets },
];

const WRONG_YAML: BadFile[] = [
  { name: 'tabs for indentation', file: 'tabs.yaml', content: NODE.replace('  name', '\tname'), place: /:4\b/ },
  {
    name: 'a key that stands twice',
    file: 'twice.yaml',
    content: NODE.replace('  name: n1', '  name: n1\n  name: n2'),
    place: /:5\b/,
  },
];

export const BAD_MANIFESTS: BadFile[] = [
  ...broken('yaml', GOOD_MANIFEST),
  ...broken('json', '{"apiVersion":"v1","kind":"List","items":[]}'),
  ...WRONG_YAML,
  {
    name: 'a kind nobody knows',
    file: 'kind.yaml',
    content: GOOD_MANIFEST.replace('kind: Pod', 'kind: Pood'),
    place: /Pood/,
  },
  { name: 'a negative quantity', file: 'negative.yaml', content: pod({ cpu: '"-1"' }), place: /requests.*cpu/ },
  {
    name: 'a quantity too large for 64 bits',
    file: 'overflow.yaml',
    content: pod({ cpu: '"99999999999999999999"' }),
    place: /requests.*cpu/,
  },
  { name: 'a quantity that is none', file: 'half.yaml', content: pod({ cpu: 'half a core' }), place: /half a core/ },
  {
    name: 'a name of 300 characters',
    file: 'name.yaml',
    content: pod({ name: 'a'.repeat(300) }),
    place: /metadata\.name/,
  },
  {
    name: 'a pod that names a missing node',
    file: 'ghost.yaml',
    content: pod({ nodeName: 'ghost' }),
    place: /nodeName.*ghost/,
  },
  { name: 'a list where an object should be', file: 'list.yaml', content: '- a\n- b\n' },
  {
    name: 'a container list that is a word',
    file: 'containers.yaml',
    content: `${GOOD_MANIFEST.split('  containers')[0]}  containers: none\n`,
    place: /containers/,
  },
];

const CONFIG = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: default-scheduler
`;

export const BAD_CONFIGS: BadFile[] = [
  ...broken('yaml', CONFIG),
  { name: 'tabs for indentation', file: 'tabs.yaml', content: CONFIG.replace('  - ', '\t- ') },
  {
    name: 'a key that stands twice',
    file: 'twice.yaml',
    content: `${CONFIG}kind: KubeSchedulerConfiguration\n`,
    place: /kind/,
  },
  {
    name: 'another kind',
    file: 'kind.yaml',
    content: CONFIG.replace('KubeSchedulerConfiguration', 'KubeProxyConfiguration'),
    place: /kind/i,
  },
  {
    name: 'a plugin nobody knows',
    file: 'plugin.yaml',
    content: `${CONFIG}    plugins:\n      score:\n        enabled:\n          - name: NodeResourcesFitt\n`,
    place: /NodeResourcesFitt/,
  },
  {
    name: 'a percentage that is none',
    file: 'percent.yaml',
    content: `${CONFIG}percentageOfNodesToScore: lots\n`,
    place: /percentageOfNodesToScore/,
  },
];

const NODES = 'sn,cpu_milli,memory_mib,gpu,model\nn0,64000,262144,2,P100\n';
const PODS = 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np0,1000,1024,1,500\n';
export const GOOD_NODES = NODES;
export const GOOD_PODS = PODS;

export const BAD_NODES: BadFile[] = [
  ...broken('csv', NODES),
  {
    name: 'a missing column',
    file: 'columns.csv',
    content: 'sn,cpu_milli,gpu,model\nn0,1000,2,T4\n',
    place: /:1: memory_mib: the column is missing/,
  },
  {
    name: 'a negative number',
    file: 'negative.csv',
    content: NODES.replace('64000', '-64000'),
    place: /:2: cpu_milli/,
  },
  {
    name: 'a number too large',
    file: 'overflow.csv',
    content: NODES.replace('64000', '9'.repeat(30)),
    place: /:2: cpu_milli/,
  },
  {
    name: 'a name of 300 characters',
    file: 'name.csv',
    content: NODES.replace('n0', 'n'.repeat(300)),
    place: /:2: sn/,
  },
  { name: 'a row that is too short', file: 'row.csv', content: `${NODES}n1,1\n`, place: /:3\b/ },
  { name: 'a heading and nothing below', file: 'heading.csv', content: NODES.split('\n')[0] },
];

export const BAD_PODS: BadFile[] = [
  ...broken('csv', PODS),
  {
    name: 'a missing column',
    file: 'columns.csv',
    content: PODS.replace(',num_gpu', ''),
    place: /:1: num_gpu: the column is missing/,
  },
  { name: 'a negative number', file: 'negative.csv', content: PODS.replace('1000', '-1'), place: /:2: cpu_milli/ },
  {
    name: 'more than a whole device of one device',
    file: 'overflow.csv',
    content: PODS.replace(',500', ',5000'),
    place: /:2: gpu_milli/,
  },
  {
    name: 'a name of 300 characters',
    file: 'name.csv',
    content: PODS.replace('p0', 'p'.repeat(300)),
    place: /:2: name/,
  },
];

const CASE = {
  id: 'c',
  suite: 's',
  objects: [],
  pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } },
};
const caseWith = (cpu: string): string => {
  const containers = [{ name: 'main', resources: { requests: { cpu } } }];
  return JSON.stringify({ ...CASE, pod: { ...CASE.pod, spec: { containers } } });
};
export const GOOD_CASE = JSON.stringify(CASE);

export const BAD_CASES: BadFile[] = [
  ...broken('jsonl', GOOD_CASE),
  { name: 'a line that is no JSON', file: 'line.jsonl', content: `${GOOD_CASE}\n{"id":\n`, place: /:2\b/ },
  { name: 'a case without objects', file: 'objects.jsonl', content: '{"id":"c","pod":{}}', place: /:1\b.*objects/s },
  { name: 'a quantity that is none', file: 'half.jsonl', content: caseWith('half'), place: /:1\b.*half/s },
  { name: 'a negative quantity', file: 'negative.jsonl', content: caseWith('-1'), place: /:1\b.*-1/s },
  {
    name: 'a quantity too large for 64 bits',
    file: 'overflow.jsonl',
    content: caseWith('99999999999999999999'),
    place: /:1\b.*cpu.*64 bits/s,
  },
  {
    name: 'a name of 300 characters',
    file: 'name.jsonl',
    content: GOOD_CASE.replace('"p"', `"${'p'.repeat(300)}"`),
    place: /:1\b.*name/s,
  },
  {
    name: 'a configuration with a plugin nobody knows',
    file: 'plugin.jsonl',
    content: JSON.stringify({
      ...CASE,
      config: { profiles: [{ plugins: { score: { enabled: [{ name: 'Fitt' }] } } }] },
    }),
    place: /:1\b.*Fitt/s,
  },
];
