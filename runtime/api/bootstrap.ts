/** What a cluster starts with: created where it is absent, left as it is where it is there. */
import type { KubeObject } from '../../core/index.ts';
import { bootstrapObjects, namespaceObjects } from './auth/bootstrap/objects.ts';
import type { ApiClient, ResourceName } from './client.ts';
import { ApiError } from './http/status.ts';
import type { KindTable } from './kinds/table.ts';

/** Address of the API's own Service: the first of the default range. */
const API_ADDRESS = '10.96.0.1';

export interface BootstrapOptions {
  client: ApiClient;
  kinds: KindTable;
  /** PEM of the authority; '' for plain HTTP. */
  authority: string;
  /** Where the server listens. */
  host: string;
  port: number;
}

export async function bootstrap({ client, kinds, authority, host, port }: BootstrapOptions): Promise<void> {
  const ensure = (object: KubeObject): Promise<void> => ensureObject(client, kinds, object);
  const objects = bootstrapObjects();
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  await Promise.all(namespaces.map(ensure));
  await Promise.all(objects.filter(({ kind }) => kind !== 'Namespace').map(ensure));
  const present = [...client.view.list('', 'namespaces')];
  await Promise.all(present.map(({ metadata }) => furnishNamespace(client, kinds, metadata.name, authority)));
  await Promise.all([...apiService(host, port), ...localApiServices(kinds)].map(ensure));
}

/** The account that pods run as, and the authority they trust. */
export async function furnishNamespace(
  client: ApiClient,
  kinds: KindTable,
  namespace: string,
  authority: string,
): Promise<void> {
  await Promise.all(namespaceObjects(namespace, authority).map((object) => ensureObject(client, kinds, object)));
}

async function ensureObject(client: ApiClient, kinds: KindTable, object: KubeObject): Promise<void> {
  const { resource, namespaced } = resourceOf(kinds, object);
  const { name, namespace = '' } = object.metadata;
  if (client.view.get(resource.group, resource.resource, namespaced ? namespace : '', name)) return;
  try {
    await client.create(resource, object, { fieldManager: 'kube-apiserver' });
  } catch (error) {
    // Another server on the same store was faster, or the namespace is on its way out.
    if (!(error instanceof ApiError && (error.code === 409 || error.code === 403 || error.code === 404))) throw error;
  }
}

function resourceOf(
  kinds: KindTable,
  { apiVersion, kind }: KubeObject,
): { resource: ResourceName; namespaced: boolean } {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = apiVersion.slice(slash + 1);
  const row = kinds.ofKind(group, version, kind);
  if (!row) throw new Error(`${kind} of ${apiVersion} is not served`);
  return { resource: { group, version, resource: row.plural }, namespaced: row.namespaced };
}

/** default/kubernetes: how pods reach the API. */
function apiService(host: string, port: number): KubeObject[] {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels },
    spec: { clusterIP: API_ADDRESS, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: host.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports,
  };
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: host }], ports }],
  };
  // Nothing outside this machine can use a loopback address, and an EndpointSlice or Endpoints may not hold one.
  return host.startsWith('127.') || host === '::1' || host === 'localhost' ? [service] : [service, slice, endpoints];
}

/** Every version of every built-in group: this server answers for it. */
function localApiServices(kinds: KindTable): KubeObject[] {
  return kinds.groups().flatMap(({ group, versions }, i) =>
    versions.map((version) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: {
        name: `${version}.${group}`,
        labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' },
      },
      spec: { group, version, groupPriorityMinimum: Math.max(18_000 - i * 100, 100), versionPriority: 15 },
    })),
  );
}
