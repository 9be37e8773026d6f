/** One Service port as a data plane is told of it. */
import type { BackendEndpoint, Frontend } from '../../core/index.ts';
import type { ServedBackends } from '../../runtime/proxy/data-plane.ts';

export function frontendOf(name: string): Frontend {
  const route = { verdict: 'forward', policy: 'Cluster', endpoints: [] } as const;
  return {
    kind: 'ClusterIP',
    family: 'IPv4',
    address: '10.96.0.10',
    port: 80,
    protocol: 'TCP',
    service: `default/${name}`,
    portName: '',
    fromOutside: route,
    fromNode: route,
    affinitySeconds: 0,
    sourceRanges: [],
  };
}

export function backendsOf(name: string, endpoints: readonly BackendEndpoint[], policy = 'random'): ServedBackends {
  return { name: `default/${name}:/TCP/IPv4/Cluster`, protocol: 'TCP', endpoints, policy, affinitySeconds: 0 };
}
