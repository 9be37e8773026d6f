/** Services on the network of network.ts, as the node's data plane is told of them. */
import { frontendKey, frontendTable } from '../../../../core/balancer/frontends.ts';
import { parseCidr } from '../../../../core/objects/ip.ts';
import type { Endpoint, EndpointSlice, Service, ServiceSpec } from '../../../../core/objects/types.ts';
import { type ServedTable, tableChanges } from '../../../../runtime/proxy/changes.ts';
import { type NftablesOptions, NftablesPlane } from '../../../../runtime/proxy/nftables/plane.ts';
import { DEFAULT_SETTINGS, type PortSettings } from '../../../../runtime/proxy/settings.ts';
import { serviceOf, sliceOf } from '../../../support/services.ts';
import { FAR_IP, type Network, POD_RANGES, podIp, podIp6 } from './network.ts';

export const VIP = '10.96.0.10';
export const VIP6 = 'fd00:96::a';
export const NODE_PORT = 30_080;

/** A pod by its number, or the pod of the other node. */
export type Backend = number | 'far';

export interface Serving {
  spec?: ServiceSpec;
  status?: Service['status'];
  protocol?: 'TCP' | 'UDP';
  settings?: Partial<PortSettings>;
  backends: readonly Backend[];
}

/** One Service 'web' with a port 80 in both families, that leads to port 8080 of its backends. */
export function tableOf({ spec, status, protocol = 'TCP', settings, backends }: Serving): ServedTable {
  const ports = [{ port: 80, protocol, ...(spec?.type && spec.type !== 'ClusterIP' && { nodePort: NODE_PORT }) }];
  const service = serviceOf('web', { clusterIP: VIP, clusterIPs: [VIP, VIP6], ports, ...spec });
  const slices = (['IPv4', 'IPv6'] as const).map((family) =>
    sliceOf('web', `web-${family}`, endpointsOf(backends, family), {
      addressType: family,
      ports: [{ name: '', port: 8080, protocol }],
    } satisfies Partial<EndpointSlice>),
  );
  const table = frontendTable([{ ...service, ...(status && { status }) }], slices, { name: 'n1' });
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const asked = new Map([...table.frontends.values()].map((frontend) => [frontendKey(frontend), all]));
  return { table, settings: asked, balances: new Map() };
}

function endpointsOf(backends: readonly Backend[], family: 'IPv4' | 'IPv6'): Endpoint[] {
  const four = family === 'IPv4';
  return backends.map((backend) => ({
    addresses: [backend === 'far' ? (four ? FAR_IP : 'fd00:2::1') : four ? podIp(backend) : podIp6(backend)],
    nodeName: backend === 'far' ? 'n2' : 'n1',
  }));
}

export class World {
  readonly network: Network;
  readonly plane: NftablesPlane;
  #now: ServedTable | undefined;
  #version = 0;

  constructor(network: Network, plane: NftablesPlane) {
    this.network = network;
    this.plane = plane;
  }

  static async start(network: Network, options: NftablesOptions = {}): Promise<World> {
    return new World(network, await NftablesPlane.start({ ...optionsFor(network), ...options }));
  }

  async serve(serving: Serving): Promise<void> {
    const next = tableOf(serving);
    const changes = tableChanges(this.#now, next);
    this.#now = next;
    await this.plane.apply(++this.#version, changes);
  }
}

export function optionsFor({ node }: Network): NftablesOptions {
  return { nodeName: 'n1', podRanges: POD_RANGES.map((range) => parseCidr(range)!), netns: node.netns };
}
