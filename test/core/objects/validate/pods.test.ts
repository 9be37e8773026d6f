/** What is wrong with a pod, rule by rule: the base pod is good, and each row spoils it in one way. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../../core/errors.ts';
import { validate } from '../../../../core/objects/validate/validate.ts';

interface Row {
  name: string;
  spec?: Record<string, unknown>;
  container?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  status?: Record<string, unknown>;
  /** 'path: message', in order; none means that the pod is good. */
  problems?: string[];
}

function problemsOf({ spec, container, metadata, status }: Row): string[] {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...metadata },
    spec: { containers: [{ name: 'main', image: 'web', ...container }], ...spec },
    ...(status && { status }),
  };
  return validate(pod).problems.map((problem) => formatProblem({ ...problem, object: undefined }));
}

const C = 'spec.containers[0]';
const asks = (requests: unknown, limits?: unknown) => ({ resources: { requests, limits } });
const containers = (...list: Record<string, unknown>[]) => ({
  containers: list.map((one) => ({ image: 'web', ...one })),
});
const nodeTerm = (...matchExpressions: unknown[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  },
});
const TERM = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]';
const podTerm = (term: Record<string, unknown>) => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
});
const POD_TERM = 'spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]';
const spread = (...list: Record<string, unknown>[]) => ({
  topologySpreadConstraints: list.map((one) => ({
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    ...one,
  })),
});
const SPREAD = 'spec.topologySpreadConstraints[0]';

const rows: Row[] = [
  { name: 'a good pod' },

  // metadata
  { name: 'no name', metadata: { name: undefined }, problems: ['metadata.name: is required'] },
  { name: 'a generated name will do', metadata: { name: undefined, generateName: 'web-' } },
  {
    name: 'a capital letter in the name',
    metadata: { name: 'Web' },
    problems: [
      "metadata.name: 'Web' is not a DNS subdomain (a-z, 0-9, '-' and '.', starting and ending with a letter or digit)",
    ],
  },
  { name: 'a name of 253 characters', metadata: { name: 'a'.repeat(253) } },
  {
    name: 'a name of 254 characters',
    metadata: { name: 'a'.repeat(254) },
    problems: [`metadata.name: '${'a'.repeat(80)}…' has 254 characters; a name has at most 253`],
  },
  {
    name: 'a number as a name',
    metadata: { name: 5 },
    problems: ['metadata.name: 5 is not a string; write it in quotes'],
  },
  {
    name: 'a boolean label',
    metadata: { labels: { gpu: true } },
    problems: ['metadata.labels.gpu: true is not a string; write it in quotes'],
  },
  {
    name: 'a label value too long',
    metadata: { labels: { app: 'a'.repeat(64) } },
    problems: [
      `metadata.labels.app: '${'a'.repeat(64)}' is not a label value (at most 63 of A-Z, a-z, 0-9, '-', '_', '.')`,
    ],
  },
  {
    name: 'a label key with a space',
    metadata: { labels: { 'my app': 'x' } },
    problems: ["metadata.labels[my app]: 'my app' is not a qualified name ([prefix/]name, name at most 63 characters)"],
  },
  {
    name: 'a label that is null',
    metadata: { labels: { app: null } },
    problems: ['metadata.labels.app: must not be null'],
  },
  { name: 'capitals before the slash of an annotation', metadata: { annotations: { 'Example.com/x': 'y' } } },
  {
    name: 'annotations of more than 256 KiB',
    metadata: { annotations: { a: 'x'.repeat(262_144) } },
    problems: ['metadata.annotations: 262145 characters of annotations; at most 262144 are allowed'],
  },
  {
    name: 'two controllers',
    metadata: {
      ownerReferences: ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'X', name, uid: name, controller: true })),
    },
    problems: ['metadata.ownerReferences: only one owner can be the controller'],
  },
  {
    name: 'a namespace that is none',
    metadata: { namespace: 'a.b' },
    problems: [
      "metadata.namespace: 'a.b' is not a DNS label (a-z, 0-9 and '-', starting and ending with a letter or digit)",
    ],
  },
  { name: 'a time', metadata: { creationTimestamp: '2026-04-01T00:00:00Z' } },
  { name: 'no time yet', metadata: { creationTimestamp: null } },
  {
    name: 'not a time',
    metadata: { deletionTimestamp: 'soon' },
    problems: ["metadata.deletionTimestamp: 'soon' is not an RFC 3339 time"],
  },

  // containers
  { name: 'no containers', spec: { containers: [] }, problems: ['spec.containers: must not be empty'] },
  { name: 'containers are null', spec: { containers: null }, problems: ['spec.containers: is required'] },
  {
    name: 'containers are an object',
    spec: { containers: {} },
    problems: ['spec.containers: an object is not a list'],
  },
  { name: 'a container that is null', spec: { containers: [null] }, problems: [`${C}: must not be null`] },
  { name: 'no image', container: { image: undefined }, problems: [`${C}.image: is required`] },
  {
    name: 'two containers of one name',
    spec: containers({ name: 'a' }, { name: 'a' }),
    problems: ["spec.containers[1].name: duplicate 'a'"],
  },
  {
    name: 'an init container of a container its name',
    spec: { initContainers: [{ name: 'main', image: 'x' }] },
    problems: [`${C}.name: duplicate 'main'`],
  },
  { name: 'an unknown field', container: { imagge: 'x' }, problems: [`warning: ${C}.imagge: unknown field`] },
  {
    name: 'an unknown field of a probe',
    container: { livenessProbe: { initialDelaySecond: 5 } },
    problems: [`warning: ${C}.livenessProbe.initialDelaySecond: unknown field`],
  },
  {
    name: 'a probe of an init container that ends',
    spec: { initContainers: [{ name: 'i', image: 'x', readinessProbe: {} }] },
    problems: ['spec.initContainers[0].readinessProbe: only an init container that restarts always may have it'],
  },
  {
    name: 'a probe of a sidecar',
    spec: { initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', readinessProbe: {} }] },
  },

  // ports
  { name: 'the highest port', container: { ports: [{ containerPort: 65_535 }] } },
  {
    name: 'a port too high',
    container: { ports: [{ containerPort: 65_536 }] },
    problems: [`${C}.ports[0].containerPort: 65536 is more than 65535`],
  },
  {
    name: 'port zero',
    container: { ports: [{ containerPort: 0 }] },
    problems: [`${C}.ports[0].containerPort: 0 is less than 1`],
  },
  {
    name: 'a port in words',
    container: { ports: [{ containerPort: '80' }] },
    problems: [`${C}.ports[0].containerPort: '80' is not a whole number`],
  },
  {
    name: 'half a port',
    container: { ports: [{ containerPort: 80.5 }] },
    problems: [`${C}.ports[0].containerPort: 80.5 is not a whole number`],
  },
  { name: 'a host port of zero is none', container: { ports: [{ containerPort: 80, hostPort: 0 }] } },
  {
    name: 'an unknown protocol',
    container: { ports: [{ containerPort: 80, protocol: 'tcp' }] },
    problems: [`${C}.ports[0].protocol: 'tcp' is not one of TCP, UDP, SCTP`],
  },
  {
    name: 'a port name too long',
    container: { ports: [{ containerPort: 80, name: 'a'.repeat(16) }] },
    problems: [
      `${C}.ports[0].name: 'aaaaaaaaaaaaaaaa' is not a port name (at most 15 of a-z, 0-9 and '-', with a letter)`,
    ],
  },
  {
    name: 'one host port twice',
    container: {
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80 },
      ],
    },
    problems: [`${C}.ports[1].hostPort: duplicate 80`],
  },
  {
    name: 'one host port on two protocols',
    container: {
      ports: [
        { containerPort: 1, hostPort: 80 },
        { containerPort: 2, hostPort: 80, protocol: 'UDP' },
      ],
    },
  },
  {
    name: 'on the host network the host port is the port',
    spec: { hostNetwork: true },
    container: { ports: [{ containerPort: 1, hostPort: 80 }] },
    problems: [`${C}.ports[0].hostPort: must equal containerPort on the host network`],
  },

  // resources
  {
    name: 'half a core',
    container: asks({ cpu: 'half a core' }),
    problems: [`${C}.resources.requests.cpu: 'half a core' is not a quantity`],
  },
  {
    name: 'a negative request',
    container: asks({ cpu: '-1' }),
    problems: [`${C}.resources.requests.cpu: '-1' is negative`],
  },
  {
    name: 'memory beyond 64 bits',
    container: asks({ memory: '16Ei' }),
    problems: [`${C}.resources.requests.memory: '16Ei' overflows: a quantity has at most 2^63-1 units`],
  },
  {
    name: 'cpu beyond 64 bits of millicores',
    container: asks({ cpu: '10P' }),
    problems: [`${C}.resources.requests.cpu: '10P' overflows: a quantity has at most 2^63-1 thousandths`],
  },
  {
    name: 'an exponent beyond all',
    container: asks({ cpu: '1e99999' }),
    problems: [`${C}.resources.requests.cpu: '1e99999' is not a quantity`],
  },
  {
    name: 'a bare number that is not exact',
    container: asks({ memory: 2 ** 53 }),
    problems: [
      `${C}.resources.requests.memory: 9007199254740992 is too large for a bare number to be exact; write it in quotes`,
    ],
  },
  {
    name: 'a boolean request',
    container: asks({ cpu: true }),
    problems: [`${C}.resources.requests.cpu: true is not a quantity`],
  },
  { name: 'a list of requests', container: asks(['1']), problems: [`${C}.resources.requests: a list is not a map`] },
  { name: 'a request of exactly the limit', container: asks({ cpu: '1' }, { cpu: '1000m' }) },
  {
    name: 'a request above the limit',
    container: asks({ cpu: '1001m' }, { cpu: '1' }),
    problems: [`${C}.resources.requests.cpu: '1001m' is more than the limit '1'`],
  },
  { name: 'an extended resource by its limit', container: asks(undefined, { 'example.com/gpu': 1 }) },
  {
    name: 'an extended resource without its limit',
    container: asks({ 'example.com/gpu': 1 }),
    problems: [
      `${C}.resources.requests[example.com/gpu]: example.com/gpu cannot be overcommitted; the limit must be given and equal to the request`,
    ],
  },
  {
    name: 'half an extended resource',
    container: asks(undefined, { 'example.com/gpu': '500m' }),
    problems: [`${C}.resources.limits[example.com/gpu]: '500m' is not a whole number, as an extended resource must be`],
  },
  {
    name: 'a resource without a domain',
    container: asks({ gpu: 1 }),
    problems: [
      `${C}.resources.requests.gpu: 'gpu' is not a resource containers have; others carry a domain (example.com/gpu)`,
    ],
  },
  { name: 'huge pages', container: asks({ 'hugepages-2Mi': '4Mi', cpu: 1 }, { 'hugepages-2Mi': '4Mi' }) },

  // tolerations
  { name: 'a toleration of everything', spec: { tolerations: [{ operator: 'Exists' }] } },
  {
    name: 'a toleration without a key',
    spec: { tolerations: [{ value: 'x' }] },
    problems: ["spec.tolerations[0].operator: a toleration without a key needs operator 'Exists'"],
  },
  {
    name: 'Exists with a value',
    spec: { tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }] },
    problems: ["spec.tolerations[0].value: must be empty when the operator is 'Exists'"],
  },
  {
    name: 'an unknown operator',
    spec: { tolerations: [{ key: 'a', operator: 'Gt', value: '1' }] },
    problems: ["spec.tolerations[0].operator: 'Gt' is not one of Equal, Exists"],
  },
  {
    name: 'an unknown effect',
    spec: { tolerations: [{ key: 'a', effect: 'Never' }] },
    problems: ["spec.tolerations[0].effect: 'Never' is not one of NoSchedule, PreferNoSchedule, NoExecute"],
  },
  {
    name: 'seconds with another effect',
    spec: { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
    problems: ["spec.tolerations[0].tolerationSeconds: only a toleration of effect 'NoExecute' may have it"],
  },

  // node affinity
  { name: 'Gt with a whole number', spec: nodeTerm({ key: 'cores', operator: 'Gt', values: ['7'] }) },
  {
    name: 'Gt with a fraction',
    spec: nodeTerm({ key: 'cores', operator: 'Gt', values: ['3.5'] }),
    problems: [
      `${TERM}.matchExpressions[0].values[0]: '3.5' is not a whole number; operator Gt compares whole numbers`,
    ],
  },
  {
    name: 'Gt with two values',
    spec: nodeTerm({ key: 'cores', operator: 'Gt', values: ['1', '2'] }),
    problems: [`${TERM}.matchExpressions[0].values: operator Gt needs exactly one value`],
  },
  {
    name: 'In without values',
    spec: nodeTerm({ key: 'zone', operator: 'In' }),
    problems: [`${TERM}.matchExpressions[0].values: operator In needs at least one value`],
  },
  {
    name: 'Exists with values',
    spec: nodeTerm({ key: 'zone', operator: 'Exists', values: ['a'] }),
    problems: [`${TERM}.matchExpressions[0].values: operator Exists takes no values`],
  },
  {
    name: 'no operator',
    spec: nodeTerm({ key: 'zone' }),
    problems: [`${TERM}.matchExpressions[0].operator: is required`],
  },
  {
    name: 'an unknown operator of nodes',
    spec: nodeTerm({ key: 'zone', operator: 'in', values: ['a'] }),
    problems: [`${TERM}.matchExpressions[0].operator: 'in' is not one of In, NotIn, Exists, DoesNotExist, Gt, Lt`],
  },
  {
    name: 'no terms',
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
    problems: [
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: must not be empty',
    ],
  },
  {
    name: 'a field that is not the name',
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['a'] }] }],
          },
        },
      },
    },
    problems: [`${TERM}.matchFields[0].key: 'metadata.uid' is not a field; only metadata.name is`],
  },
  {
    name: 'weights beyond 1 to 100',
    spec: {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [0, 1, 100, 101].map((weight) => ({
            weight,
            preference: {},
          })),
        },
      },
    },
    problems: [
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: 0 is less than 1',
      'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[3].weight: 101 is more than 100',
    ],
  },

  // pod affinity
  { name: 'no topology key', spec: podTerm({ labelSelector: {} }), problems: [`${POD_TERM}.topologyKey: is required`] },
  {
    name: 'Gt among labels',
    spec: podTerm({
      topologyKey: 'zone',
      labelSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] },
    }),
    problems: [
      `${POD_TERM}.labelSelector.matchExpressions[0].operator: 'Gt' is not one of In, NotIn, Exists, DoesNotExist`,
    ],
  },
  {
    name: 'label keys without a selector',
    spec: podTerm({ topologyKey: 'zone', matchLabelKeys: ['a'] }),
    problems: [`${POD_TERM}.matchLabelKeys: needs a labelSelector`],
  },
  {
    name: 'a key both ways',
    spec: podTerm({ topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['a'] }),
    problems: [`${POD_TERM}.matchLabelKeys[0]: 'a' is in mismatchLabelKeys too`],
  },

  // topology spread
  { name: 'a skew of one', spec: spread({ maxSkew: 1 }) },
  { name: 'a skew of zero', spec: spread({ maxSkew: 0 }), problems: [`${SPREAD}.maxSkew: 0 is less than 1`] },
  { name: 'no skew', spec: spread({ maxSkew: undefined }), problems: [`${SPREAD}.maxSkew: is required`] },
  {
    name: 'an unknown way out',
    spec: spread({ whenUnsatisfiable: 'Maybe' }),
    problems: [`${SPREAD}.whenUnsatisfiable: 'Maybe' is not one of DoNotSchedule, ScheduleAnyway`],
  },
  {
    name: 'domains of a soft constraint',
    spec: spread({ whenUnsatisfiable: 'ScheduleAnyway', minDomains: 2 }),
    problems: [`${SPREAD}.minDomains: only a constraint with whenUnsatisfiable 'DoNotSchedule' may have it`],
  },
  { name: 'no domains at all', spec: spread({ minDomains: 0 }), problems: [`${SPREAD}.minDomains: 0 is less than 1`] },
  {
    name: 'one constraint twice',
    spec: spread({}, { maxSkew: 2 }),
    problems: ["spec.topologySpreadConstraints[1]: duplicate 'zone, DoNotSchedule'"],
  },
  {
    name: 'two constraints of which none says what when',
    spec: spread({ whenUnsatisfiable: undefined }, { whenUnsatisfiable: undefined }),
    problems: [
      `${SPREAD}.whenUnsatisfiable: is required`,
      'spec.topologySpreadConstraints[1].whenUnsatisfiable: is required',
    ],
  },
  {
    name: 'an unknown policy',
    spec: spread({ nodeTaintsPolicy: 'Maybe' }),
    problems: [`${SPREAD}.nodeTaintsPolicy: 'Maybe' is not one of Honor, Ignore`],
  },

  // the rest of the spec
  {
    name: 'a priority beyond 32 bits',
    spec: { priority: 2 ** 31 },
    problems: ['spec.priority: 2147483648 is more than 2147483647'],
  },
  {
    name: 'an unknown preemption policy',
    spec: { preemptionPolicy: 'Sometimes' },
    problems: ["spec.preemptionPolicy: 'Sometimes' is not one of PreemptLowerPriority, Never"],
  },
  {
    name: 'one gate twice',
    spec: { schedulingGates: [{ name: 'a' }, { name: 'a' }] },
    problems: ["spec.schedulingGates[1].name: duplicate 'a'"],
  },
  {
    name: 'sysctls of which one has a bad name, one comes twice and one has no value',
    spec: {
      securityContext: {
        sysctls: [
          { name: 'foo-', value: '1' },
          { name: 'net/ipv4.tcp_syncookies', value: '1' },
          { name: 'net/ipv4.tcp_syncookies', value: '0' },
          { name: 'kernel.shm_rmid_forced' },
        ],
      },
    },
    problems: [
      "spec.securityContext.sysctls[0].name: 'foo-' is not a sysctl (parts of a-z, 0-9, '-' and '_', by '.' or '/', each from letter or digit to letter or digit)",
      'spec.securityContext.sysctls[3].value: is required',
      "spec.securityContext.sysctls[2].name: duplicate 'net/ipv4.tcp_syncookies'",
    ],
  },
  {
    name: 'a node selector in numbers',
    spec: { nodeSelector: { disk: 1 } },
    problems: ['spec.nodeSelector.disk: 1 is not a string; write it in quotes'],
  },
  {
    name: 'two sources of one volume',
    spec: { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
    problems: ['spec.volumes[0]: has more than one source: hostPath, emptyDir'],
  },
  {
    name: 'one volume twice',
    spec: {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'v', emptyDir: {} },
      ],
    },
    problems: ["spec.volumes[1].name: duplicate 'v'"],
  },
  {
    name: 'an unknown source',
    spec: { volumes: [{ name: 'v', emptyDirr: {} }] },
    problems: ['warning: spec.volumes[0].emptyDirr: unknown field'],
  },
  {
    name: 'a claim without a name',
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: {} }] },
    problems: ['spec.volumes[0].persistentVolumeClaim.claimName: is required'],
  },
  {
    name: 'two ways to a device',
    spec: { resourceClaims: [{ name: 'a', resourceClaimName: 'x', resourceClaimTemplateName: 'y' }] },
    problems: ['spec.resourceClaims[0]: needs either resourceClaimName or resourceClaimTemplateName'],
  },
  {
    name: 'an unknown phase',
    status: { phase: 'Done' },
    problems: ["status.phase: 'Done' is not one of Pending, Running, Succeeded, Failed, Unknown"],
  },
  {
    name: 'everything at once, in the order of the fields',
    container: { name: 'Main', ...asks({ cpu: 'x', memory: '-1' }) },
    spec: { priority: 0.5 },
    problems: [
      `${C}.name: 'Main' is not a DNS label (a-z, 0-9 and '-', starting and ending with a letter or digit)`,
      `${C}.resources.requests.cpu: 'x' is not a quantity`,
      `${C}.resources.requests.memory: '-1' is negative`,
      'spec.priority: 0.5 is not a whole number',
    ],
  },
];

for (const row of rows) {
  test(`Pod: ${row.name}`, () => assert.equal(problemsOf(row), row.problems ?? []));
}

test.run();
