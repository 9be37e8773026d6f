/**
 * Where frontends are served by a process without privileges: it cannot take a cluster address, so a Service port is
 * reached at its node port, or where a mapping says.
 */
import { isIP, isIPv4 } from 'node:net';
import type { Frontend } from '../../core/index.ts';
import type { ListenAddress } from './userspace/listen-address.ts';

export interface Mapping {
  /** 'ns/name' */
  readonly service: string;
  /** The port's name or number. */
  readonly port: string;
  readonly to: ListenAddress;
}

/** 'NS/NAME:PORT=[HOST:]PORT,…'. @returns what is wrong, as a text, or the mappings. */
export function parseMappings(text: string): Mapping[] | string {
  const mappings: Mapping[] = [];
  for (const part of text.split(',')) {
    const [, namespace, name, port, host, number] =
      /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+):([A-Za-z0-9-]+)=(?:(.+):)?(\d+)$/.exec(part.trim()) ?? [];
    if (name === undefined) return `'${part}' is not NAMESPACE/SERVICE:PORT=[HOST:]PORT`;
    const address = host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1';
    if (isIP(address) === 0) return `'${address}' is not an IP address`;
    if (Number(number) < 1 || Number(number) > 65_535) return `port ${number} is not from 1 to 65535`;
    mappings.push({ service: `${namespace ?? 'default'}/${name}`, port, to: { host: address, port: Number(number) } });
  }
  return mappings;
}

/** '127.0.0.1:9100', '[::1]:9100'; undefined where it is none. */
export function parseAddress(text: string): ListenAddress | undefined {
  const [, sixth, host = sixth, number] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(number);
  return host !== undefined && isIP(host) !== 0 && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** Node ports at `nodeAddress`; cluster addresses where a mapping leads. */
export function placesFor(nodeAddress: string, mappings: readonly Mapping[]): (frontend: Frontend) => ListenAddress[] {
  const sixth = isIPv4(nodeAddress) ? V6_OF[nodeAddress] : nodeAddress;
  const fourth = isIPv4(nodeAddress) ? nodeAddress : undefined;
  return (frontend) => {
    if (frontend.kind === 'NodePort') {
      const host = frontend.family === 'IPv6' ? sixth : fourth;
      return host === undefined ? [] : [{ host, port: frontend.port }];
    }
    return frontend.kind === 'ClusterIP' ? mappings.filter((one) => leadsTo(one, frontend)).map(({ to }) => to) : [];
  };
}

/** The same place for the other family, where there is one. */
const V6_OF: Readonly<Record<string, string>> = { '127.0.0.1': '::1', '0.0.0.0': '::' };

export function leadsTo({ service, port }: Pick<Mapping, 'service' | 'port'>, frontend: Frontend): boolean {
  return frontend.service === service && (frontend.portName === port || String(frontend.port) === port);
}
