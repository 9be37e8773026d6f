/** The rows of apps, batch, autoscaling and policy. Source: Kubernetes v1.36, pkg/registry/{apps,batch,autoscaling,policy}/rest. */
import { AUTOSCALER_V1 } from './convert/autoscaler.ts';
import type { ApiKind } from './kind.ts';
import { row, WORKLOAD_SCALE } from './row.ts';

const apps = { group: 'apps', version: 'v1', categories: ['all'] } as const;
const batch = { group: 'batch', version: 'v1', categories: ['all'] } as const;
const autoscaler = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  status: true,
} as const;

export const WORKLOAD_KINDS: readonly ApiKind[] = [
  row({ ...apps, categories: [], kind: 'ControllerRevision', plural: 'controllerrevisions' }),
  row({ ...apps, kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], status: true }),
  row({
    ...apps,
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    status: true,
    scale: WORKLOAD_SCALE,
  }),
  row({
    ...apps,
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    status: true,
    scale: WORKLOAD_SCALE,
    selectableFields: ['status.replicas'],
  }),
  row({
    ...apps,
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    status: true,
    scale: WORKLOAD_SCALE,
  }),
  row({ ...batch, kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], status: true }),
  row({ ...batch, kind: 'Job', plural: 'jobs', status: true, selectableFields: ['status.successful'] }),
  row({ ...autoscaler, version: 'v2' }),
  row({ ...autoscaler, version: 'v1', storage: AUTOSCALER_V1 }),
  row({
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    status: true,
  }),
];
