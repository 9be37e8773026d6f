/**
 * Every pod runs as a service account that is there; its token, the authority and the namespace are mounted unless pod
 * or account say no. Source: Kubernetes v1.36, plugin/pkg/admission/serviceaccount/admission.go. The deprecated
 * annotation kubernetes.io/enforce-mountable-secrets is not honoured.
 */
import { setTimeout } from 'node:timers/promises';
import type { Container, KubeObject, Pod, PodSpec, Volume } from '../../../core/index.ts';
import { forbidden } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isPodCreate, withSpec } from './pods.ts';

const VOLUME_PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A little over an hour: recognised by Kubernetes' own tools as the token of the default mount. */
const TOKEN_SECONDS = 3607;
const MIRROR = 'kubernetes.io/config.mirror';
const DEFAULT_ACCOUNT = 'default';
const MAX_LOOKS = 100;

interface ServiceAccount extends KubeObject {
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: { name: string }[];
}

/**
 * @param suffix five random characters for the name of the volume; asked once for an account as it is.
 * @param pause between two looks for an account that is about to be made.
 */
export function serviceAccount(
  view: ObjectsView,
  suffix: () => string,
  pause: () => Promise<unknown> = () => setTimeout(10),
): AdmissionPlugin {
  const suffixOf = oncePerAccount(suffix);
  return {
    name: 'ServiceAccount',
    mutate(request) {
      const pod = request.object as Pod;
      if (!isPodCreate(request) || isMirror(pod)) return pod;
      const name = (pod.spec.serviceAccountName as string) || DEFAULT_ACCOUNT;
      const missing = name === DEFAULT_ACCOUNT && !lookUp(view, request, name);
      if (!missing) return filled(pod, find(view, request, name), suffixOf);
      return awaitAccount(view, request, pause).then(() => filled(pod, find(view, request, name), suffixOf));
    },
    validate(request) {
      const pod = request.object as Pod;
      if (!isPodCreate(request)) return;
      if (!isMirror(pod)) {
        find(view, request, (pod.spec.serviceAccountName as string) || DEFAULT_ACCOUNT);
        return;
      }
      if (pod.spec.serviceAccountName) throw refused(request, 'a mirror pod may not reference service accounts');
      const bad = pod.spec.volumes?.find(({ projected }) =>
        (projected as { sources?: object[] } | undefined)?.sources?.some((source) => 'serviceAccountToken' in source),
      );
      if (bad) throw refused(request, 'a mirror pod may not use ServiceAccountToken volume projections');
    },
  };
}

/** Pods of one template and account shall have the same spec, so the volume of all of them has one name. */
function oncePerAccount(suffix: () => string): (account: ServiceAccount) => string {
  const known = new WeakMap<ServiceAccount, string>();
  return (account) => {
    let text = known.get(account);
    if (text === undefined) known.set(account, (text = suffix()));
    return text;
  };
}

/** A pod that the node agent runs by itself, shown in the API. */
function isMirror({ metadata }: Pod): boolean {
  return Boolean(metadata.annotations && Object.hasOwn(metadata.annotations, MIRROR));
}

function filled(pod: Pod, account: ServiceAccount, suffixOf: (account: ServiceAccount) => string): Pod {
  const { name } = account.metadata;
  let spec: PodSpec = { ...pod.spec, serviceAccountName: name, serviceAccount: name };
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (mounts) spec = withToken(spec, () => suffixOf(account));
  const secrets = spec.imagePullSecrets as unknown[] | undefined;
  if (!secrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }));
  }
  return withSpec(pod, spec);
}

/** A new namespace gets its default account a moment after it is there. */
async function awaitAccount(
  view: ObjectsView,
  request: AdmissionRequest,
  pause: () => Promise<unknown>,
): Promise<void> {
  for (let look = 0; look < MAX_LOOKS && !lookUp(view, request, DEFAULT_ACCOUNT); look++) await pause();
}

function lookUp(view: ObjectsView, { namespace }: AdmissionRequest, name: string): ServiceAccount | undefined {
  return view.get('', 'serviceaccounts', namespace, name);
}

function find(view: ObjectsView, request: AdmissionRequest, name: string): ServiceAccount {
  const account = lookUp(view, request, name);
  if (account) return account;
  throw refused(
    request,
    `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`,
  );
}

function refused({ name }: AdmissionRequest, why: string): Error {
  return forbidden('', 'pods', name, why);
}

function withToken(spec: PodSpec, suffix: () => string): PodSpec {
  const present = spec.volumes?.find(({ name }) => name?.startsWith(VOLUME_PREFIX))?.name;
  const name = present ?? VOLUME_PREFIX + suffix();
  let added = false;
  const mount = (container: Container): Container => {
    const mounts = (container.volumeMounts ?? []) as { mountPath: string }[];
    if (mounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) return container;
    added = true;
    return { ...container, volumeMounts: [...mounts, { name, readOnly: true, mountPath: MOUNT_PATH }] };
  };
  const mounted = {
    ...spec,
    ...(spec.initContainers && { initContainers: spec.initContainers.map(mount) }),
    containers: spec.containers.map(mount),
  };
  return present === undefined && added
    ? { ...mounted, volumes: [...(spec.volumes ?? []), tokenVolume(name)] }
    : mounted;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}
