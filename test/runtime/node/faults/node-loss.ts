/**
 * A part of the made-up nodes falls silent, as if their agents had died. On the same path as for real ones each is missed,
 * tainted in its zone's pace, and its pods are sent off after their tolerationSeconds; ReplicaSets make others, and those run
 * elsewhere. When the nodes are heard from again, what was sent off goes, and nothing else.
 */
import type { V1Deployment, V1Node, V1Pod } from '@kubernetes/client-node';
import { Random } from '../../../../core/random.ts';
import { SILENT_ANNOTATION } from '../../../../runtime/node/made-up/node-objects.ts';
import { type RunningCluster, startCluster } from '../../../../runtime/up/cluster.ts';
import { newFolder } from '../../store/folder.ts';
import { nameOf, pause } from './cluster.ts';

const NODES = { group: '', resource: 'nodes' };
const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };
const WAIT_MS = 240_000;

export interface NodeLossOptions {
  nodes: number;
  lost: number;
  pods: number;
  deployments: number;
  tolerationSeconds: number;
  /** As kube-controller-manager's --node-monitor-grace-period. */
  graceMs: number;
  /** Nodes of a zone a second, of three. */
  evictionRate: number;
  seed: number;
}

export interface NodeLossReport {
  /** Milliseconds until all ran. */
  startMs: number;
  /** Pods on the nodes that fell silent. */
  victims: number;
  /** Milliseconds from the loss: until all those nodes were Unknown, tainted, their pods sent off, as many running elsewhere. */
  unknownMs: number;
  taintedMs: number;
  evictedMs: number;
  runningMs: number;
  /** Pods sent off a second, from the first to the last. */
  evictedPerSecond: number;
  /** From the nodes' return until exactly the pods asked for were there. */
  returnMs: number;
  problems: string[];
}

export async function nodeLoss(options: NodeLossOptions): Promise<NodeLossReport> {
  const { nodes, graceMs, evictionRate, seed } = options;
  const problems: string[] = [];
  const cluster = await startCluster({
    dataDir: newFolder(),
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes,
    seed,
    nodeLifecycle: { monitorGraceMs: graceMs, monitorPeriodMs: Math.min(5000, graceMs / 10), evictionRate },
    problem: ({ message, cause }) => void problems.push(`${message}: ${cause}`),
  });
  try {
    return await new Loss(cluster, options, problems).run();
  } finally {
    await cluster.stop();
  }
}

class Loss {
  readonly #cluster: RunningCluster;
  readonly #options: NodeLossOptions;
  readonly #problems: string[];

  constructor(cluster: RunningCluster, options: NodeLossOptions, problems: string[]) {
    this.#cluster = cluster;
    this.#options = options;
    this.#problems = problems;
  }

  async run(): Promise<NodeLossReport> {
    const { pods, lost, nodes, seed } = this.#options;
    const startMs = await this.#timed(
      () => this.#makeDeployments(),
      () => this.#running().length === pods,
    );
    const random = new Random(seed);
    const names = Array.from({ length: nodes }, (_, i) => `node-${i}`);
    for (let i = nodes - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [names[i], names[j]] = [names[j], names[i]];
    }
    const silent = new Set(names.slice(0, lost));
    const before = this.#running();
    const victims = new Set(before.filter((pod) => silent.has(nodeOf(pod))).map(uidOf));
    const spared = new Set(before.filter((pod) => !silent.has(nodeOf(pod))).map(uidOf));

    const lostMs = performance.now();
    await this.#annotate(silent, 'true');
    const since = (): number => Math.round(performance.now() - lostMs);
    const unknownMs = await this.#reached(since, () =>
      this.#nodes(silent).every((node) => readyOf(node) === 'Unknown'),
    );
    const taintedMs = await this.#reached(since, () => this.#nodes(silent).every(isEvictedFrom));
    let firstMs: number | undefined;
    const evictedMs = await this.#reached(since, () => {
      const left = this.#pods().filter((pod) => victims.has(uidOf(pod)) && !pod.metadata?.deletionTimestamp).length;
      if (left < victims.size) firstMs ??= since();
      return left === 0;
    });
    const runningMs = await this.#reached(since, () => this.#running().length === pods && this.#allAvailable());
    this.#check(silent, victims, spared);

    const returnMs = await this.#timed(
      () => this.#annotate(silent, null),
      () =>
        this.#pods().length === pods &&
        this.#nodes(silent).every((node) => readyOf(node) === 'True' && !isEvictedFrom(node)),
    );
    this.#check(new Set(), victims, spared);
    const seconds = Math.max(1, evictedMs - (firstMs ?? 0)) / 1000;
    const evictedPerSecond = Math.round(victims.size / seconds);
    const times = { startMs, unknownMs, taintedMs, evictedMs, runningMs, returnMs };
    return { ...times, victims: victims.size, evictedPerSecond, problems: this.#problems };
  }

  /** None doubled, none on a silent node, and those of other nodes are the ones they were. */
  #check(silent: ReadonlySet<string>, victims: ReadonlySet<string>, spared: ReadonlySet<string>): void {
    const running = this.#running();
    const problem = (text: string): void => void this.#problems.push(text);
    if (running.length !== this.#options.pods) problem(`${running.length} pods run`);
    const uids = new Set(running.map(uidOf));
    const gone = [...spared].filter((uid) => !uids.has(uid)).length;
    if (gone > 0) problem(`${gone} pods of nodes that were heard from all the time are gone`);
    const left = running.filter((pod) => silent.has(nodeOf(pod)) || victims.has(uidOf(pod)));
    if (left.length > 0) problem(`${left.length} that were sent off are there, ${nameOf(left[0])} first`);
    for (const { metadata, status, spec } of this.#deployments()) {
      if (status?.availableReplicas !== spec?.replicas) problem(`${metadata?.name} has ${status?.availableReplicas}`);
    }
  }

  async #makeDeployments(): Promise<void> {
    const { deployments, pods, tolerationSeconds } = this.#options;
    const tolerations = ['not-ready', 'unreachable'].map((what) => {
      return { key: `node.kubernetes.io/${what}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
    });
    const { client } = this.#cluster.server;
    for (let i = 0; i < deployments; i++) {
      const labels = { app: `app-${i}` };
      const containers = [{ name: 'a', image: 'a', resources: { requests: { cpu: '100m', memory: '64Mi' } } }];
      const template = { metadata: { labels }, spec: { containers, tolerations } };
      const spec = { replicas: pods / deployments, selector: { matchLabels: labels }, template };
      const metadata = { name: `app-${i}`, namespace: 'default' };
      await client.create(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec } as never);
    }
  }

  async #annotate(names: ReadonlySet<string>, value: string | null): Promise<void> {
    const { client } = this.#cluster.server;
    const patch = { metadata: { annotations: { [SILENT_ANNOTATION]: value } } };
    await Promise.all([...names].map((name) => client.patch(NODES, '', name, patch, { type: 'merge' })));
  }

  async #timed(begin: () => Promise<void>, holds: () => boolean): Promise<number> {
    const beganMs = performance.now();
    await begin();
    return this.#reached(() => Math.round(performance.now() - beganMs), holds);
  }

  async #reached(since: () => number, holds: () => boolean): Promise<number> {
    while (!holds()) {
      if (since() > WAIT_MS) {
        const taints = this.#nodes().filter(isEvictedFrom).length;
        throw new Error(`not reached: ${this.#running().length} run, ${taints} nodes given up; ${this.#problems}`);
      }
      await pause(50);
    }
    return since();
  }

  #pods(): V1Pod[] {
    return [...this.#cluster.server.client.view.list('', 'pods', 'default')] as unknown as V1Pod[];
  }

  #running(): V1Pod[] {
    return this.#pods().filter(({ metadata, status }) => status?.phase === 'Running' && !metadata?.deletionTimestamp);
  }

  #nodes(names?: ReadonlySet<string>): V1Node[] {
    const all = [...this.#cluster.server.client.view.list('', 'nodes')] as unknown as V1Node[];
    return names ? all.filter(({ metadata }) => names.has(metadata?.name ?? '')) : all;
  }

  #deployments(): V1Deployment[] {
    return [...this.#cluster.server.client.view.list('apps', 'deployments', 'default')] as unknown as V1Deployment[];
  }

  #allAvailable(): boolean {
    return this.#deployments().every(({ status, spec }) => status?.availableReplicas === spec?.replicas);
  }
}

const nodeOf = ({ spec }: V1Pod): string => spec?.nodeName ?? '';
const uidOf = ({ metadata }: V1Pod): string => metadata?.uid ?? '';
const readyOf = ({ status }: V1Node): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const isEvictedFrom = ({ spec }: V1Node): boolean =>
  spec?.taints?.some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute') ?? false;
