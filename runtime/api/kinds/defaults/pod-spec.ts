/**
 * What an API server fills into pods and pod templates, so that a client may read any of it without looking first.
 * Amounts (requests from limits, rounding) come from core/objects/defaults. Source: Kubernetes v1.36,
 * pkg/apis/core/v1/defaults.go.
 */
import {
  defaultPodResources,
  listAt,
  objectAt,
  type PlainObject,
  type Pod,
  textAt,
} from '../../../../core/objects/index.ts';
import { put, within } from './fill.ts';

/** 0644 */
const FILE_MODE = 420;
const TOKEN_SECONDS = 3600;

/** `spec` is changed in place; gives the spec to keep. */
export function fillPodSpec(spec: PlainObject): PlainObject {
  put(spec, 'restartPolicy', 'Always');
  put(spec, 'terminationGracePeriodSeconds', 30);
  put(spec, 'dnsPolicy', 'ClusterFirst');
  put(spec, 'securityContext', {});
  put(spec, 'schedulerName', 'default-scheduler');
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (account) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const volume of listAt(spec, 'volumes')) fillVolume(volume);
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of listAt(spec, field)) fillContainer(container, spec.hostNetwork === true);
  }
  if (!Array.isArray(spec.containers)) return spec;
  // The amounts are written over plain objects that have passed as a pod's.
  const amounts = { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' }, spec } as unknown as Pod;
  return defaultPodResources(amounts) as unknown as PlainObject;
}

/** A template's metadata and spec, under `owner[field]`. */
export function fillTemplate(owner: PlainObject, field = 'template'): void {
  const template = objectAt(owner, field);
  if (!template) return;
  within(template, 'metadata');
  const spec = objectAt(template, 'spec');
  if (spec) template.spec = fillPodSpec(spec);
}

function fillContainer(container: PlainObject, hostNetwork: boolean): void {
  put(container, 'terminationMessagePath', '/dev/termination-log');
  put(container, 'terminationMessagePolicy', 'File');
  put(container, 'imagePullPolicy', pullPolicy(textAt(container, 'image') ?? ''));
  put(container, 'resources', {});
  for (const port of listAt(container, 'ports')) {
    put(port, 'protocol', 'TCP');
    if (hostNetwork && !port.hostPort) port.hostPort = port.containerPort;
  }
  for (const variable of listAt(container, 'env')) fillSource(objectAt(variable, 'valueFrom') ?? {});
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = objectAt(container, field);
    if (probe) fillProbe(probe);
  }
  const lifecycle = objectAt(container, 'lifecycle') ?? {};
  for (const hook of ['postStart', 'preStop']) fillHandler(objectAt(lifecycle, hook) ?? {});
  const security = objectAt(container, 'securityContext');
  if (security?.procMount === '') security.procMount = 'Default';
}

/** Only what may move under its name is pulled anew: no tag, or the tag latest. */
export function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function fillProbe(probe: PlainObject): void {
  for (const [field, value] of [
    ['timeoutSeconds', 1],
    ['periodSeconds', 10],
    ['successThreshold', 1],
    ['failureThreshold', 3],
  ] as const) {
    if (!probe[field]) probe[field] = value;
  }
  fillHandler(probe);
}

function fillHandler(handler: PlainObject): void {
  const http = objectAt(handler, 'httpGet');
  if (http) {
    put(http, 'path', '/');
    put(http, 'scheme', 'HTTP');
  }
  const grpc = objectAt(handler, 'grpc');
  if (grpc && grpc.service === undefined) grpc.service = '';
}

/** valueFrom of a variable, or an item of a downwardAPI volume. */
function fillSource(source: PlainObject): void {
  const field = objectAt(source, 'fieldRef');
  if (field) put(field, 'apiVersion', 'v1');
  const resource = objectAt(source, 'resourceFieldRef');
  if (resource) put(resource, 'divisor', '0');
}

function fillVolume(volume: PlainObject): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  const hostPath = objectAt(volume, 'hostPath');
  if (hostPath && hostPath.type === undefined) hostPath.type = '';
  for (const field of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const source = objectAt(volume, field);
    if (source) put(source, 'defaultMode', FILE_MODE);
  }
  for (const item of listAt(objectAt(volume, 'downwardAPI') ?? {}, 'items')) fillSource(item);
  for (const source of listAt(objectAt(volume, 'projected') ?? {}, 'sources')) {
    const token = objectAt(source, 'serviceAccountToken');
    if (token) put(token, 'expirationSeconds', TOKEN_SECONDS);
    for (const item of listAt(objectAt(source, 'downwardAPI') ?? {}, 'items')) fillSource(item);
  }
  const claim = objectAt(objectAt(volume, 'ephemeral') ?? {}, 'volumeClaimTemplate');
  if (claim) {
    within(claim, 'metadata');
    put(within(claim, 'spec'), 'volumeMode', 'Filesystem');
  }
  fillDisk(volume);
}

/** Network disks that say how they are attached. */
function fillDisk(volume: PlainObject): void {
  const iscsi = objectAt(volume, 'iscsi');
  if (iscsi) put(iscsi, 'iscsiInterface', 'default');
  const rbd = objectAt(volume, 'rbd');
  if (rbd) {
    put(rbd, 'pool', 'rbd');
    put(rbd, 'user', 'admin');
    put(rbd, 'keyring', '/etc/ceph/keyring');
  }
  const azure = objectAt(volume, 'azureDisk');
  if (azure) {
    put(azure, 'cachingMode', 'ReadWrite');
    put(azure, 'kind', 'Shared');
    put(azure, 'fsType', 'ext4');
    put(azure, 'readOnly', false);
  }
  const scale = objectAt(volume, 'scaleIO');
  if (scale) {
    put(scale, 'storageMode', 'ThinProvisioned');
    put(scale, 'fsType', 'xfs');
  }
}
