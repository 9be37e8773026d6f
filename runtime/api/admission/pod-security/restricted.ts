/**
 * Restricted: the baseline, and what is good practice beyond.
 * Source: Kubernetes v1.36, staging/src/k8s.io/pod-security-admission/policy/check_*.go.
 */
import { procMount } from './baseline.ts';
import type { Check, CheckForm, Violation } from './check.ts';
import {
  containersText,
  count,
  named,
  type PodView,
  quoted,
  type SecuredContainer,
  setters,
  sortedSet,
} from './pod-view.ts';
import { missingSeccomp } from './seccomp.ts';

type Find = CheckForm['find'];

/** From 1.25 on what Windows does not have is not asked of its pods. */
const exceptWindows =
  (find: Find): Find =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : find(pod);
/** From 1.35 on root is nobody outside, where a pod has users of its own. */
const exceptOwnUsers =
  (find: Find): Find =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : find(pod);

const since = (minor: number, find: Find, ...later: CheckForm[]): CheckForm[] => [{ since: minor, find }, ...later];

export const RESTRICTED: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    forms: since(8, allowPrivilegeEscalation, { since: 25, find: exceptWindows(allowPrivilegeEscalation) }),
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    forms: since(22, capabilities, { since: 25, find: exceptWindows(capabilities) }),
    overrides: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', level: 'restricted', forms: since(35, procMount), overrides: 'procMount_baseline' },
  { id: 'restrictedVolumes', level: 'restricted', forms: since(0, volumeTypes), overrides: 'hostPathVolumes' },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    forms: since(0, runAsNonRoot, { since: 35, find: exceptOwnUsers(runAsNonRoot) }),
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    forms: since(23, runAsUser, { since: 35, find: exceptOwnUsers(runAsUser) }),
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    forms: since(19, missingSeccomp, { since: 25, find: exceptWindows(missingSeccomp) }),
    overrides: 'seccompProfile_baseline',
  },
];

function allowPrivilegeEscalation(pod: PodView): Violation | undefined {
  const names = named(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  const detail = `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

function capabilities(pod: PodView): Violation | undefined {
  const added = ({ securityContext }: SecuredContainer): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
  const keeping = named(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const adding = named(pod, (container) => added(container).length > 0);
  const bad = quoted(sortedSet(pod.containers.flatMap(added)));
  const details = [
    ...(keeping.length > 0 ? [`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [`${containersText(adding)} must not include ${bad} in securityContext.capabilities.add`]
      : []),
  ];
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined;
}

/** Volumes of the node or of a server outside, as messages call them. */
const RESTRICTED_TYPES =
  'hostPath gcePersistentDisk awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs flocker fc ' +
  'azureFile vsphereVolume quobyte azureDisk photonPersistentDisk portworxVolume scaleIO storageos';
const ALLOWED_TYPES = 'configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret'.split(' ');

function volumeTypes({ spec }: PodView): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !ALLOWED_TYPES.some((type) => volume[type]));
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map((volume) => RESTRICTED_TYPES.split(' ').find((type) => volume[type]) ?? 'unknown'));
  const names = `${count(bad.length, 'volume', 'volumes')} ${quoted(bad.map(({ name }) => name))}`;
  const uses = `${count(bad.length, 'uses', 'use')} ${count(types.length, 'restricted volume type', 'restricted volume types')}`;
  return { reason: 'restricted volume types', detail: `${names} ${uses} ${quoted(types)}` };
}

function runAsNonRoot(pod: PodView): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const ofPod = pod.spec.securityContext?.runAsNonRoot;
  const explicit = named(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const who = setters(ofPod === false, explicit);
  if (who) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (ofPod) return undefined;
  const silent = named(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser(pod: PodView): Violation | undefined {
  const names = named(pod, ({ securityContext }) => securityContext?.runAsUser === 0);
  const who = setters(pod.spec.securityContext?.runAsUser === 0, names);
  return who ? { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` } : undefined;
}
