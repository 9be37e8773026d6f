/**
 * Decisions per second on plain pods, from the queue through the cycle to the assumed pod: kube-scheduler's GrowthPlain
 * scenario as it was measured for comparison. All pods are in the queue before the clock starts; pods ask for 100m cpu
 * and 500Mi, nodes have 4 cpu, 32Gi and room for 110 pods.
 *
 *   npx node bench/growth-plain.bench.ts [--runs N] [--decider scan|reference] [--nodes N --pods N --percentage P]
 */
import { parseArgs } from 'node:util';
import { type DeciderKind, deciderKind, defaultProfile, type Node, type Pod } from '../core/index.ts';
import { makeWorld } from '../sim/placement/world.ts';

interface Scenario {
  nodes: number;
  pods: number;
  /** percentageOfNodesToScore; 0 adapts. */
  percentage: number;
}

const SCENARIOS: readonly Scenario[] = [
  { nodes: 1000, pods: 3000, percentage: 100 },
  { nodes: 5000, pods: 1000, percentage: 100 },
  { nodes: 20_000, pods: 300, percentage: 100 },
  { nodes: 1000, pods: 5000, percentage: 0 },
  { nodes: 5000, pods: 10_000, percentage: 0 },
  { nodes: 20_000, pods: 3000, percentage: 0 },
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '4' },
    decider: { type: 'string', default: 'scan' },
    nodes: { type: 'string' },
    pods: { type: 'string' },
    percentage: { type: 'string', default: '100' },
  },
});
const own: Scenario = {
  nodes: Number(values.nodes ?? 5000),
  pods: Number(values.pods ?? 1000),
  percentage: Number(values.percentage),
};
const decider = deciderKind(values.decider);
console.log(`Node ${process.versions.node}, decider ${decider}, tie rule first, one thread`);
console.log('nodes   pods    percentageOfNodesToScore  pods/s (median; runs)');
for (const scenario of values.nodes ? [own] : SCENARIOS) {
  const runs: number[] = [];
  for (let i = 0; i < Number(values.runs); i++) runs.push(await podsPerSecond(scenario, decider));
  const median = runs.toSorted((a, b) => a - b)[runs.length >> 1];
  const { nodes, pods, percentage } = scenario;
  const head = `${String(nodes).padEnd(8)}${String(pods).padEnd(8)}${String(percentage).padEnd(26)}`;
  console.log(`${head}${median.toFixed(0)} (${runs.map((run) => run.toFixed(0)).join(', ')})`);
}

async function podsPerSecond({ nodes, pods, percentage }: Scenario, decider: DeciderKind): Promise<number> {
  const profiles = [{ ...defaultProfile(), percentageOfNodesToScore: percentage }];
  const { scheduler, settle } = makeWorld({ decider, tieRule: 'first', seed: 42, profiles });
  for (let i = 0; i < nodes; i++) scheduler.nodeAdded(plainNode(i));
  for (let i = 0; i < pods; i++) scheduler.podAdded(plainPod(i));
  const startedMs = performance.now();
  await settle();
  const tookMs = performance.now() - startedMs;
  if (scheduler.counters.scheduled !== pods) throw new Error(`${scheduler.counters.scheduled} of ${pods} scheduled`);
  return (1000 * pods) / tookMs;
}

function plainNode(i: number): Node {
  const name = `node-${i}`;
  const allocatable = { cpu: '4', memory: '32Gi', pods: '110' };
  const metadata = { name, labels: { 'kubernetes.io/hostname': name } };
  return { apiVersion: 'v1', kind: 'Node', metadata, status: { capacity: allocatable, allocatable } };
}

function plainPod(i: number): Pod {
  const requests = { cpu: '100m', memory: '500Mi' };
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10.1', resources: { requests } }];
  const metadata = { name: `pod-${i}`, namespace: 'sched-1' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } };
}
