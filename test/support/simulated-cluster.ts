/** Small clusters over time for tests: objects, and a simulation of them with events as the command line has them. */
import type { Controller, KubeObject } from '../../core/index.ts';
import { beginningOf } from '../../sim/cluster/beginning.ts';
import { readScenario } from '../../sim/cluster/scenario/read-scenario.ts';
import { ClusterSimulation } from '../../sim/cluster/simulation.ts';
import { KindTable } from '../../sim/cluster/world/kinds.ts';
import type { Manifests } from '../../sim/traces/manifests.ts';

export function nodes(count: number, cpu = '4', zones = 3): KubeObject[] {
  return Array.from({ length: count }, (_, i) => {
    const name = `n${i}`;
    const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': 'abc'[i % zones] };
    const status = { allocatable: { cpu, memory: '16Gi', pods: '110' } };
    return { apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `node-${name}`, labels }, status } as KubeObject;
  });
}

export function podSpec(cpu = '500m', more: object = {}): object {
  return { containers: [{ name: 'main', image: 'app:1', resources: { requests: { cpu } } }], ...more };
}

/** @param more of the Deployment's spec. */
export function deployment(name: string, replicas: number, more: object = {}, spec = podSpec()): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', uid: `deployment-${name}` },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
      ...more,
    },
  } as KubeObject;
}

export function budget(name: string, spec: object): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'default', uid: `budget-${name}` },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  } as KubeObject;
}

export interface Played {
  events?: string;
  duration?: string;
  seed?: number;
  decider?: 'engine' | 'scan' | 'reference';
  controllers?(): Controller[];
}

export function simulationOf(objects: readonly KubeObject[], played: Played = {}): ClusterSimulation {
  const { events = '', duration = '10m', seed = 1, decider, controllers } = played;
  const others = objects.filter(({ kind }) => kind !== 'Node' && kind !== 'Pod');
  const of = (wanted: string): KubeObject[] => objects.filter(({ kind }) => kind === wanted);
  const manifests = { nodes: of('Node'), pods: of('Pod'), others, problems: [] } as unknown as Manifests;
  const beginning = beginningOf(manifests);
  const { scenario, applied, problems } = readScenario(
    { events, duration },
    beginning.objects,
    new KindTable(beginning.objects),
  );
  if (problems.length > 0) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  const options = { seed, decider, controllers, further: applied };
  return new ClusterSimulation(beginning.objects, beginning.startMs, scenario, options);
}
