/** The API where pods of this machine reach it, which is not at its loopback address, and default/kubernetes says so. */
import type { EndpointSlice, KubeObject } from '../../core/index.ts';
import type { ApiClient, ResourceName } from '../api/client.ts';
import { ApiError } from '../api/http/status.ts';
import type { ApiServer } from '../api/server.ts';
import type { PodBridge } from '../services/carriers/carrier.ts';

/** The Service's, by which pods know the API: a name of the server's certificate. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const API_SERVICE = 'default/kubernetes';

const SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };
const ENDPOINTS = { group: '', resource: 'endpoints' };

export interface ApiAddress {
  host: string;
  port: number;
}

/**
 * Listens on the pods' network too, where the server does not so far, and writes where that is. Of several servers on one
 * store the last one is written; each has its own pods by its own.
 * @throws the system's error where there is no such address on this machine.
 */
export async function offerApiToPods(server: ApiServer, url: string, { gateway }: PodBridge): Promise<ApiAddress> {
  const { hostname, port: text } = new URL(url);
  const port = Number(text);
  const address = { host: gateway, port };
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.'))
    address.port = await listenOn(server, gateway, port);
  else if (hostname !== '0.0.0.0' && hostname !== '[::]') address.host = hostname.replace(/^\[(.*)\]$/, '$1');
  await write(server.client, address);
  return address;
}

/** At the same port, or at any where that is taken. */
async function listenOn(server: ApiServer, host: string, port: number): Promise<number> {
  try {
    return await server.listenAlso({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return server.listenAlso({ host, port: 0 });
  }
}

export function apiSlice({ host, port }: ApiAddress): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: host.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [host], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}

async function write(client: ApiClient, address: ApiAddress): Promise<void> {
  const { host, port } = address;
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: [{ ip: host }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  } as KubeObject;
  await Promise.all([put(client, SLICES, apiSlice(address)), put(client, ENDPOINTS, endpoints)]);
}

async function put(client: ApiClient, resource: ResourceName, object: KubeObject): Promise<void> {
  const options = { fieldManager: 'kube-apiserver' };
  try {
    await client.create(resource, object, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 409)) throw error;
    await client.update(resource, object, options);
  }
}
