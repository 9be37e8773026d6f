/**
 * Kinds that are neither pods nor their owners: configuration, storage, network, rights, limits.
 * Source: Kubernetes v1.36, pkg/apis/{core,storage,networking,rbac,scheduling}/v1/defaults.go.
 */
import { listAt, objectAt, type PlainObject, textAt } from '../../../../core/objects/index.ts';
import { put, within } from './fill.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** stringData is for writing only: it lands in data. */
export function fillSecret(secret: PlainObject): void {
  put(secret, 'type', 'Opaque');
  const texts = objectAt(secret, 'stringData');
  if (texts) {
    const data = within(secret, 'data');
    for (const [key, text] of Object.entries(texts)) {
      if (typeof text === 'string') data[key] = Buffer.from(text).toString('base64');
    }
  }
  delete secret.stringData;
}

export function fillNamespace(namespace: PlainObject): void {
  const metadata = within(namespace, 'metadata');
  const name = textAt(metadata, 'name');
  if (name) within(metadata, 'labels')['kubernetes.io/metadata.name'] = name;
}

export function fillEndpoints(endpoints: PlainObject): void {
  for (const subset of listAt(endpoints, 'subsets')) {
    for (const port of listAt(subset, 'ports')) put(port, 'protocol', 'TCP');
  }
}

export function fillVolume(volume: PlainObject): void {
  const spec = within(volume, 'spec');
  put(spec, 'persistentVolumeReclaimPolicy', 'Retain');
  put(spec, 'volumeMode', 'Filesystem');
  const hostPath = objectAt(spec, 'hostPath');
  if (hostPath && hostPath.type === undefined) hostPath.type = '';
  put(within(volume, 'status'), 'phase', 'Pending');
}

export function fillClaim(claim: PlainObject): void {
  put(within(claim, 'spec'), 'volumeMode', 'Filesystem');
  put(within(claim, 'status'), 'phase', 'Pending');
}

export function fillNetworkPolicy(policy: PlainObject): void {
  const spec = within(policy, 'spec');
  for (const rule of [...listAt(spec, 'ingress'), ...listAt(spec, 'egress')]) {
    for (const port of listAt(rule, 'ports')) put(port, 'protocol', 'TCP');
  }
  if (listAt(spec, 'policyTypes').length === 0) {
    spec.policyTypes = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
}

export function fillBinding(binding: PlainObject): void {
  const role = objectAt(binding, 'roleRef');
  if (role) put(role, 'apiGroup', RBAC);
  for (const subject of listAt(binding, 'subjects')) {
    if (subject.kind === 'User' || subject.kind === 'Group') put(subject, 'apiGroup', RBAC);
    else if (subject.kind === 'ServiceAccount') put(subject, 'apiGroup', '');
  }
}

/** A container's limit follows from the maximum, its request from the limit, then from the minimum. */
export function fillLimitRange(range: PlainObject): void {
  for (const item of listAt(objectAt(range, 'spec') ?? {}, 'limits')) {
    if (item.type !== 'Container') continue;
    const limits = { ...objectAt(item, 'max'), ...objectAt(item, 'default') };
    const requests = { ...objectAt(item, 'min'), ...limits, ...objectAt(item, 'defaultRequest') };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
}
