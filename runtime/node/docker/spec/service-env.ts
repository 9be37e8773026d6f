/** Variables that tell a container of the Services beside it. Source: Kubernetes v1.36, pkg/kubelet/envvars/envvars.go. */
import type { V1Pod, V1Service, V1ServicePort } from '@kubernetes/client-node';
import { namespaceOf } from './lookups.ts';

export function serviceVariables(pod: V1Pod, services: readonly V1Service[]): Map<string, string> {
  const links = pod.spec?.enableServiceLinks !== false;
  const variables = new Map<string, string>();
  const named = new Map<string, V1Service>();
  for (const service of services) {
    const { name = '', namespace } = service.metadata ?? {};
    const isApi = namespace === 'default' && name === 'kubernetes';
    const own = links && namespace === namespaceOf(pod);
    // One of the pod's own namespace hides the API's of the same name.
    if (own || (isApi && !named.has(name))) named.set(name, service);
  }
  for (const [name, service] of named) {
    for (const [key, value] of variablesOf(name, service)) variables.set(key, value);
  }
  return variables;
}

function* variablesOf(name: string, { spec }: V1Service): Generator<[string, string]> {
  const host = spec?.clusterIP;
  const ports = spec?.ports ?? [];
  if (!host || host === 'None' || ports.length === 0) return;
  const prefix = upper(name);
  yield [`${prefix}_SERVICE_HOST`, host];
  yield [`${prefix}_SERVICE_PORT`, String(ports[0].port)];
  for (const { name: port, port: number } of ports) {
    if (port) yield [`${prefix}_SERVICE_PORT_${upper(port)}`, String(number)];
  }
  yield [`${prefix}_PORT`, urlOf(host, ports[0])];
  for (const port of ports) {
    const protocol = port.protocol ?? 'TCP';
    const one = `${prefix}_PORT_${port.port}_${protocol}`;
    yield [one, urlOf(host, port)];
    yield [`${one}_PROTO`, protocol.toLowerCase()];
    yield [`${one}_PORT`, String(port.port)];
    yield [`${one}_ADDR`, host];
  }
}

function urlOf(host: string, { protocol = 'TCP', port }: V1ServicePort): string {
  return `${protocol.toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_');
