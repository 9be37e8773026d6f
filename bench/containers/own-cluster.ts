/** A cluster in this process on a Docker Engine of the benchmark's own, with the images of the examples there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureImage, IMAGES } from '../../runtime/examples/images/build.ts';
import { DockerEngine } from '../../runtime/node/docker/engine/docker-engine.ts';
import type { ProxyMode } from '../../runtime/services/carriers/choose.ts';
import { type RunningCluster, startCluster } from '../../runtime/up/cluster.ts';
import { startDockerd, type TestDockerd } from '../../test/support/dockerd.ts';

export interface OwnEngine {
  dockerd: TestDockerd;
  engine: DockerEngine;
}

/** undefined, said aloud, where none can be started. */
export async function startEngine(): Promise<OwnEngine | undefined> {
  const dockerd = await startDockerd();
  if (!dockerd) return undefined;
  const engine = new DockerEngine(dockerd.host);
  for (const image of IMAGES) await ensureImage(engine, image);
  return { dockerd, engine };
}

/** Ended, with its files, when `use` is. */
export async function inCluster<T>(
  { dockerd }: OwnEngine,
  use: (cluster: RunningCluster) => Promise<T>,
  proxy: ProxyMode = 'auto',
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const cluster = await startCluster({
    dataDir,
    store: 'lmdb',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 0,
    docker: { host: dockerd.host, allowPrivileged: false, nodeName: 'real' },
    proxy,
    nodePortAddress: '127.0.0.1',
    problem: (error) => console.error(error),
  });
  try {
    return await use(cluster);
  } finally {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Until the engine has no container any more. */
export async function emptied({ dockerd }: OwnEngine, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while ((await dockerd.docker.listContainers({ all: true })).length > 0) {
    if (Date.now() > end) throw new Error(`containers are still there after ${limitMs} ms`);
    await new Promise((next) => setTimeout(next, 20));
  }
}
