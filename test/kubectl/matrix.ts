/** The matrix: every case with every kubectl, each version against a cluster of its own, as `keelson up --nodes 3` starts it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCluster, startCluster } from '../../runtime/up/cluster.ts';
import type { CaseGroup, KubectlCase, KubectlVersion } from './case.ts';
import { type RealPods, startRealPods } from './real-pods.ts';
import { runCase, stepsFor, until, type World } from './run-case.ts';

/** 'not in it': the client's version cannot do it. */
export type Verdict = 'passed' | 'failed' | 'needs controller' | 'not in it';

export interface Result {
  group: string;
  name: string;
  version: KubectlVersion;
  verdict: Verdict;
  /** Of those that failed: what was run, expected and said. */
  failure?: string;
  tookMs: number;
}

export interface MatrixOptions {
  groups: readonly CaseGroup[];
  /** Version → program. */
  clients: ReadonlyMap<KubectlVersion, string>;
  /** Cases at a time: most of them wait. */
  parallel?: number;
  /** Pods run in containers of a Docker Engine of the matrix's own. */
  docker?: boolean;
  /** After every version. */
  progress?(version: KubectlVersion, results: readonly Result[]): void;
}

const NODES = 3;

/** One version after the other. */
export async function runMatrix(options: MatrixOptions): Promise<Result[]> {
  const { clients, progress } = options;
  const real = options.docker ? await startRealPods() : undefined;
  try {
    const all: Result[] = [];
    for (const [version, program] of clients) {
      const results = await runVersion(options, version, program, real);
      all.push(...results);
      progress?.(version, results);
    }
    return all;
  } finally {
    await real?.close();
  }
}

const podCount = ({ server }: RunningCluster): number => [...server.client.view.list('', 'pods')].length;

interface Row {
  group: string;
  kase: KubectlCase;
}

async function runVersion(
  { groups, parallel = 4 }: MatrixOptions,
  version: KubectlVersion,
  program: string,
  real: RealPods | undefined,
): Promise<Result[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-kubectl-'));
  const problems: string[] = [];
  const cluster = await startCluster({
    dataDir: join(directory, 'data'),
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: false,
    nodes: NODES,
    ...real?.options,
    problem: (error) => void problems.push(`${error.message} ${error.cause ?? ''}`),
  });
  try {
    await real?.prefer(cluster);
    const programs = join(directory, 'bin');
    mkdirSync(programs);
    symlinkSync(program, join(programs, 'kubectl'));
    const world: World = { cluster, version, programs, directory };
    const rows = groups.flatMap(({ name: group, cases }) => cases.map((kase): Row => ({ group, kase })));
    const results = new Map<Row, Result>();
    const run = async (row: Row): Promise<void> => void results.set(row, await judged(row, rows.indexOf(row), world));
    const crowd = rows.filter(({ kase }) => !kase.alone);
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        for (let row = crowd.shift(); row; row = crowd.shift()) await run(row);
      }),
    );
    const alone = rows.filter(({ kase }) => kase.alone);
    if (alone.length > 0) await until('the pods of the other cases go', () => podCount(cluster) === 0);
    for (const row of alone) await run(row);
    if (problems.length > 0) throw new Error(`the cluster had problems of its own: ${problems.join('; ')}`);
    return rows.flatMap((row) => results.get(row) ?? []);
  } finally {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function judged({ group, kase }: Row, i: number, world: World): Promise<Result> {
  const { version } = world;
  const result = { group, name: kase.name, version };
  if (kase.needs) return { ...result, verdict: 'needs controller', tookMs: 0 };
  if (stepsFor(kase, version).length === 0) return { ...result, verdict: 'not in it', tookMs: 0 };
  const began = Date.now();
  const failure = await runCase(kase, `case-${i}`, world);
  const tookMs = Date.now() - began;
  return failure === undefined
    ? { ...result, verdict: 'passed', tookMs }
    : { ...result, verdict: 'failed', failure, tookMs };
}
