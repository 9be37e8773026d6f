/**
 * The clusters of a run, with everything in memory and reached over HTTPS: one of two made-up nodes, and one whose node is
 * a Docker Engine of the run's own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterOptions, startCluster } from '../../../runtime/up/cluster.ts';
import { connect } from '../../support/api-client.ts';
import { startDockerd } from '../../support/dockerd.ts';
import type { Check, Row } from '../row.ts';
import { importAgnhost } from './agnhost/image.ts';
import { kubectlIn } from './kubectl.ts';
import { held, resource } from './resource.ts';

export interface World {
  /** Several at a time may run. */
  run(row: Row): Promise<void>;
  stop(): Promise<void>;
}

export const REAL_NODE = 'real';

/** Without a real node. */
export function startWorld(): Promise<World> {
  return startWith({ nodes: 2, host: '127.0.0.1' });
}

/** undefined, said aloud, where no engine can be started. */
export async function startContainerWorld(): Promise<World | undefined> {
  const dockerd = await startDockerd();
  if (!dockerd) return undefined;
  try {
    await importAgnhost(dockerd.docker);
    const docker = { host: dockerd.host, allowPrivileged: false, nodeName: REAL_NODE };
    const world = await startWith({ nodes: 0, docker, proxy: 'auto', host: '127.0.0.1' });
    return {
      run: world.run,
      async stop() {
        await world.stop();
        await dockerd.close();
      },
    };
  } catch (error) {
    await dockerd.close();
    throw error;
  }
}

async function startWith(given: Pick<ClusterOptions, 'nodes' | 'docker' | 'host' | 'proxy'>): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-conformance-'));
  const problems: Error[] = [];
  const cluster = await startCluster({
    dataDir: directory,
    store: 'memory',
    port: 0,
    insecure: false,
    ...given,
    problem: (error) => void problems.push(error),
  });
  const { authority, adminToken } = cluster.server.auth;
  const api = connect({ url: cluster.url, authority: authority.pair.certificate, token: adminToken });
  writeFileSync(join(directory, 'admin.conf'), cluster.kubeconfig);
  const kubectl = kubectlIn(directory);

  const makeNamespace = async (name: string): Promise<string> => {
    held(await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }), 201);
    return name;
  };
  const baseOf = (groupVersion: string): string => (groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`);

  return {
    async run({ id, run }) {
      const unique = id.toLowerCase();
      const namespace = await makeNamespace(`conformance-${unique}`);
      const check: Check = {
        cluster,
        api,
        kubectl,
        namespace,
        unique,
        anotherNamespace: () => makeNamespace(`conformance-${unique}-other`),
        namespaced: (groupVersion, plural, within = namespace) =>
          resource(api, `${baseOf(groupVersion)}/namespaces/${within}/${plural}`),
        everywhere: (groupVersion, plural) => resource(api, `${baseOf(groupVersion)}/${plural}`),
      };
      const before = problems.length;
      try {
        await run(check);
      } finally {
        // Containers use up the machine: they go at once, and the rest of the namespace as it likes.
        if (given.docker) await api.delete(`/api/v1/namespaces/${namespace}/pods`, { gracePeriodSeconds: 0 });
        if (given.docker) await api.delete(`/api/v1/namespaces/${namespace}`);
      }
      if (problems.length > before)
        throw new Error(`the cluster reported a fault of its own: ${saidOf(problems[before])}`);
    },
    async stop() {
      api.disconnect();
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function saidOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
