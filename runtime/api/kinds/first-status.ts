/**
 * The status of an object that nobody has looked at yet: what Go writes of an empty one. Clients reach into it without
 * asking whether it is there. Source: Kubernetes v1.36, the status types of staging/src/k8s.io/api.
 */
import type { KubeObject } from '../../../core/index.ts';

/** 'group/Kind' → its first status; pods, namespaces, volumes and claims begin with a phase instead. */
const FIRST: ReadonlyMap<string, object> = new Map<string, object>([
  ['/Service', { loadBalancer: {} }],
  ['/ReplicationController', { replicas: 0 }],
  ['/ResourceQuota', {}],
  ['apps/Deployment', {}],
  ['apps/ReplicaSet', { replicas: 0 }],
  ['apps/StatefulSet', { replicas: 0, availableReplicas: 0 }],
  ['apps/DaemonSet', { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }],
  ['batch/Job', {}],
  ['batch/CronJob', {}],
  ['autoscaling/HorizontalPodAutoscaler', { desiredReplicas: 0 }],
  ['policy/PodDisruptionBudget', { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }],
  ['networking.k8s.io/Ingress', { loadBalancer: {} }],
  ['certificates.k8s.io/CertificateSigningRequest', {}],
  ['storage.k8s.io/VolumeAttachment', { attached: false }],
  ['resource.k8s.io/ResourceClaim', {}],
]);

export function withFirstStatus(group: string, kind: string, object: KubeObject): KubeObject {
  const status = FIRST.get(`${group}/${kind}`);
  return status ? ({ ...object, status } as KubeObject) : object;
}
