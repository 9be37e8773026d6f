/**
 * The pods of the workloads: what each kind asks for and says of itself. Kinds and amounts are those that kube-scheduler
 * was measured with (peer.json); its own performance tests use the same.
 */
import type { Labels, PodAffinity, PodSpec, ResourceList } from '../core/index.ts';

export interface PodKind {
  requests: ResourceList;
  labels?: Labels;
  spec?: Partial<PodSpec>;
}

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const PLAIN = { cpu: '100m', memory: '500Mi' };
const NAMESPACES = ['sched-1', 'sched-0'];

export const POD_KINDS = {
  plain: { requests: PLAIN },
  blue: { requests: PLAIN, labels: { color: 'blue' } },
  hardSpread: spread('DoNotSchedule'),
  softSpread: spread('ScheduleAnyway'),
  affinity: { requests: PLAIN, labels: { color: 'blue' }, spec: { affinity: { podAffinity: required('blue', ZONE) } } },
  antiAffinity: {
    requests: PLAIN,
    labels: { color: 'green' },
    spec: { affinity: { podAntiAffinity: required('green', HOSTNAME) } },
  },
  preferredAffinity: {
    requests: PLAIN,
    labels: { color: 'red' },
    spec: { affinity: { podAffinity: preferred('red', { namespaces: NAMESPACES }) } },
  },
  preferredAntiAffinity: {
    requests: PLAIN,
    labels: { color: 'yellow' },
    spec: { affinity: { podAntiAffinity: preferred('yellow', { namespaces: NAMESPACES }) } },
  },
  /** As preferredAffinity, the namespaces found by their label. */
  preferredAffinityBySelector: {
    requests: PLAIN,
    labels: { color: 'red' },
    spec: {
      affinity: { podAffinity: preferred('red', { namespaceSelector: { matchLabels: { team: 'devops' } } }) },
    },
  },
  nodeAffinity: {
    requests: PLAIN,
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['zone1', 'zone2'] }] }],
          },
        },
      },
    },
  },
  low: { requests: { cpu: '900m', memory: '500Mi' } },
  high: { requests: { cpu: '3000m', memory: '500Mi' }, spec: { priority: 10 } },
  /** More than any node has. */
  huge: { requests: { cpu: '9', memory: '500Mi' }, spec: { priority: 10 } },
} satisfies Record<string, PodKind>;

export type PodKindName = keyof typeof POD_KINDS;

function spread(whenUnsatisfiable: string): PodKind {
  const labelSelector = { matchLabels: { color: 'blue' } };
  const constraint = { maxSkew: 5, topologyKey: ZONE, whenUnsatisfiable, labelSelector };
  return { requests: PLAIN, labels: { color: 'blue' }, spec: { topologySpreadConstraints: [constraint] } };
}

function required(color: string, topologyKey: string): PodAffinity {
  const term = { labelSelector: { matchLabels: { color } }, topologyKey, namespaces: NAMESPACES };
  return { requiredDuringSchedulingIgnoredDuringExecution: [term] };
}

function preferred(color: string, where: Pick<PodTerm, 'namespaces' | 'namespaceSelector'>): PodAffinity {
  const podAffinityTerm = { labelSelector: { matchLabels: { color } }, topologyKey: HOSTNAME, ...where };
  return { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm }] };
}

type PodTerm = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number];
